"""The median of 5x5 pixels, equal to OpenCV's `medianBlur(picture, 5)`, by numpy alone.

Each pixel's 25 neighbours are never sorted whole: five rows are sorted into columns, each column is merged with its
neighbour, two such pairs with each other, and the result with a fifth column, every time only as far as the ranks that
can still be the median. Neighbouring pixels share columns and pairs. Merging is Batcher's (Knuth, The Art of Computer
Programming 3, 5.3.4), with a minimum or a maximum of whole rows of pixels where he has a comparator.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

SIZE_PX = 5
"""Width and height of the window."""
_MARGIN = SIZE_PX // 2
_MIDDLE_OF_20 = range(7, 13)
"""Ranks among four columns that can be the median once the fifth is known."""
_MIDDLE_OF_11 = 5
_STRIP_BYTES = 64 * 1024
"""Pixels worked on at a time: what is intermediate stays in the processor's cache."""

Line = NDArray[np.uint8]
"""(N,) pixels; a list of them is sorted by each pixel's values."""


class MedianFilter:
    """Filters pictures of one size (height, width). Owns its buffers: one thread at a time."""

    def __init__(self, size_px: tuple[int, int]) -> None:
        height, width = size_px
        self._padded = np.empty((height + 2 * _MARGIN, width + 2 * _MARGIN), np.uint8)
        self._rows = max(1, _STRIP_BYTES // self._padded.shape[1])
        self._found = np.empty((self._rows, self._padded.shape[1]), np.uint8)

    def filter(self, picture: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Write the median around each pixel of `picture`, (H, W) 0..255, to `out`; the two may be one array.

        Beyond its edges the picture is continued by its outermost pixels.
        """
        self._pad(picture)
        height, width = picture.shape
        for first in range(0, height, self._rows):
            rows = min(self._rows, height - first)
            found = self._found[:rows]
            _filter(self._padded[first : first + rows + 2 * _MARGIN], found)
            out[first : first + rows] = found[:, :width]

    def _pad(self, picture: NDArray[np.uint8]) -> None:
        padded = self._padded
        padded[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = picture
        padded[_MARGIN:-_MARGIN, :_MARGIN] = picture[:, :1]
        padded[_MARGIN:-_MARGIN, -_MARGIN:] = picture[:, -1:]
        padded[:_MARGIN] = padded[_MARGIN]
        padded[-_MARGIN:] = padded[-_MARGIN - 1]


def _filter(padded: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Write the medians of (n + 4, w + 4) pixels to `out`, (n, w + 4); its last four columns mean nothing."""
    pixels, n_out = padded.ravel(), out.size
    width = padded.shape[1]
    columns = _sorted([pixels[row * width : row * width + n_out] for row in range(SIZE_PX)])
    pairs = _merged(_from(columns, 0, 1), _from(columns, 1, 1), range(2 * SIZE_PX))
    fours = _merged(_from(pairs, 0, 2), _from(pairs, 2, 2), _MIDDLE_OF_20)
    (median,) = _merged(_from(fours, 0, 1), _from(columns, 4, 4), [_MIDDLE_OF_11])
    out.reshape(-1)[: len(median)] = median


def _from(lines: Sequence[Line], first: int, spare: int) -> list[Line]:
    """Each line from `first` on, `spare` pixels shorter than it was."""
    return [line[first : len(line) - spare + first] for line in lines]


def _sorted(lines: Sequence[Line]) -> list[Line]:
    """Sort single lines by merging halves."""
    if len(lines) == 1:
        return list(lines)
    half = len(lines) // 2
    return _merged(_sorted(lines[:half]), _sorted(lines[half:]), range(len(lines)))


def _merged(one: Sequence[Line], two: Sequence[Line], ranks: Collection[int]) -> list[Line]:
    """Lines of these ranks, from 0, among two sorted lists of lines.

    The even and the odd ones of both lists are merged apart; then rank 2 p - 1 is the smaller, 2 p the larger of the
    even merger's p and the odd merger's p - 1.

    >>> one, two = ([np.array([value], np.uint8) for value in values] for values in ((1, 4, 9), (2, 3)))
    >>> [int(line[0]) for line in _merged(one, two, [1, 2, 4])]
    [2, 3, 9]
    """
    if not one or not two:
        return [(one or two)[rank] for rank in ranks]
    if len(one) == len(two) == 1:
        return [(np.maximum if rank else np.minimum)(one[0], two[0]) for rank in ranks]
    n_even = (len(one) + 1) // 2 + (len(two) + 1) // 2
    n_odd = len(one) // 2 + len(two) // 2
    pairs = sorted({(rank + 1) // 2 for rank in ranks})
    of_even = [p for p in pairs if p < n_even]
    of_odd = [p for p in pairs if 0 < p <= n_odd]
    even = dict(zip(of_even, _merged(one[::2], two[::2], of_even), strict=True))
    odd = dict(zip(of_odd, _merged(one[1::2], two[1::2], [p - 1 for p in of_odd]), strict=True))
    return [_of_pair(even.get((rank + 1) // 2), odd.get((rank + 1) // 2), larger=rank % 2 == 0) for rank in ranks]


def _of_pair(even: Line | None, odd: Line | None, *, larger: bool) -> Line:
    """The smaller or larger of both, or the one there is."""
    if even is None or odd is None:
        alone = odd if even is None else even
        assert alone is not None
        return alone
    larger_or_smaller: Line = (np.maximum if larger else np.minimum)(even, odd)
    return larger_or_smaller
