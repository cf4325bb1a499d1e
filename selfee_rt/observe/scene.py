"""Whether the camera still looks at the same place, whatever the animals in it do.

Of a moved camera nearly every part of the picture that is not uniform tells; of an animal only the parts where it is.
So parts are counted, and how strongly one has changed does not matter. A correlation of the pictures would be ruled by
the few brightest parts, which are the animals: on flies in a dark chamber it falls further when they begin to move
than when the camera is moved by a tenth of the picture. A lamp changes all parts by one factor, which is divided out.
"""

from collections import deque
from statistics import median

import numpy as np
from numpy.typing import NDArray

LEAST_CHANGE = 0.5
"""Grey values; a part of the picture that changes by less has not changed, however dark it is."""


class ExpectedScene:
    """The share of a thumbnail's cells that no longer look as expected.

    What is seen is each cell's median over the last `memory` blocks, so that an animal that passes leaves no trace.
    What is expected is the mean of what was seen at every `learn`.
    """

    def __init__(self, cell_tolerance: float, memory: int) -> None:
        """A cell has changed where its grey value differs from the expected one by more than this fraction of it.

        `memory` is odd where what lasts so many blocks shall be seen for no more than so many.
        """
        self._tolerance = cell_tolerance
        self._recent: deque[NDArray[np.float64]] = deque(maxlen=memory)
        self._seen: NDArray[np.float64] | None = None
        self._expected: NDArray[np.float64] | None = None
        self._learned = 0

    def changed(self, cells: NDArray[np.float64]) -> float:
        """Take the mean grey values (C,) of a block's cells; return the share, 0..1, that has changed."""
        self._recent.append(cells.copy())
        self._seen = _median(np.array(self._recent))
        if self._expected is None:
            return 0.0
        expected = self._expected * _common_factor(self._seen, self._expected)
        allowed = np.maximum(self._tolerance * expected, LEAST_CHANGE)
        return int(np.count_nonzero(np.abs(self._seen - expected) > allowed)) / len(cells)

    def learn(self) -> None:
        """What was seen last is as it should be."""
        if self._seen is None:
            return
        self._learned += 1
        if self._expected is None:
            self._expected = self._seen.copy()
        self._expected += (self._seen - self._expected) / self._learned


def _median(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median (C,) over blocks (N, C); numpy's own keeps 48 bytes at every call (seen in 2.4)."""
    blocks.sort(axis=0)
    count = len(blocks)
    middle: NDArray[np.float64] = (blocks[(count - 1) // 2] + blocks[count // 2]) / 2
    return middle


def _common_factor(seen: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """By what the lamp has changed: the median over the cells that are not black; 1 where all are."""
    lit = expected > LEAST_CHANGE
    return median((seen[lit] / expected[lit]).tolist()) if lit.any() else 1.0
