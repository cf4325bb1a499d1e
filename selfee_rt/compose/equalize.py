"""Histogram equalisation, equal to OpenCV's `equalizeHist`."""

import numpy as np
from numpy.typing import NDArray

LEVELS = 256


def equalizing(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Table (256,) uint8 that spreads the grey values of `picture`, (H, W) 0..255, evenly over 0..255.

    The lowest value that occurs becomes 0, and each other one the share of the remaining pixels up to it. A picture
    of one value stays as it is. Computed in float32 with halves rounded to even, as OpenCV does.

    >>> equalizing(np.array([[7, 7, 8, 9]], np.uint8))[[7, 8, 9]].tolist()
    [0, 128, 255]
    """
    counts = np.bincount(picture.ravel(), minlength=LEVELS)
    lowest = int(np.flatnonzero(counts)[0])
    others = picture.size - int(counts[lowest])
    if others == 0:
        return np.arange(LEVELS, dtype=np.uint8)
    counts[: lowest + 1] = 0
    share = np.float32(LEVELS - 1) / np.float32(others)
    table: NDArray[np.uint8] = np.rint(np.cumsum(counts).astype(np.float32) * share).astype(np.uint8)
    return table
