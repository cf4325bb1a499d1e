"""Which exposures a recording has, as far as that is known."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FIRST_ROOM = 1024


class Timeline:
    """One thread adds exposures in order; any may look. Exposures with a picture are numbered from 0.

    `index` counts dropped exposures too, as everywhere; the number does not.
    """

    def __init__(self) -> None:
        self._rows: NDArray[np.int64] = np.zeros((2, FIRST_ROOM), np.int64)
        """(2, room): index, media_ns."""
        self._count = 0
        self._lock = threading.Lock()
        self.complete = False
        """Whether the recording was read to its end."""
        self.problem: str | None = None
        """Why it could not be read (further)."""

    def add(self, exposures: Sequence[tuple[int, int]]) -> None:
        """Index and media_ns of the next ones, both rising."""
        with self._lock:
            after = self._count + len(exposures)
            while after > self._rows.shape[1]:
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)], axis=1)
            if exposures:
                self._rows[:, self._count : after] = np.array(exposures, np.int64).T
            self._count = after

    @property
    def count(self) -> int:
        """Number of exposures with a picture that are known so far."""
        return self._count

    @property
    def exposures(self) -> int:
        """Exposures so far, dropped ones counted."""
        return self.index(self._count - 1) + 1 if self._count else 0

    def index(self, number: int) -> int:
        """Which exposure the `number`th is."""
        with self._lock:
            return int(self._rows[0, number])

    def media_ns(self, number: int) -> int:
        """Its time."""
        with self._lock:
            return int(self._rows[1, number])

    def number_of(self, index: int) -> int:
        """Number of an exposure, or of the last with a picture before it; 0 where there is none."""
        return self._last(0, index)

    def number_at(self, media_ns: int) -> int:
        """Number of the last exposure that is not after an instant; 0 where there is none."""
        return self._last(1, media_ns)

    def time_of(self, index: float) -> float:
        """Time of an exposure in ns, also between two and of dropped ones; none may be unknown."""
        with self._lock:
            return float(np.interp(index, self._rows[0, : self._count], self._rows[1, : self._count]))

    def _last(self, row: int, value: int) -> int:
        with self._lock:
            place = int(np.searchsorted(self._rows[row, : self._count], value, side="right")) - 1
        return max(0, place)
