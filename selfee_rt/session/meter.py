"""Counting what passes a stage and how long it takes."""

import threading

import numpy as np

from selfee_rt.clock import NS_PER_MS
from selfee_rt.types import StageStatus

WINDOW = 1024


class Meter:
    """Counts items and keeps the latest latencies of one stage, in constant memory.

    Percentiles are over the latest 1,024 items; the maximum is over the whole session.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.n_in = 0
        self.n_out = 0
        self.error: str | None = None
        self._latencies_ns = np.zeros(WINDOW, dtype=np.int64)
        self._n = 0
        self._max_ns = 0
        self._lock = threading.Lock()

    def took(self, latency_ns: int) -> None:
        """Add one latency."""
        with self._lock:
            self._latencies_ns[self._n % WINDOW] = latency_ns
            self._n += 1
            self._max_ns = max(self._max_ns, latency_ns)

    def status(self, n_lost: int = 0) -> StageStatus:
        """Summarise; latencies are None until there is one."""
        with self._lock:
            window = self._latencies_ns[: min(self._n, WINDOW)] / NS_PER_MS
            largest = self._max_ns / NS_PER_MS
        p50, p95, p99 = np.percentile(window, (50, 95, 99)).tolist() if window.size else (None, None, None)
        return StageStatus(
            name=self.name,
            n_in=self.n_in,
            n_out=self.n_out,
            n_lost=n_lost,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            max_ms=largest if window.size else None,
            error=self.error,
        )
