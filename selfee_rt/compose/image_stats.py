"""What the whole picture of an arena is like, in a few numbers, for telling drift."""

import math

import numpy as np
from numpy.typing import NDArray

from selfee_rt.types import ImageStats

SHARPNESS_STEP = 2
"""Every so many rows tell the sharpness: as well as all do, in half the time."""


class PictureMeter:
    """Measures pictures of one size (height, width). Owns its buffers: one thread at a time."""

    def __init__(self, size_px: tuple[int, int]) -> None:
        height, width = size_px
        rows = len(range(0, height, SHARPNESS_STEP))
        self._grey = np.empty(size_px, np.float32)
        self._step = np.empty((rows, max(0, width - 1)), np.float32)
        self._bend = np.empty((rows, max(0, width - 2)), np.float32)
        self._down = _averages(height, ImageStats.CELLS_DOWN)
        self._across = np.ascontiguousarray(_averages(width, ImageStats.CELLS_ACROSS).T)

    def measure(self, picture: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
        """Write the statistics of `picture`, (H, W) grey 0..255, to `out`, (S,) as `ImageStats` lays them out."""
        np.copyto(self._grey, picture)
        mean = float(np.einsum("i->", self._grey.ravel())) / picture.size
        np.subtract(self._grey, mean, out=self._grey)
        out[ImageStats.MEAN] = mean
        out[ImageStats.DEVIATION] = math.sqrt(_energy(self._grey) / picture.size)
        out[ImageStats.SHARPNESS] = self._sharpness()
        out[ImageStats.CELLS] = (self._down @ self._grey @ self._across).ravel() + mean

    def _sharpness(self) -> float:
        grey = self._grey[::SHARPNESS_STEP]
        np.subtract(grey[:, 1:], grey[:, :-1], out=self._step)
        np.subtract(self._step[:, 1:], self._step[:, :-1], out=self._bend)
        step, bend = _energy(self._step), _energy(self._bend)
        if step == 0 or bend == 0:
            return 0.0
        return math.sqrt((bend / self._bend.size) / (step / self._step.size))


def _energy(values: NDArray[np.float32]) -> float:
    """Sum of the squares; unlike a product of the linear algebra library it never wakes other threads."""
    flat = values.ravel()
    return float(np.einsum("i,i->", flat, flat))


def _averages(lines: int, cells: int) -> NDArray[np.float32]:
    """(cells, lines): each row averages one cell's lines; cells share a line only where there are fewer than cells."""
    matrix = np.zeros((cells, lines), np.float32)
    for cell in range(cells):
        start = cell * lines // cells
        stop = max(start + 1, (cell + 1) * lines // cells)
        matrix[cell, start:stop] = 1 / (stop - start)
    return matrix
