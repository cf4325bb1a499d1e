"""What was measured of one runtime on one file with one batch."""

from dataclasses import dataclass
from typing import Any

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.workbench.bench.agreement import Agreement
from selfee_rt.workbench.bench.candidates import Candidate
from selfee_rt.workbench.latency.statistics import Summary, summarise


@dataclass(frozen=True, slots=True)
class Row:
    """Inferences of one candidate, back to back in blocks; or why there are none, or no more."""

    candidate: Candidate
    durations_ns: tuple[int, ...] = ()
    problem: str | None = None
    """Why it did not start or has ended; what was measured before is kept."""
    runtime: dict[str, Any] | None = None
    """How inference was set up, in the runtime's own words; None: it did not start."""
    start_ms: float | None = None
    peak_memory_bytes: int | None = None
    """Of its process, Python and libraries included; None: the system does not tell."""
    gpu_memory_mib: int | None = None
    """Of its process, as the driver reports it; None: it reports none."""
    agreement: Agreement | None = None
    """With the reference; None: not comparable, or nothing was embedded."""

    @property
    def measured(self) -> bool:
        """Whether it ran to its end."""
        return self.problem is None and bool(self.durations_ns)

    @property
    def live_frames(self) -> int:
        """Live frames that were timed: inferences times batch."""
        return len(self.durations_ns) * self.candidate.batch

    @property
    def frames_per_s(self) -> float:
        """Live frames over the time that their inferences took together: N / Σt, never the mean of 1/t."""
        return self.live_frames * NS_PER_S / sum(self.durations_ns)

    @property
    def mean_ms(self) -> float:
        """Mean length of an inference."""
        return sum(self.durations_ns) / len(self.durations_ns) / NS_PER_MS

    def summary(self) -> Summary:
        """Percentiles of one inference's length."""
        return summarise([each / NS_PER_MS for each in self.durations_ns])

    def quantiles_ms(self) -> list[float]:
        """Percentiles 1, 2, … 99 and the maximum by nearest rank, whatever their number is worth; empty: none."""
        ordered = sorted(each / NS_PER_MS for each in self.durations_ns)
        return [ordered[max(0, -(-len(ordered) * percent // 100) - 1)] for percent in range(1, 101)] if ordered else []
