"""The rows of a reference, compared with one point at a time, once for everybody who asks."""

import numpy as np
from numpy.typing import NDArray


class Bank:
    """Rows of length 1, and the cosine of each of them to the newest direction that was asked about.

    Classifier, anomaly score and abstention of one arena ask about the same point of the same exposure, so the product
    with the bank, most of the work of an exposure, is done once. The answer is the same whoever asked before.
    """

    def __init__(self, rows: NDArray[np.float32]) -> None:
        self.rows = rows
        self._similarity = np.zeros(len(rows), dtype=np.float32)
        self._answered = b""

    def __len__(self) -> int:
        return len(self.rows)

    def similarity(self, direction: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine (N,) float32 of each row to `direction` (d,) of length 1; overwritten when another is asked about."""
        asked = direction.tobytes()
        if asked != self._answered:
            np.dot(self.rows, direction, out=self._similarity)
            self._answered = asked
        return self._similarity
