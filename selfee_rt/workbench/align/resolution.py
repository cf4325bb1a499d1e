"""How coarsely a recorder counts time."""

import numpy as np
from numpy.typing import NDArray

FINEST_HZ = 5000
"""Recorders that sample faster are fine enough for it not to matter."""
_ROUNDED_S = 1e-6
"""How far times are off that were written with six decimals."""
_ENOUGH = 500


def step_s(times_s: NDArray[np.float64]) -> float:
    """The longest 1/n s that all of these times are apart from each other by multiples of; 0: shorter than 0.2 ms.

    >>> step_s(np.array([7.25, 7.5, 8.0, 9.25]))
    0.25
    """
    since_s = times_s[:_ENOUGH] - times_s[0]
    rates_hz = np.arange(1, FINEST_HZ + 1, dtype=np.float64)
    steps = rates_hz[:, None] * since_s
    off_s = np.abs(steps - np.round(steps)).max(axis=1) / rates_hz
    fitting = rates_hz[off_s <= _ROUNDED_S]
    return float(1 / fitting[0]) if len(fitting) else 0.0
