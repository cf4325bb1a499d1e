"""Maps between clocks that are straight from knot to knot, and the scatter around them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """How far off, in microseconds, whichever way."""

    median_us: float
    p99_us: float
    max_us: float

    @classmethod
    def of(cls, off_s: Floats) -> "Spread":
        """Of (N,) distances in seconds, at least one."""
        off_us = np.abs(off_s) * 1e6
        return cls(float(np.median(off_us)), float(np.percentile(off_us, 99)), float(off_us.max()))


@dataclass(frozen=True, slots=True)
class Line:
    """y = y_at_0 + rate * x, by least squares."""

    y_at_0: float
    rate: float

    @classmethod
    def through(cls, x: Floats, y: Floats) -> "Line":
        """Through (N,) points, two different x at least."""
        from_x, from_y = x - x.mean(), y - y.mean()
        rate = float(from_x @ from_y / (from_x @ from_x))
        return cls(float(y.mean() - rate * x.mean()), rate)

    def at(self, x: Floats) -> Floats:
        """Its y at each x."""
        return self.y_at_0 + self.rate * x


def interpolated(x: Floats, knots_x: Floats, knots_y: Floats, rates: tuple[float, float]) -> Floats:
    """Straight from knot to knot, and with `rates` before the first and after the last.

    >>> interpolated(np.array([-1.0, 0.5, 3.0]), np.array([0.0, 1.0]), np.array([0.0, 4.0]), (1.0, 2.0)).tolist()
    [-1.0, 2.0, 8.0]
    """
    inside: Floats = np.interp(x, knots_x, knots_y)
    before: Floats = rates[0] * np.minimum(x - knots_x[0], 0)
    after: Floats = rates[1] * np.maximum(x - knots_x[-1], 0)
    return before + inside + after


def end_rates(knots_x: Floats, knots_y: Floats) -> tuple[float, float]:
    """Rates between the first two and between the last two knots."""
    rates = np.diff(knots_y) / np.diff(knots_x)
    return float(rates[0]), float(rates[-1])
