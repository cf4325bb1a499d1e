"""Camera images as the pictures that an encoder takes, without a copy more than needed."""

from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

FULL_RANGE = 2
"""AVCOL_RANGE_JPEG: 0..255, so that decoding gives back the greys that were recorded."""
BT601 = 5
"""AVCOL_SPC_BT470BG: the matrix that swscale uses where it is told nothing else."""


def pixel_format(codec: str, shape: tuple[int, ...]) -> str:
    """FFmpeg's name of the pixels that `codec` ("h264" or "ffv1") stores for images of `shape`.

    >>> pixel_format("h264", (480, 640)), pixel_format("h264", (481, 640)), pixel_format("ffv1", (480, 640, 3))
    ('yuv420p', 'gray', 'bgr0')
    """
    colour = len(shape) == 3
    if codec == "ffv1":
        return "bgr0" if colour else "gray"
    if colour:
        return "yuv444p"
    even = shape[0] % 2 == 0 and shape[1] % 2 == 0
    return "yuv420p" if even else "gray"  # H.264 halves chroma, so odd sizes go without; most players prefer yuv420p


class Picture:
    """Turns images of one size into frames for an encoder that is done with one before it gets the next."""

    def __init__(self, shape: tuple[int, ...], pixels: str) -> None:
        self._shape = shape
        self._pixels = pixels
        self._reformatter = VideoReformatter()
        self._grey: av.VideoFrame | None = None
        if len(shape) == 2:
            self._grey = av.VideoFrame(shape[1], shape[0], pixels)
            self._grey.color_range = FULL_RANGE
            for chroma in self._grey.planes[1:]:
                _bytes(chroma)[:] = 128

    def of(self, image: NDArray[np.uint8]) -> av.VideoFrame:
        """Picture of `image`, (H, W) or (H, W, 3) RGB uint8; a grey one is overwritten by the next call."""
        if self._grey is None:
            return self._colour(image)
        luma = self._grey.planes[0]
        height, width = self._shape
        _bytes(luma).reshape(-1, luma.line_size)[:height, :width] = image
        return self._grey

    def _colour(self, image: NDArray[np.uint8]) -> av.VideoFrame:
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        if not self._pixels.startswith("yuv"):
            return self._reformatter.reformat(frame, format=self._pixels)
        return self._reformatter.reformat(frame, format=self._pixels, dst_colorspace=BT601, dst_color_range=FULL_RANGE)


def _bytes(plane: Any) -> NDArray[np.uint8]:
    """Writeable view of a plane, padding included."""
    return np.frombuffer(plane, np.uint8)
