"""What the program says: one struct per topic; `stimuli` has the rest of them.

Every message carries `schema` (name and version), `session_id`, `seq` (counts from 0 per topic, without gaps: a gap
that a reader sees is a message that the reader lost) and `index`, the exposure that it is about.
Times named `_ns` are on the host clock (monotonic; `session` holds the wall-clock time of one of its instants),
except `media_ns`, which is the stream's own. null always means: not known yet, or not a finite number.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from selfee_rt.types import BoutSource, Drift, SourceInfo, StageStatus, Stimulus
from selfee_rt.wire.base import Count, Index, MediaNs, Message, Ns
from selfee_rt.wire.stimuli import RuleStatus, Stimulation

StatusState = Literal["starting", "running", "stopping", "ended"]


class Arena(Struct, frozen=True, kw_only=True):
    """One enclosure in the camera's picture."""

    name: str
    x_px: int
    y_px: int
    width_px: int
    height_px: int


class ModelSummary(Struct, frozen=True, kw_only=True):
    """The network that embeds."""

    name: str
    version: str
    model_id: Annotated[str, Meta(description="sha256 of the model file; embeddings compare only within it")]
    embedding_dim: int
    width_px: int
    height_px: int
    interval_ms: float


class FalseAlarms(Struct, frozen=True, kw_only=True):
    """What a threshold is worth: alarms where nothing is strange."""

    per_hour: Annotated[float, Meta(description="expected in recordings like the reference's controls")]
    low_per_hour: Annotated[float, Meta(description="lower end of the 95 % interval")]
    high_per_hour: float


class DetectorSummary(Struct, frozen=True, kw_only=True):
    """One anomaly detector; its score's name in `observation`."""

    name: str
    threshold: Annotated[float | None, Meta(description="scores above it are an alarm; null: none")]
    false_alarms: Annotated[
        FalseAlarms | None, Meta(description="promised for this very threshold, no other; null: not known")
    ] = None


class SessionMessage(Message, frozen=True, kw_only=True, tag="selfee_rt.session.1"):
    """Topic `session`, every second: what does not change while the session runs."""

    version: Annotated[str, Meta(description="of selfee_rt")]
    started_at: Annotated[str, Meta(description="wall-clock time at `started_ns`, ISO 8601, UTC")]
    started_ns: Ns
    source: SourceInfo
    arenas: tuple[Arena, ...]
    model: ModelSummary
    labels: Annotated[tuple[str, ...], Meta(description="in the order of `probabilities`")]
    detectors: tuple[DetectorSummary, ...]
    frame_interval: Annotated[int, Meta(ge=1, description="exposures between past, current and future")]
    lookahead_ms: Annotated[float, Meta(description="a label cannot come earlier than this after its exposure")]
    embeddings: Annotated[bool, Meta(description="whether `embedding.<arena>` is published")]
    control: Annotated[str | None, Meta(description="address of the control socket")]
    preview: Annotated[str | None, Meta(description="address of the preview")]
    folder: Annotated[str | None, Meta(description="the session folder, on the session's own computer")]
    experiment: dict[str, Any]
    subject: dict[str, Any]
    stimulation: Annotated[Stimulation | None, Meta(description="null: there is no rule")] = None


class Taught(Struct, frozen=True, kw_only=True):
    """How a label was taught during the session; what was taken back does not count."""

    taught: Annotated[int, Meta(ge=0, description="exposures")]
    correct: Annotated[int, Meta(ge=0, description="of them, whose observation carried this label before")]


class Queue(Struct, frozen=True, kw_only=True):
    """One channel between two threads of the session."""

    waiting: Count
    capacity: Annotated[int, Meta(ge=1)]


class Disk(Struct, frozen=True, kw_only=True):
    """The disk of the session folder."""

    free_gb: float
    hours_left: Annotated[float | None, Meta(description="at the rate since the start; null: not known yet")]


class StatusMessage(Message, frozen=True, kw_only=True, tag="selfee_rt.status.1"):
    """Topic `status`, every second: how the session is doing."""

    at_ns: Ns
    state: StatusState
    elapsed_s: float
    fps: Annotated[float | None, Meta(description="observed exposures per second, over the last second")]
    n_exposures: Annotated[Count, Meta(description="that have a fate: observed or lost")]
    n_observed: Count
    losses: Annotated[dict[str, int], Meta(description="exposures lost, by hop")]
    thresholds: dict[str, float | None]
    recording: Annotated[bool, Meta(description="whether video is being recorded")]
    stages: tuple[StageStatus, ...]
    error: Annotated[str | None, Meta(description="what went wrong, where something did")] = None
    drift: Annotated[
        dict[str, tuple[Drift, ...]],
        Meta(description="per arena in which any has: statistics of picture and embedding that have drifted"),
    ] = field(default_factory=dict)
    teaching: Annotated[dict[str, Taught], Meta(description="by label: test, then train")] = field(default_factory=dict)
    queues: Annotated[dict[str, Queue], Meta(description="by the stage that takes from it")] = field(
        default_factory=dict
    )
    disk: Annotated[Disk | None, Meta(description="null: not known")] = None
    stimulation: Annotated[dict[str, RuleStatus], Meta(description="by rule")] = field(default_factory=dict)


class ExposureMessage(Message, frozen=True, kw_only=True):
    """What every message about one exposure of one arena carries; `index` is the current one."""

    arena: str
    media_ns: MediaNs
    captured_ns: Ns
    received_ns: Ns
    newest_index: Annotated[Index, Meta(description="the newest exposure that was needed")]
    newest_media_ns: MediaNs
    newest_captured_ns: Annotated[Ns, Meta(description="the latency added by software counts from here")]
    newest_received_ns: Ns
    composed_ns: Ns
    embedded_ns: Ns


class ObservationMessage(ExposureMessage, frozen=True, kw_only=True, tag="selfee_rt.observation.1"):
    """Topic `observation.<arena>`, one per exposure: what the animal does and how strange it is."""

    label_index: Annotated[Index, Meta(description="the exposure that the label describes")]
    label: str | None
    probabilities: Annotated[tuple[float | None, ...] | None, Meta(description="one per label of `session`")]
    scores: Annotated[dict[str, float | None], Meta(description="anomaly score per detector; higher is stranger")]
    alarm: bool | None
    stimulus: Stimulus
    revision: Annotated[Count, Meta(description="what had been taught or changed before")]
    observed_ns: Ns
    decided_ns: Ns


class RevisionMessage(Message, frozen=True, kw_only=True, tag="selfee_rt.revision.1"):
    """Topic `revision.<arena>`, with fixed-lag smoothing: an exposure judged again; `index` is the newest it needed."""

    arena: str
    label_index: Annotated[Index, Meta(description="the exposure that is judged again")]
    media_ns: MediaNs
    label: str | None
    probabilities: Annotated[tuple[float | None, ...] | None, Meta(description="one per label of `session`")]
    revision: Annotated[Count, Meta(description="what had been taught or changed before")]


class EmbeddingHeader(ExposureMessage, frozen=True, kw_only=True, tag="selfee_rt.embedding.1"):
    """Header of topic `embedding.<arena>`; the values follow as little-endian bytes."""

    shape: tuple[int]
    dtype: Literal["float16"] = "float16"
    model_id: str


class BoutMessage(Message, frozen=True, kw_only=True, tag="selfee_rt.bout.1"):
    """Topic `bout.<arena>`, when a bout has ended; `index` is its last exposure."""

    arena: str
    label: str
    start_index: Index
    stop_index: Annotated[Index, Meta(description="inclusive")]
    start_media_ns: MediaNs
    stop_media_ns: MediaNs
    source: BoutSource


class LogMessage(Message, frozen=True, kw_only=True, tag="selfee_rt.log.1"):
    """Topic `log`: an action of a person or a client; `index` is the exposure from which it holds."""

    at_ns: Ns
    action: str
    arguments: dict[str, Any]
    result: str


class PreviewHeader(Message, frozen=True, kw_only=True, tag="selfee_rt.preview.1"):
    """Header of a preview picture; a JPEG, full range, follows."""

    media_ns: MediaNs
    captured_ns: Ns
    received_ns: Ns
    format: Literal["jpeg"] = "jpeg"
    colour: bool
    width_px: Annotated[int, Meta(ge=1)]
    height_px: Annotated[int, Meta(ge=1)]
    scale: Annotated[float, Meta(gt=0, le=1, description="picture width / camera width")]
    quality: Annotated[int, Meta(ge=2, le=31, description="the encoder's quantiser scale; lower is better")]
