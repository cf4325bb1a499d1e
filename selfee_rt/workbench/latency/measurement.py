"""What a self-test has measured, of either loop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from selfee_rt.wire.hops import EXPECTED_LOSSES
from selfee_rt.workbench.latency.statistics import Summary, summarise

Loop = Literal["software", "camera"]


@dataclass(frozen=True, slots=True)
class Series:
    """One latency of every probe that was answered."""

    name: str
    says: str
    """From what to what, in a sentence."""
    values_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the probes; each is in exactly one of the first four counts."""

    answered: int
    """Once or more, and confirmed by the device."""
    undetected: int
    """No decision was made about any exposure that it lit."""
    unfired: int
    """Decided about, but too late, or refused by a limit, a refractory time or the device."""
    unconfirmed: int
    """A trial that its device never confirmed."""
    doubled: int = 0
    """Of those that were answered: answered more than once; the first answer counts."""
    unasked: int = 0
    """Responses to no probe at all."""
    late_exposures: int = 0
    """Of those that were answered: not by the first exposure that was lit."""

    @property
    def probes(self) -> int:
        """How many there were."""
        return self.answered + self.undetected + self.unfired + self.unconfirmed

    @property
    def unanswered(self) -> int:
        """Probes without a confirmed response."""
        return self.probes - self.answered


@dataclass(frozen=True, slots=True)
class Measurement:
    """The result of one self-test."""

    loop: Loop
    tally: Tally
    totals: tuple[Series, ...]
    """What the self-test is for; the first is drawn first."""
    apart: tuple[Series, ...]
    """Contained in a total, but added neither by the software nor by the device."""
    hops: tuple[Series, ...]
    """Where the time goes, in order; their sum is the time from the newest exposure to the confirmation."""
    n_exposures: int
    losses: Mapping[str, int]
    """Exposures that were not observed, by hop."""
    notes: tuple[str, ...] = ()
    """What a reader must know to read the numbers rightly."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """The machine, the camera, the model, the versions: what it was measured on."""

    def summary(self, series: Series) -> Summary:
        """Summary of one of the series; probes without an answer count as slower than all others."""
        return summarise(series.values_ms, self.tally.unanswered)

    @property
    def flaws(self) -> tuple[str, ...]:
        """What was not as it should be, a sentence each; empty: every probe was answered once."""
        tally, losses = self.tally, {hop: n for hop, n in self.losses.items() if n and hop not in EXPECTED_LOSSES}
        counted = (
            (tally.undetected, "of {n} probes were not detected"),
            (tally.unfired, "of {n} probes were decided about but not answered: late, limited or refused"),
            (tally.unconfirmed, "of {n} probes were answered, but the device never confirmed it"),
            (tally.doubled, "of {n} probes were answered more than once; the first answer counts"),
            (tally.unasked, "responses came without a probe"),
            (tally.late_exposures, "of {n} probes were not answered by the first exposure that they lit"),
        )
        said = [f"{count:,} {text.format(n=f'{tally.probes:,}')}" for count, text in counted if count]
        said += [f"{n:,} of {self.n_exposures:,} exposures were lost: {hop}" for hop, n in sorted(losses.items())]
        return tuple(said)
