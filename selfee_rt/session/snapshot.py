"""What a session says of itself at one moment; for the terminal, the status message and the summary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from selfee_rt.observe.teaching import Tally
from selfee_rt.types import Bout, Drift, Observation, SourceInfo, StageStatus
from selfee_rt.wire import RuleStatus


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a session at one moment."""

    source: SourceInfo
    folder: Path
    labels: tuple[str, ...]
    lookahead_ms: float
    elapsed_s: float
    fps_in: float
    fps_out: float
    n_exposures: int
    """Exposures so far, dropped ones counted."""
    n_observed: int
    losses: Mapping[str, int]
    """Exposures lost so far, per hop; only those whose turn has come."""
    stages: tuple[StageStatus, ...]
    latest: Mapping[str, Observation]
    """The newest observation of each arena."""
    thresholds: Mapping[str, float | None]
    bouts: tuple[Bout, ...]
    """The latest bouts, newest last."""
    n_alarms: int
    """Observations with an alarm, over all arenas."""
    n_merged_alarms: int
    """Alarms over all arenas, those less than `observe.alarm_merge_s` apart being one."""
    recording: str
    """on, off, or what failed."""
    how: str
    """How it ended, or that it runs."""
    error: str | None
    drifts: Mapping[str, tuple[Drift, ...]] = field(default_factory=dict)
    """Statistics of picture and embedding that have drifted, per arena in which any has."""
    teaching: Mapping[str, Tally] = field(default_factory=dict)
    """What was taught and holds, per label, and how much of it had been foreseen."""
    stimulation: Mapping[str, RuleStatus] = field(default_factory=dict)
    """How each rule is doing."""

    @property
    def progress(self) -> float | None:
        """Fraction of a file that has been read; None for a source without an end."""
        return min(1.0, self.n_exposures / self.source.frames) if self.source.frames else None
