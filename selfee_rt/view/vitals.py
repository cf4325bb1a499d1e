"""How a session is doing, second by second."""

from collections import Counter, deque
from collections.abc import Iterator

from selfee_rt.clock import NS_PER_S
from selfee_rt.types import StageStatus
from selfee_rt.view import sentences
from selfee_rt.view.journal import Kind
from selfee_rt.wire import StatusMessage
from selfee_rt.wire.hops import EXPECTED_LOSSES

KEPT = 600
"""Statuses: ten minutes."""
LOSSES_EVERY_S = 10.0
WRITERS = ("record", "video")
"""Stages whose failure is a failed recording."""

Note = tuple[Kind, str, str]
"""Kind, arena, and sentence of something that a status tells."""


class Vitals:
    """The last statuses, and what changed from each to the next."""

    def __init__(self) -> None:
        self.status: StatusMessage | None = None
        self.fps_in: float | None = None
        """Exposures that arrived per second, between the last two statuses; None: not known yet."""
        self.history: deque[StatusMessage] = deque(maxlen=KEPT)
        self._told_losses: Counter[str] | None = None
        self._told_ns = 0

    @property
    def recording_failed(self) -> str | None:
        """Why recording failed; None: it did not."""
        return next((each.error for each in self.stages if each.name in WRITERS and each.error), None)

    @property
    def stages(self) -> tuple[StageStatus, ...]:
        """How each stage is doing."""
        return () if self.status is None else self.status.stages

    def latencies_ms(self, stage: str) -> list[float | None]:
        """The stage's p99 in each status that is kept, oldest first."""
        return [next((s.p99_ms for s in each.stages if s.name == stage), None) for each in tuple(self.history)]

    def take(self, status: StatusMessage) -> list[Note]:
        """Take the newest status; return what it tells that the one before did not."""
        before, self.status = self.status, status
        if before is None or status.at_ns > before.at_ns:
            self.history.append(status)
            self.fps_in = None if before is None else _arrivals_per_s(before, status)
        return [*self._lost(status), *([] if before is None else _changes(before, status))]

    def _lost(self, status: StatusMessage) -> Iterator[Note]:
        """Losses since they were told last: the first at once, what follows together."""
        if self._told_losses is None:
            self._told_losses = Counter(status.losses)
        lost = {hop: n for hop, n in (Counter(status.losses) - self._told_losses).items() if hop not in EXPECTED_LOSSES}
        if lost and status.at_ns - self._told_ns >= LOSSES_EVERY_S * NS_PER_S:
            self._told_losses, self._told_ns = Counter(status.losses), status.at_ns
            for hop, count in lost.items():
                yield "loss", "", sentences.of_losses(hop, count)


def _arrivals_per_s(before: StatusMessage, status: StatusMessage) -> float | None:
    arrived = [next((s.n_out for s in each.stages if s.name == "acquire"), None) for each in (before, status)]
    seconds = (status.at_ns - before.at_ns) / NS_PER_S
    if arrived[0] is None or arrived[1] is None or seconds <= 0:
        return None
    return (arrived[1] - arrived[0]) / seconds


def _changes(before: StatusMessage, status: StatusMessage) -> Iterator[Note]:
    yield from _drifted(before, status)
    yield from _failed(before, status)
    if status.state != before.state:
        yield "action", "", f"session {status.state}"


def _drifted(before: StatusMessage, status: StatusMessage) -> Iterator[Note]:
    known = {(arena, each.statistic) for arena, drifts in before.drift.items() for each in drifts}
    for arena, drifts in status.drift.items():
        for drift in drifts:
            if (arena, drift.statistic) not in known:
                yield "fault", arena, sentences.of_drift(drift)


def _failed(before: StatusMessage, status: StatusMessage) -> Iterator[Note]:
    if status.error is not None and status.error != before.error:
        yield "fault", "", status.error
    failed = {each.name for each in before.stages if each.error}
    for stage in status.stages:
        if stage.error and stage.name not in failed:
            yield "fault", "", f"{stage.name} failed: {stage.error}"
