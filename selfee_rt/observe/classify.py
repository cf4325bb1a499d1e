"""Selfee's classifier: weighted cosine k-nearest neighbours over the reference."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import KnnConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.reference import unit
from selfee_rt.observe.teachable import awaits_teaching
from selfee_rt.types import Examples


class LabelledBank(Protocol):
    """The part of a reference that classification needs."""

    @property
    def bank(self) -> NDArray[np.float32]:
        """(N, d) float32, rows of length 1."""

    @property
    def label_of(self) -> NDArray[np.int64]:
        """(N,) position in `labels`, -1 for rows without a label."""

    @property
    def labels(self) -> tuple[str, ...]:
        """A label without rows has probability 0."""


class Knn:
    """Each of the k most similar examples votes for its label with exp(similarity / tau).

    With `balance` a label's votes are divided by its number of examples, so that a rare behaviour is not outvoted.
    Exactly equal similarities at the k-th place: the earlier example counts, those of the reference before those that
    were taught. `bank` is that of the reference, where others compare with it too.
    Source: Jia, Li, Guo, Fan, Dong, Zhang and Guo 2022, "Selfee, self-supervised features extraction of animal
    behaviors", eLife 11:e76218; the weighted vote is that of Wu et al. 2018, CVPR, 3733.

    A reference whose labels do not all have examples yet may hold fewer than k: nothing is said until k are there,
    those of the reference and those that were taught.

    Raises:
        ConfigError: the reference has no labels, or fewer examples than k.
    """

    def __init__(
        self,
        reference: LabelledBank,
        config: KnnConfig,
        *,
        bank: Bank | None = None,
        examples: Examples | None = None,
    ) -> None:
        self._labelled = np.flatnonzero(reference.label_of >= 0)
        if len(self._labelled) < config.k and not awaits_teaching(reference):
            raise ConfigError(
                [
                    f"observe.classifier: k is {config.k}, but the reference has {len(self._labelled)} labelled "
                    "examples; lower k, or make a reference with more labels"
                ]
            )
        self.labels: tuple[str, ...] = reference.labels
        self._reference, self._config = reference, config
        self._bank = Bank(reference.bank) if bank is None else bank
        self._label_of = reference.label_of[self._labelled]
        self._taught: Bank | None = None
        if examples is not None and len(examples.points):
            self._taught = Bank(unit(examples.points))
            self._label_of = np.concatenate((self._label_of, examples.label_of))
        counts = np.bincount(self._label_of, minlength=len(self.labels)).astype(np.float64)
        self._weight = 1 / np.maximum(counts, 1) if config.balance else np.ones(len(self.labels))
        self._whole_bank = len(self._label_of) == len(self._bank) and self._taught is None
        self._similarity = np.empty(0 if self._whole_bank else len(self._label_of), dtype=np.float32)

    def probabilities(self, point: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Probability of each label for `point` (d,) float32: (C,) float64, sum 1; None with fewer examples than k."""
        if len(self._label_of) < self._config.k:
            return None
        similarities = self._compare(unit(point))
        nearest = largest(similarities, self._config.k)
        similarity = similarities[nearest].astype(np.float64)
        vote = np.exp((similarity - similarity.max()) / self._config.tau)  # the common factor cancels; none overflows
        votes = np.bincount(self._label_of[nearest], weights=vote, minlength=len(self.labels)) * self._weight
        return np.asarray(votes / votes.sum(), dtype=np.float64)

    def observe(self, point: NDArray[np.float32]) -> None:
        """Nothing: only the point itself counts."""

    def reset(self, why: str) -> None:
        """Nothing: only the point itself counts."""

    def taught(self, examples: Examples) -> "Knn":
        """Return a k-NN over the reference and `examples`; the reference's part of the bank stays shared."""
        return Knn(self._reference, self._config, bank=self._bank, examples=examples)

    def _compare(self, direction: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine (N,) of every labelled example, then of every taught one, to `direction` (d,)."""
        similarity = self._bank.similarity(direction)
        if self._whole_bank:
            return similarity
        known = len(self._labelled)
        np.take(similarity, self._labelled, out=self._similarity[:known], mode="clip")
        if self._taught is not None:
            self._similarity[known:] = self._taught.similarity(direction)
        return self._similarity


def largest(values: NDArray[np.float32], count: int, columns: int = 512) -> NDArray[np.int64]:
    """Rows of the `count` largest of `values` (N,), rising; of equal values the earlier.

    At least `count` values reach the `count`-th largest of the maxima of so many columns, so that only the few that do
    need to be sorted out.
    """
    candidates = np.flatnonzero(values >= _lower_bound(values, count, columns))
    among = values[candidates]
    place = len(among) - count
    kth = np.partition(among, place)[place]
    above = np.flatnonzero(among > kth)
    level = np.flatnonzero(among == kth)[: count - len(above)]
    return candidates[np.sort(np.concatenate((above, level)))]


def _lower_bound(values: NDArray[np.float32], count: int, columns: int) -> float:
    """Return a number that at least `count` of `values` (N,) reach; columns interleave, since neighbours are alike."""
    rows = len(values) // columns
    if count > columns or rows < 2:
        return -np.inf
    maxima = values[: rows * columns].reshape(rows, columns).max(axis=0)
    return float(np.partition(maxima, columns - count)[columns - count])
