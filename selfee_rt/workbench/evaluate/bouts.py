"""Bouts: which of the true ones were found, and how late their onsets were."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.observe.bouts import BoutTracker

OVERLAP = 0.5
"""A predicted bout is a true one if they share at least this part of the exposures that either covers."""


@dataclass(frozen=True, slots=True)
class Run:
    """An uninterrupted run of one label within what was scored."""

    label: int
    start: int
    """First and last exposure, both inclusive."""
    stop: int
    cut: bool
    """Whether it begins where scoring begins, so that its onset was not seen."""


@dataclass(frozen=True, slots=True)
class Match:
    """A true bout and the predicted one that was taken for it; None where there is no counterpart."""

    true: Run | None
    predicted: Run | None


def runs(
    label_of: NDArray[np.int64], exposure: NDArray[np.int64], scored: NDArray[np.bool_], bridged: int
) -> list[Run]:
    """The bouts of a stretch, by the live tracker; exposures that are not scored end a bout and are in none.

    Args:
        label_of: (N,) label of each exposure, -1 where nothing was said.
        exposure: (N,) rising.
        scored: (N,) exposures that somebody labelled.
        bridged: steps of the index up to this one do not end a bout.
    """
    found: list[Run] = []
    for part in _parts(scored):
        tracker = BoutTracker("", min_exposures=1, max_gap_exposures=bridged)
        first = int(exposure[part[0]])
        for row in part:
            said = None if label_of[row] < 0 else str(label_of[row])
            bout = tracker.push(said, int(exposure[row]), 0)
            if bout is not None:
                found.append(Run(int(bout.label), bout.start_index, bout.stop_index, bout.start_index == first))
        last = tracker.finish()
        if last is not None:
            found.append(Run(int(last.label), last.start_index, last.stop_index, last.start_index == first))
    return found


def _parts(scored: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Positions of each run of scored rows."""
    rows = np.flatnonzero(scored)
    return [part for part in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(part)]


def matched(true: list[Run], predicted: list[Run], overlap: float = OVERLAP) -> list[Match]:
    """Pair true and predicted bouts of one label each at most once, best overlap first; then those left alone.

    Overlap is intersection over union of the exposures. Source: Lea, Flynn, Vidal, Reiter and Hager 2017, CVPR, 1003
    (segmental F1 at an overlap).
    """
    pairs = [
        (shared, i, j)
        for i, each in enumerate(true)
        for j, other in enumerate(predicted)
        if each.label == other.label and (shared := _shared(each, other)) >= overlap
    ]
    left, right = set(range(len(true))), set(range(len(predicted)))
    out = []
    for _, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if i in left and j in right:
            out.append(Match(true[i], predicted[j]))
            left.discard(i)
            right.discard(j)
    return out + [Match(true[i], None) for i in sorted(left)] + [Match(None, predicted[j]) for j in sorted(right)]


def _shared(one: Run, other: Run) -> float:
    both = min(one.stop, other.stop) - max(one.start, other.start) + 1
    either = max(one.stop, other.stop) - min(one.start, other.start) + 1
    return both / either if both > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Onset:
    """How much later than the true bouts the found ones begin, in ms; negative is earlier."""

    median_ms: float
    quartile_1_ms: float
    quartile_3_ms: float
    bouts: int


def onset(matches: list[Match], exposure_ms: float) -> Onset | None:
    """Onset error over the bouts that were found; None if none was. Bouts that scoring cut at their start are left out.

    It is the error of the label, which is itself known only after the lookahead.
    """
    late = [
        (match.predicted.start - match.true.start) * exposure_ms
        for match in matches
        if match.true is not None and match.predicted is not None and not match.true.cut
    ]
    if not late:
        return None
    first, median, third = np.percentile(late, (25, 50, 75)).tolist()
    return Onset(median, first, third, len(late))
