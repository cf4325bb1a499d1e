"""What a running session remembers of itself, in bounded memory."""

from collections import Counter, deque

from selfee_rt.clock import NS_PER_S
from selfee_rt.decide import Decision
from selfee_rt.observe.recent import Recent
from selfee_rt.types import Bout, Loss, Observation

HISTORY = 10_000
"""Exposures and bouts that can be looked back on while the session runs."""


class Progress:
    """Counts and recent past; written by the deciding thread, read by any."""

    def __init__(self) -> None:
        self.n_observed = 0
        self.n_alarms = 0
        self.losses: Counter[str] = Counter()
        self.latest: dict[str, Observation] = {}
        self.bouts: deque[Bout] = deque(maxlen=HISTORY)
        self.history: deque[tuple[Observation, ...]] = deque(maxlen=HISTORY)
        self.recent: Recent | None = None
        """What can be taught; None: nothing."""

    def lost(self, losses: tuple[Loss, ...]) -> None:
        """Add settled losses."""
        for loss in losses:
            self.losses[loss.hop] += loss.count

    def observed(self, decision: Decision) -> None:
        """Add one exposure."""
        self.n_observed += 1
        self.n_alarms += sum(bool(observation.alarm) for observation in decision.observations)
        self.latest = {observation.arena: observation for observation in decision.observations}
        self.history.append(decision.observations)
        self.bouts.extend(decision.bouts)
        if self.recent is not None:
            self.recent.push(decision.embeddings, decision.observations)


class Rate:
    """Events per second between two looks at a counter."""

    def __init__(self, now: int) -> None:
        self._then_ns = now
        self._count = 0
        self.per_s = 0.0

    def update(self, count: int, now: int) -> None:
        """Take the counter's value now."""
        if now > self._then_ns:
            self.per_s = (count - self._count) * NS_PER_S / (now - self._then_ns)
        self._then_ns, self._count = now, count
