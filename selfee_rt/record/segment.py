"""One video file that a kill cannot take more than the last moments of."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from numpy.typing import NDArray

from selfee_rt.errors import FolderError, RecordingFailed
from selfee_rt.record.picture import BT601, FULL_RANGE, Picture, pixel_format

_TIME_BASE = Fraction(1, 1_000_000)
"""Of the encoder. Matroska keeps whole milliseconds; the exact `media_ns` is in the log."""
_CONTAINER = {"cluster_time_limit": "200", "flush_packets": "1"}
"""A cluster is written as one piece when it is complete, and handed to the system at once."""


class Segment:
    """A Matroska file, H.264 or FFV1, all pictures of one size; every frame leaves the encoder at once.

    | images | h264 | ffv1 |
    |---|---|---|
    | (H, W) grey | yuv420p, full range (gray for odd sizes) | gray |
    | (H, W, 3) RGB | yuv444p, full range, BT.601 | bgr0 |

    FFV1 gives back exactly what was written. H.264 has a keyframe a second and no B-frames. Used by one thread.

    Raises:
        FolderError: the file exists.
        RecordingFailed: it cannot be made, or there is no such encoder.
    """

    def __init__(
        self, path: Path, codec: Literal["h264", "ffv1"], shape: tuple[int, ...], *, fps: float, crf: int
    ) -> None:
        if path.exists():
            raise FolderError(f"{path} exists; a session never overwrites anything")
        self.path = path
        self.shape = shape
        self.n_frames = 0
        self._last_pts = -1
        self._failed = False
        pixels = pixel_format(codec, shape)
        try:
            self._container = av.open(str(path), "w", format="matroska", options=_CONTAINER)
            rate = Fraction(fps).limit_denominator(100_000)
            self._stream: Any = self._container.add_stream("libx264" if codec == "h264" else "ffv1", rate=rate)
            self._stream.height, self._stream.width = shape[:2]
            self._stream.pix_fmt = pixels
            self._set_up(codec, fps, crf)
            self._container.start_encoding()
        except (av.FFmpegError, OSError, UnknownCodecError) as error:
            raise RecordingFailed(f"cannot record to {path}: {error}; make space, or record no video") from error
        self._picture = Picture(shape, pixels)

    def _set_up(self, codec: str, fps: float, crf: int) -> None:
        context = self._stream.codec_context
        context.time_base = _TIME_BASE
        if context.pix_fmt != "bgr0":
            context.color_range = FULL_RANGE
        if context.pix_fmt.startswith("yuv"):
            context.colorspace = BT601
        if codec == "h264":
            context.thread_count = 1
            context.gop_size = max(1, round(fps))
            context.options = {"crf": str(crf), "preset": "ultrafast", "tune": "zerolatency"}
        else:  # slices of one picture in parallel: 7 instead of 13 ms for 1024x1024 on two cores
            context.thread_type = "SLICE"
            context.thread_count = 2
            context.gop_size = 1
            context.options = {"slices": "4"}

    def write(self, image: NDArray[np.uint8], time_ns: int) -> int:
        """Append `image`, shown at `time_ns` since the segment's start; return its position.

        A time that does not rise is moved to 1 µs after the one before, since a video cannot run backwards.

        Raises:
            RecordingFailed: disk full or gone; what was written before stays readable.
        """
        self._last_pts = max(self._last_pts + 1, time_ns // 1000)
        picture = self._picture.of(image)
        picture.pts, picture.time_base = self._last_pts, _TIME_BASE
        try:
            self._container.mux(self._stream.encode(picture))
        except (av.FFmpegError, OSError) as error:
            self._failed = True
            raise RecordingFailed(
                f"cannot write {self.path}: {error}; what was written before stays readable, make space on the disk"
            ) from error
        self.n_frames += 1
        return self.n_frames - 1

    def close(self) -> None:
        """Write the index of the file, and close it.

        Raises:
            RecordingFailed: disk full or gone, and `write` has not said so already. The file is closed all the same,
                and what was written before stays readable.
        """
        try:
            if self.n_frames:
                self._container.mux(self._stream.encode(None))
            self._container.close()
        except (av.FFmpegError, OSError) as error:
            if self._failed:
                return
            raise RecordingFailed(
                f"cannot finish {self.path}: {error}; what was written before stays readable, make space on the disk"
            ) from error
