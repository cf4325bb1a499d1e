"""The last rows of a table that grows at its end, in constant memory."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Ring:
    """Keeps the last `capacity` rows; rows count from 0 and keep their numbers, whatever is forgotten.

    Memory is taken at once, so that a window that has been open for an hour holds what it held in its first minute.
    """

    def __init__(self, capacity: int, dtype: DTypeLike) -> None:
        self._rows = np.empty(capacity, dtype)
        self._rows.view(np.uint8).fill(0)  # np.zeros would take it only as rows are filled
        self.stop = 0
        """Number of the next row."""

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Of a row."""
        return self._rows.dtype

    @property
    def capacity(self) -> int:
        """How many rows are kept."""
        return len(self._rows)

    @property
    def start(self) -> int:
        """Number of the oldest row that is kept."""
        return max(0, self.stop - len(self._rows))

    def push(self, row: tuple[Any, ...]) -> None:
        """Add a row: one value per field."""
        self._rows[self.stop % len(self._rows)] = row
        self.stop += 1

    def prepend(self, rows: NDArray[np.void]) -> int:
        """Put rows before those that are kept, the last of them as far as there is room; return how many.

        Rows get new numbers, as if those before them had always been there.
        """
        kept = self.slice(self.start)
        room = len(self._rows) - len(kept)
        added = rows[len(rows) - min(room, len(rows)) :]
        self._rows[: len(added)] = added
        self._rows[len(added) : len(added) + len(kept)] = kept
        self.stop = len(added) + len(kept)
        return len(added)

    def __getitem__(self, number: int) -> Any:
        """One row, as a view that can be written to.

        Raises:
            IndexError: it was forgotten, or is not there yet.
        """
        if not self.start <= number < self.stop:
            raise IndexError(f"row {number} is not among those kept, {self.start} to {self.stop - 1}")
        return self._rows[number % len(self._rows)]

    def slice(self, start: int, stop: int | None = None) -> NDArray[np.void]:
        """Copy of the rows `start` to `stop` (exclusive; None: all), as far as they are kept, oldest first."""
        stop = self.stop if stop is None else min(stop, self.stop)
        start = min(max(start, self.start), stop)
        first, last = start % len(self._rows), stop % len(self._rows)
        if start < stop and last <= first:
            return np.concatenate((self._rows[first:], self._rows[:last]))
        return self._rows[first:last].copy() if start < stop else self._rows[:0].copy()

    def search(self, field: str, value: int) -> int:
        """Number of the first kept row whose `field`, which rises, is not below `value`; `stop` if there is none."""
        low, high = self.start, self.stop
        while low < high:
            middle = (low + high) // 2
            if self._rows[middle % len(self._rows)][field] < value:
                low = middle + 1
            else:
                high = middle
        return low
