"""Causal filters over the guesses of consecutive exposures."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from selfee_rt.types import Guess


class Unsmoothed:
    """Gives every guess back as it is."""

    lag = 0

    def push(self, guess: Guess) -> Guess:
        """Return `guess`."""
        return guess

    def revised(self) -> tuple[int, Guess] | None:
        """Nothing is judged again."""
        return None

    def finish(self) -> tuple[tuple[int, Guess], ...]:
        """Nothing waits."""
        return ()

    def reset(self) -> None:
        """There is nothing to forget."""


class ModeFilter(Unsmoothed):
    """The most frequent of the last `n` labels; of equally frequent ones, the one seen last.

    An unknown label (None) takes its place in time but has no vote; if none of the last `n` is known, neither is
    the result. A change of behaviour shows up to `n` // 2 exposures late. Probabilities stay those of the exposure.

    >>> smooth = ModeFilter(3)
    >>> labels = ("still", "chasing", "still", None, None, None)
    >>> [smooth.push(Guess(label, None)).label for label in labels]
    ['still', 'chasing', 'still', 'still', 'still', None]
    """

    def __init__(self, n: int) -> None:
        if n < 1:
            raise ValueError(f"a mode filter over {n} labels; expected at least 1")
        self._recent: deque[str | None] = deque(maxlen=n)

    def push(self, guess: Guess) -> Guess:
        """Take the newest guess and return the smoothed one."""
        self._recent.append(guess.label)
        votes: dict[str, tuple[int, int]] = {}
        for position, known in enumerate(self._recent):
            if known is not None:
                votes[known] = (votes.get(known, (0, 0))[0] + 1, position)
        return Guess(max(votes, key=votes.__getitem__, default=None), guess.probabilities)

    def reset(self) -> None:
        """Forget everything before a break."""
        self._recent.clear()


class MeanFilter(Unsmoothed):
    """The mean of the probabilities of the last `n` exposures, and the label that is most probable by it.

    Unknown probabilities (None) take their place in time but have no part in the mean; if none of the last `n` are
    known, neither is the result.
    """

    def __init__(self, labels: tuple[str, ...], n: int) -> None:
        if n < 1:
            raise ValueError(f"a mean over {n} probabilities; expected at least 1")
        self._labels = labels
        self._recent: deque[NDArray[np.float64] | None] = deque(maxlen=n)

    def push(self, guess: Guess) -> Guess:
        """Take the newest guess and return the smoothed one."""
        self._recent.append(guess.probabilities)
        known = [probabilities for probabilities in self._recent if probabilities is not None]
        if not known:
            return Guess(None, None)
        mean: NDArray[np.float64] = np.mean(known, axis=0)
        return Guess(self._labels[int(mean.argmax())], mean)

    def reset(self) -> None:
        """Forget everything before a break."""
        self._recent.clear()
