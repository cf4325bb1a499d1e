"""Intervals by drawing whole videos or blocks of time again, since neighbouring exposures are not independent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.evaluate.metrics import ratio

LEAST_UNITS = 5
"""Fewer videos or blocks give no interval."""
LEAST_BOUTS = 5
"""Fewer true bouts of a label give no interval either."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval; `value` None: not defined, `low` and `high` None: no interval, and why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str | None = None

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        return f"{self.value:.2f}" if self.low is None else f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True, eq=False)
class Resamples:
    """How often each unit occurs in each resample; or why there are none."""

    weights: NDArray[np.int64]
    """(R, units), every row with the sum of `units`."""
    why_none: str | None


def resamples(units: int, what: str, bouts: dict[str, int], count: int, seed: int) -> Resamples:
    """Draw `count` times as many units as there are, with replacement.

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 8 (units are blocks or videos).
    """
    weights = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=count)
    return Resamples(weights, why_no_interval(units, what, bouts))


def why_no_interval(units: int, what: str, bouts: dict[str, int]) -> str | None:
    """Why nothing can be said about the spread, or None."""
    if units < LEAST_UNITS:
        return f"there are {units} {what}, an interval needs at least {LEAST_UNITS}"
    few = [f"{label!r} has {count}" for label, count in bouts.items() if count < LEAST_BOUTS]
    return f"an interval needs at least {LEAST_BOUTS} true bouts of every label; {', '.join(few)}" if few else None


def estimate(value: float, drawn: NDArray[np.float64], why_none: str | None) -> Estimate:
    """Percentile interval of `drawn` (R,) about `value`; resamples in which it is not defined are left out."""
    if not np.isfinite(value):
        return Estimate(None, why="it does not occur")
    if why_none is not None:
        return Estimate(float(value), why=why_none)
    low, high = np.nanpercentile(drawn, (2.5, 97.5)).tolist()
    return Estimate(float(value), low, high)


def mean_where_known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the last axis of those that are numbers; not a number where none is."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1))
