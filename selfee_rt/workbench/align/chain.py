"""From the beginning of an alignment as far as it carries, edge by edge."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.align.seeds import GAPS, JITTER_S, MOST_DRIFT

WINDOW = 20
"""Pairs from which the next is predicted."""
SURE = 10
"""From so many pairs on, their own scatter says how far off the next may be."""
LEAST_LEEWAY_S = 0.0002
WANDER = 2e-5
"""How much either clock's rate may change within a window."""
MOST_MISSES = 20
"""Edges running without a partner that end a chain."""
RUN = 3
"""Edges in a row that a chain has to begin and end with, lest chance prolong it; and so many in a row that lie a little
beside where they should end it, because a clock has jumped."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Times:
    """Edges of both recorders: (N,) and (M,) float64, seconds of each one's own clock, rising."""

    device_s: NDArray[np.float64]
    other_s: NDArray[np.float64]
    step_s: float = 0.0
    """In which the other recorder counts, if that is coarse."""


def chain_from(times: Times, i: int, j: int, taken: Container[Pair]) -> list[Pair]:
    """All pairs before and after a seed that follow from it, in their order, as far as none of them is `taken`.

    From the seed to the end, back over everything to the beginning, and over everything to the end: a seed may hold a
    spurious edge, what is predicted from many pairs does not.
    """
    pairs = [(i + step, j + step) for step in range(GAPS + 1)]
    pairs = _supported(_walk(times, pairs, 1, taken))
    for step in (-1, 1):
        pairs = _supported(_walk(times, pairs[-SURE:][::-1], step, taken))
    return pairs


def _walk(times: Times, seed: Sequence[Pair], step: int, taken: Container[Pair]) -> list[Pair]:
    """Predict edge after edge from the pairs before; `step` is 1 forward and -1 backward in time."""
    pairs = list(seed)
    misses, against, i = 0, 0, pairs[-1][0] + step
    while 0 <= i < len(times.device_s) and misses < MOST_MISSES and against < RUN:
        expected_s, leeway_s = prediction(times, pairs, float(times.device_s[i]))
        if not times.other_s[0] - leeway_s <= expected_s <= times.other_s[-1] + leeway_s:
            break
        j = _nearest(times.other_s, expected_s)
        if (i, j) in taken:
            break
        off_s = abs(times.other_s[j] - expected_s)
        if (j - pairs[-1][1]) * step > 0 and off_s <= leeway_s:
            pairs.append((i, j))
            misses = against = 0
        else:
            misses += 1
            against = against + 1 if off_s <= JITTER_S else 0
        i += step
    return pairs


def prediction(times: Times, pairs: Sequence[Pair], device_s: float) -> tuple[float, float]:
    """When the other recorder should see the edge at `device_s` after the last of `pairs`, and how far off that may be.

    Both in seconds; by a line through the last pairs.
    """
    i, j = np.array(pairs[-WINDOW:]).T
    x, y = times.device_s[i], times.other_s[j]
    from_x, from_y = x - x.mean(), y - y.mean()
    rate = float(from_x @ from_y / (from_x @ from_x))
    scatter_s = JITTER_S
    if len(i) >= SURE:
        rms_s = float(np.sqrt(np.mean((from_y - rate * from_x) ** 2)))
        scatter_s = min(max(6 * rms_s, LEAST_LEEWAY_S, 1.1 * times.step_s), JITTER_S)
    unsure = min(MOST_DRIFT, scatter_s / float(np.ptp(x)) + WANDER)
    distance_s = min(abs(device_s - float(x[0])), abs(device_s - float(x[-1])))
    return float(y.mean()) + rate * (device_s - float(x.mean())), scatter_s + unsure * distance_s


def _nearest(times_s: NDArray[np.float64], wanted_s: float) -> int:
    after = int(np.searchsorted(times_s, wanted_s))
    near = [each for each in (after - 1, after) if 0 <= each < len(times_s)]
    return min(near, key=lambda each: abs(times_s[each] - wanted_s))


def _supported(pairs: list[Pair]) -> list[Pair]:
    """Without what comes after the last `RUN` neighbours in a row."""
    for stop in range(len(pairs), RUN, -1):
        if abs(pairs[stop - 1][0] - pairs[stop - RUN][0]) == RUN - 1:
            return pairs[:stop]
    return pairs[:RUN]
