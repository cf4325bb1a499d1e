"""What a running session remembers of itself, in bounded memory."""

from collections import Counter, deque

from selfee_rt.clock import NS_PER_S
from selfee_rt.config import ALARM_MERGE_S
from selfee_rt.decide import Decision
from selfee_rt.observe.alarms import AlarmCounter
from selfee_rt.observe.recent import Recent
from selfee_rt.session.past import Past
from selfee_rt.types import Bout, Drift, Loss, Observation

MOST_BOUTS = 10_000
"""Bouts that can be looked back on while the session runs."""


class Progress:
    """Counts and recent past; written by the deciding thread, read by any.

    In each arena, exposures with an alarm less than `alarm_merge_s` apart are one alarm, as in the rates of `fit`.
    """

    def __init__(self, alarm_merge_s: float = ALARM_MERGE_S) -> None:
        self.n_observed = 0
        self.n_alarms = 0
        """Observations with an alarm."""
        self.n_merged_alarms = 0
        self._alarm_merge_s = alarm_merge_s
        self._alarms: dict[str, AlarmCounter] = {}
        self.losses: Counter[str] = Counter()
        self.latest: dict[str, Observation] = {}
        self.drifts: dict[str, tuple[Drift, ...]] = {}
        self.bouts: deque[Bout] = deque(maxlen=MOST_BOUTS)
        self.past: Past | None = None
        """What can be looked back on; None: nothing yet."""
        self.recent: Recent | None = None
        """What can be taught; None: nothing."""

    def lost(self, losses: tuple[Loss, ...]) -> None:
        """Add settled losses."""
        for loss in losses:
            self.losses[loss.hop] += loss.count

    def observed(self, decision: Decision) -> None:
        """Add one exposure."""
        self.n_observed += 1
        for observation in decision.observations:
            self._alarm(observation)
        self.latest = {observation.arena: observation for observation in decision.observations}
        if self.past is not None:
            self.past.push(decision.observations)
        self.bouts.extend(decision.bouts)
        if self.recent is not None:
            self.recent.push(decision.embeddings, decision.observations)

    def _alarm(self, observation: Observation) -> None:
        """Count an alarm, once by exposure and once by event."""
        counter = self._alarms.setdefault(observation.arena, AlarmCounter(self._alarm_merge_s))
        self.n_alarms += bool(observation.alarm)
        self.n_merged_alarms += counter.push(observation.alarm, observation.exposure.media_ns)


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
