"""Grey and resize in one pass of libswscale, as Selfee's own preprocessing has it (OpenCV grey, PIL bilinear).

libswscale repeats the outermost pixel beyond the picture, PIL leaves out what lies beyond. Where a picture shrinks,
the outermost lines of the result therefore differ (by up to 14 of 255), and only they: they are computed here.
"""

import math
from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

_FLAGS = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601, of red, green, blue; OpenCV's and libswscale's."""
_SPARE_BYTES = 256
"""libswscale's vector code reads beyond the last row of RGB input; memory that is ours must lie there."""


class Resizer:
    """Makes one picture size into another: full range in, full range out, within 2/255 of PIL.

    Owns its buffers: one thread at a time.
    """

    def __init__(self, *, from_px: tuple[int, int], to_px: tuple[int, int]) -> None:
        self._from_px, self._to_px = from_px, to_px
        self._reformatter = VideoReformatter()
        self._source: NDArray[np.uint8] | None = None
        self._frame: av.VideoFrame | None = None
        self._down = bilinear_taps(from_px[0], to_px[0])
        self._across = bilinear_taps(from_px[1], to_px[1])

    def resize(self, image: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Write `image`, (H, W) grey or (H, W, 3) RGB, 0..255, to `out`, (h, w) grey, 0..255.

        Raises:
            ValueError: a shape is not the one this was made for.
        """
        if image.shape[:2] != self._from_px or out.shape != self._to_px:
            raise ValueError(f"expected {self._from_px} to {self._to_px}, got {image.shape} to {out.shape}")
        height, width = self._to_px
        frame = self._fill(image)
        small = self._reformatter.reformat(
            frame, width=width, height=height, format="gray", interpolation=_FLAGS, threads=1
        )
        out[:] = small.to_ndarray()
        self._correct_edges(image, out)

    def _fill(self, image: NDArray[np.uint8]) -> av.VideoFrame:
        """Copy the pixels to where libswscale may read them, and a little beyond."""
        if self._source is None or self._frame is None or self._source.shape != image.shape:
            memory = np.zeros(image.size + _SPARE_BYTES, np.uint8)
            self._source = memory[: image.size].reshape(image.shape)
            self._frame = av.VideoFrame.from_numpy_buffer(self._source, "gray" if image.ndim == 2 else "rgb24")
        self._source[:] = image
        return self._frame

    def _correct_edges(self, image: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        if self._from_px[0] > self._to_px[0]:
            out[[0, -1]] = np.rint(self._across.of(self._down.outermost(image)))
        if self._from_px[1] > self._to_px[1]:
            out[:, [0, -1]] = np.rint(self._down.of(self._across.outermost(image.swapaxes(0, 1)))).T


class Taps(NamedTuple):
    """Which input samples make each output sample, and with what weight."""

    samples: NDArray[np.intp]
    """(n_out, k), rising by 1 along k."""
    weights: NDArray[np.float32]
    """(n_out, k), rows sum to 1."""

    def of(self, lines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Resize along the last axis: (M, n_in) to (M, n_out). No BLAS, whose threads would disturb inference."""
        resized: NDArray[np.float32] = np.einsum("mnk,nk->mn", lines[:, self.samples], self.weights)
        return resized

    def outermost(self, lines: NDArray[np.uint8]) -> NDArray[np.float32]:
        """First and last line of (n_in, M) or (n_in, M, 3) resized along the first axis, in grey: (2, M)."""
        ends = [(lines[self.samples[end, 0] : self.samples[end, -1] + 1], self.weights[end]) for end in (0, -1)]
        return np.stack([np.einsum("k,km->m", weights, _grey(part)) for part, weights in ends])


def bilinear_taps(n_in: int, n_out: int) -> Taps:
    """PIL's antialiased bilinear filter: a triangle as wide as two output samples (two input samples when enlarging).

    >>> (bilinear_taps(4, 2).weights * 7).round().astype(int).tolist()
    [[3, 3, 1, 0], [0, 1, 3, 3]]
    """
    scale = n_in / n_out
    width = max(1.0, scale)
    centre = (np.arange(n_out)[:, None] + 0.5) * scale
    k = min(n_in, math.ceil(2 * width) + 1)
    first = np.clip(np.floor(centre - width).astype(np.intp), 0, n_in - k)
    samples = first + np.arange(k)
    weights = np.maximum(0.0, 1.0 - np.abs(samples + 0.5 - centre) / width)
    return Taps(samples, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32))


def _grey(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    values = image.astype(np.float32)
    return values if image.ndim == 2 else values @ _GREY
