"""Which live frames make the batch of a step: in epochs, or by weight."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
"""Live frames of all recordings, numbered one recording after the other."""


class Order(Protocol):
    """Says which live frames are drawn; depends on seed and step alone."""

    def batch_of(self, step: int) -> Numbers:
        """Return the live frames of one step: (batch,), none twice."""


class Epochs:
    """Every live frame at most once an epoch; what does not fill a batch is left over.

    `counts` holds the live frames of each recording. With `inner_shuffle` a batch is of one recording.
    Source: EBGU/Selfee, train_selfee.py, preShuffleSampleList.
    """

    def __init__(self, counts: Sequence[int], batch: int, seed: int, inner_shuffle: bool) -> None:
        self._counts = tuple(counts) if inner_shuffle else (sum(counts),)
        self._batch, self._seed = batch, seed
        self.batches = sum(count // batch for count in self._counts)
        """Batches of an epoch."""
        self._known: tuple[int, Numbers] | None = None

    def batch_of(self, step: int) -> Numbers:
        """Return the live frames of one step: (batch,)."""
        epoch, place = divmod(step, self.batches)
        known = self._known
        if known is None or known[0] != epoch:
            known = self._known = (epoch, self._epoch(epoch))
        batch: Numbers = known[1][place]
        return batch

    def _epoch(self, epoch: int) -> Numbers:
        """Return all batches of an epoch: (batches, batch)."""
        random = np.random.default_rng((self._seed, epoch))
        parts = [
            first + random.permutation(count)[: count // self._batch * self._batch].reshape(-1, self._batch)
            for first, count in zip(_first(self._counts), self._counts, strict=True)
        ]
        return random.permutation(np.concatenate(parts))


class Weighted:
    """Every batch drawn by itself: its recording by weight, or, mixed, the recording of each of its live frames."""

    def __init__(
        self, counts: Sequence[int], weights: Sequence[float], batch: int, seed: int, inner_shuffle: bool
    ) -> None:
        self._counts, self._batch, self._seed, self._inner_shuffle = tuple(counts), batch, seed, inner_shuffle
        self._weights = np.array(weights, np.float64) / sum(weights)

    def batch_of(self, step: int) -> Numbers:
        """Return the live frames of one step: (batch,)."""
        random = np.random.default_rng((self._seed, step))
        if self._inner_shuffle:
            shares = [0] * len(self._counts)
            shares[int(random.choice(len(self._counts), p=self._weights))] = self._batch
        else:
            shares = random.multinomial(self._batch, self._weights).tolist()
        parts = [
            first + random.choice(count, share, replace=False)
            for first, count, share in zip(_first(self._counts), self._counts, shares, strict=True)
            if share
        ]
        return random.permutation(np.concatenate(parts)) if len(parts) > 1 else parts[0]


def _first(counts: Sequence[int]) -> list[int]:
    """Number of each recording's first live frame."""
    return [0, *accumulate(counts)][:-1]
