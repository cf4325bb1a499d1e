"""The one place that asks the time."""

import time
from datetime import UTC, datetime

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


def now_ns() -> int:
    """Host clock in nanoseconds: monotonic, of arbitrary origin, sub-microsecond on every platform.

    Not `time.monotonic`, which ticks every 15 ms on Windows before Python 3.13.
    """
    return time.perf_counter_ns()


def wall_clock() -> datetime:
    """Wall-clock time in UTC; used once per session, to anchor the host clock."""
    return datetime.now(UTC)
