"""Between the values that travel and the rows of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from selfee_rt.types import Action, Bout, Exposure, Loss, Observation, Revision, StageStatus

Row = tuple[Any, ...]

RECORDING_FAILED = "recording failed"
"""`SessionEnd.how` of a session whose recording ended before the session did, or with it."""


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """One exposure that arrived, and where its picture is."""

    frame_index: int
    media_ns: int
    captured_ns: int
    received_ns: int
    segment: str | None
    """File name of the video segment; None: not recorded as video."""
    position: int | None
    """Frames before it in the segment."""
    inferred: bool
    """True where a jump of `frame_index` before it was concluded from timestamps."""


@dataclass(frozen=True, slots=True)
class HopTime:
    """When an exposure passed a point after the decision: published, recorded."""

    frame_index: int
    hop: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """How a session ended; a killed session has none."""

    how: str
    """In a word or two: stopped, end of stream, source lost, recording failed, fault …"""
    why: str
    """In a sentence, may be empty."""
    last_index: int
    """The last exposure that was accounted for; -1: there was none."""
    at_ns: int


@dataclass(frozen=True, slots=True)
class EmbeddingStoreRecord:
    """What an embedding store says of itself."""

    model_id: str
    """sha256 of the model file."""
    every: int
    """Embeddings of exposures whose index is a multiple of it are kept."""
    dtype: str
    """numpy's name of a vector's elements."""


def exposure_row(exposure: ExposureRow) -> Row:
    """Row of `exposures`."""
    e = exposure
    return (e.frame_index, e.media_ns, e.captured_ns, e.received_ns, e.segment, e.position, int(e.inferred))


def exposure_of(row: Row) -> ExposureRow:
    """Inverse of `exposure_row`."""
    frame_index, media_ns, captured_ns, received_ns, segment, position, inferred = row
    return ExposureRow(frame_index, media_ns, captured_ns, received_ns, segment, position, bool(inferred))


def observation_row(observation: Observation) -> Row:
    """Row of `observations`; probabilities and scores become JSON (1 µs, and readable from SQL)."""
    o, e = observation, observation.exposure
    return (
        o.arena,
        e.index,
        o.label_index,
        o.label,
        None if o.probabilities is None else msgspec.json.encode(o.probabilities).decode(),
        next(iter(o.scores.values()), None),
        msgspec.json.encode(o.scores).decode(),
        None if o.alarm is None else int(o.alarm),
        o.stimulus,
        o.revision,
        *e.stamps,
        o.composed_ns,
        o.embedded_ns,
        o.observed_ns,
        o.decided_ns,
    )


def revision_row(revision: Revision) -> Row:
    """Row of `revisions`."""
    r = revision
    probabilities = None if r.probabilities is None else msgspec.json.encode(r.probabilities).decode()
    return (r.arena, r.label_index, r.media_ns, r.label, probabilities, r.newest_index, r.revision)


def revision_of(row: Row) -> Revision:
    """Inverse of `revision_row`."""
    arena, label_index, media_ns, label, probabilities, newest_index, revision = row
    return Revision(arena, label_index, media_ns, label, _probabilities_of(probabilities), newest_index, revision)


def _probabilities_of(column: str | None) -> tuple[float, ...] | None:
    return None if column is None else tuple(msgspec.json.decode(column, type=list[float]))


def observation_of(row: Row) -> Observation:
    """Inverse of `observation_row`."""
    arena, index, label_index, label, probabilities, _, scores, alarm, stimulus, revision, *times = row
    *stamps, composed_ns, embedded_ns, observed_ns, decided_ns = times
    return Observation(
        arena=arena,
        exposure=Exposure(index, *stamps),
        label_index=label_index,
        label=label,
        probabilities=_probabilities_of(probabilities),
        scores=msgspec.json.decode(scores, type=dict[str, float | None]),
        alarm=None if alarm is None else bool(alarm),
        stimulus=stimulus,
        revision=revision,
        composed_ns=composed_ns,
        embedded_ns=embedded_ns,
        observed_ns=observed_ns,
        decided_ns=decided_ns,
    )


def loss_rows(loss: Loss, arenas: Sequence[str]) -> list[Row]:
    """Rows of `losses`, one per arena."""
    return [(arena, loss.hop, loss.first_index, loss.last_index) for arena in arenas]


def bout_row(bout: Bout) -> Row:
    """Row of `bouts`."""
    b = bout
    return (b.arena, b.label, b.start_index, b.stop_index, b.start_media_ns, b.stop_media_ns, b.source)


def action_row(action: Action) -> Row:
    """Row of `actions`."""
    arguments = msgspec.json.encode(action.arguments).decode()
    return (action.at_ns, action.frame_index, action.action, arguments, action.result)


def action_of(row: Row) -> Action:
    """Inverse of `action_row`."""
    at_ns, frame_index, action, arguments, result = row
    return Action(at_ns, frame_index, action, msgspec.json.decode(arguments, type=dict[str, Any]), result)


def status_row(status: StageStatus, at_ns: int) -> Row:
    """Row of `status`."""
    s = status
    return (at_ns, s.name, s.n_in, s.n_out, s.n_lost, s.p50_ms, s.p95_ms, s.p99_ms, s.max_ms, s.error)


def hop_time_row(time: HopTime) -> Row:
    """Row of `hop_times`."""
    return (time.frame_index, time.hop, time.at_ns)
