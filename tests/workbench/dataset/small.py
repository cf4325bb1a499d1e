"""Small recordings, sources and videos."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import EndOfStream
from selfee_rt.types import Frame, SourceInfo
from selfee_rt.workbench.dataset import Recording


class Pictures:
    """A source of given pictures, numbered by `index`."""

    def __init__(self, images: list[NDArray[np.uint8]], index: list[int] | None = None, stalls: bool = False) -> None:
        self._left = list(zip(index or range(len(images)), images, strict=True))
        self._stalls = stalls
        self.closed = 0

    def open(self) -> SourceInfo:
        return SourceInfo("pictures", 64, 48, False, 30.0, len(self._left), "due", False, True)

    def read(self, timeout_s: float) -> Frame | None:
        if self._left:
            index, image = self._left.pop(0)
            return Frame(index, index, index, index, image)
        if self._stalls:
            return None
        raise EndOfStream("done")

    def close(self) -> None:
        self.closed += 1


def numbered(index: list[int], fps: float = 30.0, name: str = "numbered") -> Recording:
    """A recording whose pictures, 4 x 6, hold their exposure number (modulo 256)."""
    grey = np.stack([np.full((4, 6), i % 256, np.uint8) for i in index])
    return Recording(name, fps, np.array(index, np.int64), grey)


def walk(path: Path, frames: int = 30, fps: int = 30, seed: int = 0) -> Path:
    """A video of a bright square that walks over a dark noisy chamber, 64x48, lossless."""
    random = np.random.default_rng(seed)
    with av.open(path, "w") as file:
        stream = file.add_stream("ffv1", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "gray"
        for i in range(frames):
            picture = random.integers(0, 40, (48, 64), dtype=np.uint8)
            picture[20:30, i % 54 : i % 54 + 10] = 220
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="gray")))
        file.mux(stream.encode(None))
    return path
