"""Percentiles that never flatter: what was not answered counts as slower than everything that was."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """One latency over all probes, in milliseconds."""

    n: int
    """Probes."""
    answered: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    """None: there were too few probes for it, or it falls on one that was not answered."""
    min_ms: float | None
    max_ms: float | None
    """Of those that were answered; None: none was."""
    jitter_ms: float | None
    """Standard deviation of those that were answered; None: fewer than two."""


def summarise(values_ms: Sequence[float], unanswered: int = 0) -> Summary:
    """Summarise the latencies of the probes that were answered; `unanswered` more were not.

    >>> summarise([3.0, 1.0, 2.0], unanswered=1)
    Summary(n=4, answered=3, p50_ms=2.0, p95_ms=None, p99_ms=None, min_ms=1.0, max_ms=3.0, jitter_ms=1.0)
    """
    ordered = sorted(values_ms)
    n = len(ordered) + unanswered
    return Summary(
        n=n,
        answered=len(ordered),
        p50_ms=percentile(ordered, n, 50),
        p95_ms=percentile(ordered, n, 95),
        p99_ms=percentile(ordered, n, 99),
        min_ms=ordered[0] if ordered else None,
        max_ms=ordered[-1] if ordered else None,
        jitter_ms=statistics.stdev(ordered) if len(ordered) > 1 else None,
    )


def percentile(ordered: Sequence[float], n: int, percent: int) -> float | None:
    """The smallest measured value that at least `percent` % of all `n` probes do not exceed (nearest rank).

    `ordered` rises and holds those that were answered. None if n is below `fewest(percent)`, where the percentile would
    be no more than the maximum, or if it falls on a probe that was not answered.
    """
    if n < fewest(percent):
        return None
    rank = math.ceil(n * percent / 100)
    return ordered[rank - 1] if rank <= len(ordered) else None


def fewest(percent: int) -> int:
    """How many probes a percentile needs, so that at least one lies above it.

    >>> [fewest(percent) for percent in (50, 95, 99)]
    [2, 20, 100]
    """
    return math.ceil(100 / (100 - percent))
