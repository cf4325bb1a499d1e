"""The range of an axis that fits what is shown and rarely moves."""

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.12
"""Free part above and below what is shown."""
LEAST = 0.25
"""An axis of which less than this part is used is fitted anew."""


class Span:
    """Remembers the limits of an axis."""

    def __init__(self) -> None:
        self.limits: tuple[float, float] | None = None

    def fit(self, values: NDArray[np.floating], threshold: float | None) -> tuple[float, float] | None:
        """New limits where the values or the threshold do not fit into the old ones; None: the old ones hold."""
        known = values[np.isfinite(values)]
        shown = np.append(known, [] if threshold is None else [threshold])
        if not shown.size:
            return None
        low, high = float(shown.min()), float(shown.max())
        if self.limits is not None and self._holds(low, high, *self.limits):
            return None
        room = MARGIN * (high - low) or max(abs(high), 1.0) * MARGIN
        self.limits = low - room, high + room
        return self.limits

    @staticmethod
    def _holds(low: float, high: float, bottom: float, top: float) -> bool:
        return bottom <= low and high <= top and high - low >= LEAST * (top - bottom)
