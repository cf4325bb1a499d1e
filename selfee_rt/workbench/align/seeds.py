"""Where a few pauses between pulses of two recordings are alike: beginnings of an alignment."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import AlignmentError

JITTER_S = 0.0015
"""How far an edge may lie from where it should: a recorder's sampling interval (1 kHz and more), and some noise."""
MOST_DRIFT = 0.006
"""How much faster either clock may be; an Uno's resonator has up to 0.005."""
GAPS = 4
"""Pauses running that have to be alike."""
_ROWS = 64
"""Taken at a time, which bounds the memory."""
_PER_EDGE = 20
"""More beginnings than that for each edge are not a matter of chance."""


def seeds(device_s: NDArray[np.float64], other_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pairs (i, j) from which on `GAPS` pauses of both are alike, but for one common rate: (M, 2) int64.

    Raises:
        AlignmentError: there are so many that the pulses must be regular.
    """
    device, other = _pauses(device_s), _pauses(other_s)
    most = _PER_EDGE * (len(device) + len(other)) + 1000
    found: list[NDArray[np.int64]] = []
    for chunk in _alike(device, other):
        found.append(chunk)
        if sum(map(len, found)) > most:
            raise AlignmentError(
                "the pulses come at regular pauses, so they could be aligned in many ways; expected pauses drawn at "
                "random, as a board with this project's firmware makes them on its sync output"
            )
    return np.concatenate(found) if found else np.empty((0, 2), np.int64)


def _pauses(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The next `GAPS` pauses after each time that has so many: (N, GAPS)."""
    if len(times_s) <= GAPS:
        return np.empty((0, GAPS))
    return np.lib.stride_tricks.sliding_window_view(np.diff(times_s), GAPS)


def _alike(device: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[NDArray[np.int64]]:
    order = np.argsort(other[:, 0], kind="stable")
    firsts = other[order, 0]
    low = np.searchsorted(firsts, device[:, 0] * (1 - MOST_DRIFT) - JITTER_S)
    high = np.searchsorted(firsts, device[:, 0] * (1 + MOST_DRIFT) + JITTER_S, side="right")
    for start in range(0, len(device), _ROWS):
        rows = range(start, min(start + _ROWS, len(device)))
        i = np.repeat(np.array(rows, np.int64), high[rows] - low[rows])
        j = np.concatenate([order[low[row] : high[row]] for row in rows])
        rate = other[j].sum(axis=1) / device[i].sum(axis=1)
        off = np.abs(other[j] - rate[:, None] * device[i]).max(axis=1)
        alike = (np.abs(rate - 1) <= MOST_DRIFT) & (off <= 2 * JITTER_S)
        yield np.stack([i[alike], j[alike]], axis=1)
