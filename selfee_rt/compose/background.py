"""The empty arena from pictures of an occupied one: the median of averages over windows of time.

Source: github.com/EBGU/RodentTracker (`frameAverage` in `SuperTracker_OFT_Template.py`): the recording is cut into as
many windows as the computer has cores, each is averaged, and each pixel's median over the windows is the background.
So it has here as many windows as `WINDOWS` says, on every computer. An animal vanishes from a pixel when it is there
in less than half of the windows; where it rests longer than that, it becomes part of the background.
"""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import Contrast

WINDOWS = 10
"""Windows of equal length."""


class BackgroundMaker:
    """Adds up grey pictures of one size (height, width), window by window; exact, in whole numbers."""

    def __init__(self, size_px: tuple[int, int], *, window_exposures: int) -> None:
        self._window_exposures = window_exposures
        self._sums: list[NDArray[np.uint32]] = []
        self._sum = np.zeros(size_px, np.uint32)
        self._added = 0

    @property
    def windows(self) -> int:
        """How many are complete."""
        return len(self._sums)

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take the next picture, (H, W) grey, 0..255."""
        np.add(self._sum, picture, out=self._sum)
        self._added += 1
        if self._added == self._window_exposures:
            self._sums.append(self._sum)
            self._sum = np.zeros_like(self._sum)
            self._added = 0

    def picture(self, contrast: Contrast) -> NDArray[np.uint8]:
        """The median (H, W) over the complete windows, rounded down for dark animals and up for bright ones.

        floor(frame - background) = frame - ceil(background), and floor(background - frame) = floor(background) - frame:
        so rounded, whole numbers give the very differences that the authors get from floating point.

        Raises:
            ValueError: no window is complete.
        """
        if not self._sums:
            raise ValueError("no window is complete")
        middle = sorted({(len(self._sums) - 1) // 2, len(self._sums) // 2})
        ranked = np.partition(np.stack(self._sums), middle, axis=0)[middle]
        total, count = ranked.sum(axis=0, dtype=np.int64), len(middle) * self._window_exposures
        rounded: NDArray[np.int64] = total // count if contrast == "dark" else -(-total // count)
        return rounded.astype(np.uint8)
