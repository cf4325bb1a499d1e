"""When the light of a self-test comes: at random, so that it falls at every phase of the camera's clock."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """Probes of one length, with pauses of random length between them.

    >>> plan = ProbePlan(count=3, on_ms=60, pause_ms=(400, 800), first_s=2.0, seed=1)
    >>> plan.at_s()
    (2.0, 2.84576, 3.574207)
    >>> plan.seconds()
    4.034207
    """

    count: int
    on_ms: float
    pause_ms: tuple[float, float]
    """Shortest and longest pause between the end of one probe and the start of the next."""
    first_s: float
    """When the first comes: by then everything is warm."""
    seed: int

    def at_s(self) -> tuple[float, ...]:
        """Start of each probe, in seconds, to the microsecond."""
        rng = random.Random(f"latency {self.seed}")
        starts = [self.first_s]
        for _ in range(self.count - 1):
            starts.append(round(starts[-1] + (self.on_ms + rng.uniform(*self.pause_ms)) / 1000, 6))
        return tuple(starts)

    def seconds(self) -> float:
        """How long it takes until the last probe and the shortest pause are over."""
        return round(self.at_s()[-1] + (self.on_ms + self.pause_ms[0]) / 1000, 6)
