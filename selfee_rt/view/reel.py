"""One video file, of which single pictures are wanted."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S

WIDEST_PX = 640
ROUNDED_NS = 2_000_000
"""Matroska keeps whole milliseconds."""
FORWARD_NS = 2 * NS_PER_S
"""What is not further ahead is reached by decoding on, without a jump."""


class Reel:
    """Used by one thread; what cannot be read is said, not raised."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._container: Any = None
        self._frames: Any = None
        self._last_ns: int | None = None
        self._reformatter = VideoReformatter()

    def picture(self, at_ns: int) -> NDArray[np.uint8] | str:
        """The picture at a time, (H, W) or (H, W, 3) uint8, full range, at most 640 wide; or why there is none."""
        try:
            frame = self._frame(at_ns)
        except (av.FFmpegError, OSError, IndexError) as error:
            self.close()
            return f"{self.path.name} cannot be read: {error}"
        return "the video ends before" if frame is None else self._small(frame)

    def close(self) -> None:
        """Close the file; allowed twice."""
        if self._container is not None:
            with suppress(av.FFmpegError, OSError):
                self._container.close()
        self._container = self._last_ns = None

    def _frame(self, at_ns: int) -> Any:
        """The first frame that is not before a time."""
        if self._container is None:
            self._container = av.open(str(self.path))
            self._frames = self._container.decode(video=0)
        last_ns = self._last_ns
        if last_ns is None or not last_ns < at_ns - ROUNDED_NS < last_ns + FORWARD_NS:
            self._container.seek(max(0, (at_ns - ROUNDED_NS) // 1000), backward=True)  # in units of 1 µs
            self._frames = self._container.decode(video=0)
        for frame in self._frames:
            self._last_ns = round((frame.time or 0.0) * NS_PER_S)
            if self._last_ns >= at_ns - ROUNDED_NS:
                return frame
        self._last_ns = None
        return None

    def _small(self, frame: Any) -> NDArray[np.uint8]:
        width = min(frame.width, WIDEST_PX)
        colour = not frame.format.name.startswith(("gray", "yuv420p", "yuvj420p"))
        picture: Any = self._reformatter.reformat(
            frame,
            width=width,
            height=max(1, round(frame.height * width / frame.width)),
            format="rgb24" if colour else "gray",
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.BILINEAR,
        ).to_ndarray()
        return np.ascontiguousarray(picture, np.uint8)
