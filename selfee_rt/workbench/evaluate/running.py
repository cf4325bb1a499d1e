"""Runs the live classifier and smoother over a held-out part, exposure by exposure, as a session would."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.decide import Smoother
from selfee_rt.protocols import Classifier
from selfee_rt.types import Guess

UNKNOWN = -1
"""Stands for None in arrays of labels."""


@dataclass(frozen=True, eq=False)
class Said:
    """What was said about each exposure of a stretch."""

    label_of: NDArray[np.int64]
    """(N,) position among all labels, `UNKNOWN` where nothing was said."""
    probabilities: NDArray[np.float64]
    """(N, C) over all labels, not numbers where none were given."""


def known(probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows (N,) of probabilities (N, C) are there."""
    return np.asarray(np.isfinite(probabilities).all(axis=1), dtype=np.bool_)


def best(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """The most probable label (N,), of equal ones the first; `UNKNOWN` where there are no probabilities."""
    there = known(probabilities)
    return np.where(there, np.where(there[:, None], probabilities, 0).argmax(axis=1), UNKNOWN)


def classified(
    classifier: Classifier,
    points: NDArray[np.float32],
    exposure: NDArray[np.int64],
    names: tuple[str, ...],
    bridged: int,
) -> NDArray[np.float64]:
    """Probabilities (N, C) over `names` for points (N, d), not numbers while warming up.

    Labels that the classifier was not taught have probability 0. A step of `exposure` (N,) beyond `bridged` is a break.
    """
    columns = [names.index(label) for label in classifier.labels]
    out = np.full((len(points), len(names)), np.nan)
    for row, point in enumerate(points):
        if row and exposure[row] - exposure[row - 1] > bridged:
            classifier.reset("exposures are missing")
        probabilities = classifier.probabilities(point)
        classifier.observe(point)
        if probabilities is not None:
            out[row] = 0
            out[row, columns] = probabilities
    return out


def smoothed(
    smoother: Smoother,
    probabilities: NDArray[np.float64],
    exposure: NDArray[np.int64],
    names: tuple[str, ...],
    taught: tuple[str, ...],
    bridged: int,
) -> Said:
    """Push every guess through the smoother; with a fixed lag, what it says of each exposure in the end.

    `probabilities` (N, C) are over all `names`; the smoother knows those that were `taught`.
    """
    columns = [names.index(label) for label in taught]
    label_of = np.full(len(probabilities), UNKNOWN, dtype=np.int64)
    out = np.full_like(probabilities, np.nan)

    def note(row: int, guess: Guess) -> None:
        label_of[row] = UNKNOWN if guess.label is None else names.index(guess.label)
        out[row] = np.nan
        if guess.probabilities is not None:
            out[row] = 0
            out[row, columns] = guess.probabilities

    for row, given in enumerate(probabilities[:, columns]):
        if row and exposure[row] - exposure[row - 1] > bridged:
            _finish(smoother, row - 1, note)
            smoother.reset()
        note(row, smoother.push(_guess(given, taught)))
        revised = smoother.revised()
        if revised is not None:
            note(row - revised[0], revised[1])
    _finish(smoother, len(probabilities) - 1, note)
    return Said(label_of, out)


def _finish(smoother: Smoother, last: int, note: Callable[[int, Guess], None]) -> None:
    for ago, guess in smoother.finish():
        note(last - ago, guess)


def _guess(probabilities: NDArray[np.float64], names: tuple[str, ...]) -> Guess:
    if not np.isfinite(probabilities).all():
        return Guess(None, None)
    return Guess(names[int(np.argmax(probabilities))], probabilities)
