"""A hidden Markov model over labels: what is probable now, and, with a fixed lag, what was."""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from selfee_rt.types import Guess


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """How labels follow each other, from one exposure to the next."""

    transition: NDArray[np.float64]
    """(C, C): probability of each label (column) after each (row); all above 0."""
    start: NDArray[np.float64]
    """(C,): probability of each label where nothing precedes."""

    @classmethod
    def counted(cls, counts: NDArray[np.int64], pseudo_count: float) -> "Chain":
        """Learn from `counts` (C, C) of labels (column) that followed labels (row), `pseudo_count` added to each.

        Starts from the stationary distribution: the one that the transitions keep as it is.
        """
        filled = counts + pseudo_count
        transition = filled / filled.sum(axis=1, keepdims=True)
        # pi (P - 1) = 0 and sum(pi) = 1, together of full rank since every transition is possible
        system = np.vstack((transition.T - np.eye(len(counts)), np.ones(len(counts))))
        start = np.linalg.lstsq(system, np.append(np.zeros(len(counts)), 1.0), rcond=None)[0]
        return cls(transition, start / start.sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    likelihood: NDArray[np.float64] | None
    """(C,) up to a factor; None where nothing was known of the exposure."""
    filtered: NDArray[np.float64]
    """(C,) probability of each label given everything up to this exposure."""


class HmmFilter:
    """The forward filter of a hidden Markov model; `lag` exposures later each is judged again with its future.

    A classifier says p(label | exposure); the model needs p(exposure | label), which up to a factor is that divided by
    `prior` (C,), the probabilities of labels that the classifier assumes. An exposure of which nothing is known moves
    the belief on by one transition and remains unknown itself. The fixed-lag result is the exact posterior given all
    exposures up to `lag` after it; its work is `lag` steps at every exposure.
    Source: Rabiner 1989, Proceedings of the IEEE 77:257; the scaled likelihood is that of Bourlard and Morgan 1994,
    Connectionist Speech Recognition.
    """

    def __init__(self, labels: tuple[str, ...], chain: Chain, prior: NDArray[np.float64], lag: int) -> None:
        self.lag = lag
        self._labels, self._chain, self._prior = labels, chain, prior
        self._recent: deque[_Seen] = deque(maxlen=lag + 1)

    def push(self, guess: Guess) -> Guess:
        """Take the newest guess and return the filtered one."""
        chain = self._chain
        expected = self._recent[-1].filtered @ chain.transition if self._recent else chain.start
        if guess.probabilities is None:
            self._recent.append(_Seen(None, expected))
            return Guess(None, None)
        likelihood = guess.probabilities / self._prior
        filtered = _scaled(expected * likelihood)
        self._recent.append(_Seen(likelihood, filtered))
        return self._guess(filtered)

    def revised(self) -> tuple[int, Guess] | None:
        """After a push: what is said now of the exposure `lag` pushes ago; None: it is too early, or it is unknown."""
        if self.lag == 0 or len(self._recent) <= self.lag or self._recent[0].likelihood is None:
            return None
        return self.lag, self._guess(self._smoothed()[0])

    def finish(self) -> tuple[tuple[int, Guess], ...]:
        """At a break or the end: the same for those that still waited, each with the future it has, oldest first."""
        newest = len(self._recent) - 1
        waiting = [(newest - at, each) for at, each in enumerate(self._smoothed())]
        return tuple(
            (ago, self._guess(posterior))
            for (ago, posterior), seen in zip(waiting, self._recent, strict=True)
            if 0 < ago < max(self.lag, 1) and seen.likelihood is not None
        )

    def reset(self) -> None:
        """Forget everything before a break."""
        self._recent.clear()

    def _smoothed(self) -> list[NDArray[np.float64]]:
        """Posterior (C,) of every exposure that is held, given all of them and what came before."""
        later = np.ones(len(self._labels))
        posteriors = [self._recent[-1].filtered] if self._recent else []
        for after, before in pairwise(reversed(self._recent)):
            evidence = later if after.likelihood is None else after.likelihood * later
            later = _scaled(self._chain.transition @ evidence)
            posteriors.append(_scaled(before.filtered * later))
        return posteriors[::-1]

    def _guess(self, probabilities: NDArray[np.float64]) -> Guess:
        return Guess(self._labels[int(probabilities.argmax())], probabilities)


def _scaled(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = weights / weights.sum()
    return scaled
