"""What a running session says of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from selfee_rt.accounting import Ledger
from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.decide import Decider
from selfee_rt.folder import SessionRecord
from selfee_rt.session.capture import CaptureStage
from selfee_rt.session.disk import DiskWatch
from selfee_rt.session.line import Line
from selfee_rt.session.meter import Meter
from selfee_rt.session.progress import Progress, Rate
from selfee_rt.session.snapshot import Snapshot
from selfee_rt.session.stages import VideoStage
from selfee_rt.session.stimulation import Stimulation
from selfee_rt.session.teacher import Teacher
from selfee_rt.types import StageStatus
from selfee_rt.wire import StatusMessage, StatusState, Taught


@dataclass(slots=True)
class State:
    """Looks at the parts of a session, from any thread; changes only the rates, once a second."""

    record: SessionRecord
    capture: CaptureStage
    decider: Decider
    ledger: Ledger
    line: Line
    meters: Mapping[str, Meter]
    progress: Progress
    video: VideoStage | None
    teacher: Teacher | None
    stimulation: Stimulation | None
    error: Callable[[], Exception | None]
    disk: DiskWatch
    started_ns: int = field(init=False)
    rates: tuple[Rate, Rate] = field(init=False)
    """Exposures that arrived and that were observed, per second."""

    def __post_init__(self) -> None:
        self.starts_now()

    def starts_now(self) -> None:
        """Count the time from here."""
        self.started_ns = now_ns()
        self.rates = (Rate(self.started_ns), Rate(self.started_ns))

    def update_rates(self) -> None:
        """Count the last second, and look at the disk."""
        self.disk.look()
        now = now_ns()
        self.rates[0].update(self.meters["acquire"].n_out, now)
        self.rates[1].update(self.progress.n_observed, now)

    def status(self, state: StatusState) -> StatusMessage:
        """What the topic `status` says."""
        progress, error, teacher = self.progress, self.error(), self.teacher
        tallies = {} if teacher is None else teacher.tallies
        return StatusMessage(
            session_id=self.record.session_id,
            at_ns=now_ns(),
            state=state,
            elapsed_s=(now_ns() - self.started_ns) / NS_PER_S,
            fps=self.rates[1].per_s,
            n_exposures=self.ledger.next_index,
            n_observed=progress.n_observed,
            losses=dict(progress.losses),
            thresholds=self.decider.thresholds,
            recording=self.recording == "on",
            stages=self.stages(),
            error=None if error is None else str(error),
            drift=progress.drifts,
            teaching={label: Taught(taught=t.taught, correct=t.correct) for label, t in tallies.items()},
            queues=self.line.queues,
            disk=self.disk.state,
            stimulation={} if self.stimulation is None else self.stimulation.state(),
        )

    def snapshot(self, folder: Path, how: str) -> Snapshot:
        """The state for people."""
        progress, error, teacher = self.progress, self.error(), self.teacher
        return Snapshot(
            source=self.capture.info,
            folder=folder,
            labels=self.record.labels,
            lookahead_ms=self.record.frame_interval_ms,
            elapsed_s=(now_ns() - self.started_ns) / NS_PER_S,
            fps_in=self.rates[0].per_s,
            fps_out=self.rates[1].per_s,
            n_exposures=self.capture.last_index + 1,
            n_observed=progress.n_observed,
            losses=dict(progress.losses),
            stages=self.stages(),
            latest=progress.latest,
            thresholds=self.decider.thresholds,
            bouts=tuple(progress.bouts)[-8:],
            n_alarms=progress.n_alarms,
            n_merged_alarms=progress.n_merged_alarms,
            recording=self.recording,
            how=how,
            error=None if error is None else str(error),
            drifts=progress.drifts,
            teaching={} if teacher is None else teacher.tallies,
            stimulation={} if self.stimulation is None else self.stimulation.state(),
        )

    def stages(self) -> tuple[StageStatus, ...]:
        """How each stage is doing."""
        lost = {
            "acquire": self.progress.losses["source"],
            "embed": self.line.live.n_lost,
            "publish": 0 if self.line.published is None else self.line.published.n_lost,
        }
        return tuple(meter.status(lost.get(name, 0)) for name, meter in self.meters.items())

    @property
    def recording(self) -> str:
        """on, off, or failed and why."""
        failure = self.line.recording.failure
        if failure is not None:
            return f"failed: {failure}"
        return "on" if self.video is not None and self.video.on else "off"
