"""The configuration of one session: one TOML file, checked as a whole before anything starts."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from selfee_rt.errors import ConfigError

Speed = Annotated[float, Field(gt=0)] | Literal["max"]
"""1.0: as recorded; N: N times as fast; "max": as fast as it can be processed, losing nothing."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class Settings(BaseModel):
    """Base of every section: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


# --- [experiment], [subject]: kept in the session record, not interpreted ---------------------------------------


class ExperimentConfig(Settings):
    """What the session belongs to; goes to the session record as it is."""

    id: str | None = None
    description: str | None = None
    experimenter: str | None = None
    lab: str | None = None
    institution: str | None = None
    fields: dict[str, str | int | float | bool] = {}
    """Anything else worth keeping."""


class SubjectConfig(Settings):
    """The animal; goes to the session record as it is."""

    id: str | None = None
    species: str | None = None
    sex: Literal["M", "F", "U", "O"] | None = None
    """As in NWB: male, female, unknown, other."""
    age: str | None = None
    """ISO 8601 duration, for example P90D."""
    genotype: str | None = None
    fields: dict[str, str | int | float | bool] = {}
    """Anything else worth keeping."""


# --- [source] ---------------------------------------------------------------------------------------------------

Range = Literal["auto", "full", "limited"]
"""Grey range of the video: limited (16..235) is stretched to 0..255, full is taken as it is."""


class AnomalyEvent(Settings):
    """Something strange that the synthetic arena does on request."""

    what: Literal["third_object", "freezing", "odd_gait"]
    start_s: Annotated[float, Field(ge=0)]
    seconds: Annotated[float, Field(gt=0)]


class LampConfig(Settings):
    """Light of the synthetic arena."""

    dim_to: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Brightness, as a fraction, from `dim_at_s` on."""
    dim_at_s: Annotated[float, Field(ge=0)] | None = None
    flicker: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Amplitude of a flicker, as a fraction of the brightness."""
    flicker_hz: Annotated[float, Field(gt=0)] = 7.0


class SyntheticConfig(Settings):
    """Two simulated animals in a chamber, with known behaviour."""

    kind: Literal["synthetic"] = "synthetic"
    width_px: Annotated[int, Field(ge=64, le=4096)] = 640
    height_px: Annotated[int, Field(ge=64, le=4096)] = 480
    fps: Annotated[float, Field(gt=0, le=1000)] = 30.0
    seed: int = 0
    seconds: Annotated[float, Field(gt=0)] | None = None
    """Length of the recording; None: endless."""
    speed: Speed = 1.0
    noise: Annotated[float, Field(ge=0, le=50)] = 4.0
    """Standard deviation of the sensor's noise in grey values."""
    anomalies: tuple[AnomalyEvent, ...] = ()
    lamp: LampConfig = LampConfig()
    drop: tuple[tuple[int, int], ...] = ()
    """Ranges of exposures, ends inclusive, that the camera drops."""

    @model_validator(mode="after")
    def _drops_are_ranges(self) -> "SyntheticConfig":
        for first, last in self.drop:
            if not 0 <= first <= last:
                raise ValueError(
                    f"drop: got ({first}, {last}), expected two exposures >= 0, the first not after the last"
                )
        return self


class VideoFileConfig(Settings):
    """A recorded video, replayed as if it were a camera."""

    kind: Literal["video_file"] = "video_file"
    path: Path
    speed: Speed = 1.0
    range: Range = "auto"
    timestamps: Literal["auto", "file", "rate"] = "auto"
    """Where `media_ns` comes from: the file's timestamps, or frame number / frame rate."""
    fps: Annotated[float, Field(gt=0)] | None = None
    """Overrides the file's frame rate, for files whose own is missing or wrong."""


class StreamConfig(Settings):
    """A camera device or a network stream, through FFmpeg."""

    kind: Literal["stream"] = "stream"
    address: str
    """A device (/dev/video0, video=NAME for dshow, 0 for avfoundation) or a URL (rtsp:, http:, udp:)."""
    format: str | None = None
    """FFmpeg input format: v4l2, dshow, avfoundation, mpjpeg, mpegts …; None: FFmpeg finds out."""
    options: dict[str, str] = {}
    """Further options for FFmpeg's input, for example {video_size = "640x480", framerate = "30"}.
    {fflags = "noparse+nofillin"} brings MPEG-TS a frame earlier, if each of its packets holds one whole frame."""
    fps: Annotated[float, Field(gt=0)] | None = None
    """Nominal frame rate; None: measured on the first second, before anything is counted."""
    colour: bool = False
    """Keep colour (for recording and preview); live frames are grey either way."""
    range: Range = "auto"
    open_timeout_s: Annotated[float, Field(gt=0)] = 10.0
    lost_after_s: Annotated[float, Field(gt=0)] = 2.0
    """Without a frame for this long the stream counts as lost and is opened again."""
    give_up_after_s: Annotated[float, Field(ge=0)] | None = None
    """End the session after this long without the stream; None: try for ever, with back-off."""
    longest_pause_s: Annotated[float, Field(gt=0)] = 8.0
    """Upper end of the back-off between attempts."""


class ExternalTriggerConfig(Settings):
    """A line of the camera that starts each exposure."""

    line: str = "Line1"
    activation: Literal["RisingEdge", "FallingEdge"] = "RisingEdge"


class SensorRegion(Settings):
    """Part of the sensor to read out, in pixels."""

    x: Annotated[int, Field(ge=0)]
    y: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]


class BaslerConfig(Settings):
    """A Basler camera through pylon (extra `basler`)."""

    kind: Literal["basler"] = "basler"
    serial: str | None = None
    """Serial number; None: the only camera there is."""
    exposure_us: Annotated[float, Field(gt=0)] | None = None
    gain_db: Annotated[float, Field(ge=0)] | None = None
    fps: Annotated[float, Field(gt=0)] | None = None
    """None: the camera's own; required with an external trigger, as the expected rate."""
    colour: bool = False
    """Keep colour (for recording and preview); live frames are grey either way."""
    sensor_region: SensorRegion | None = None
    external_trigger: ExternalTriggerConfig | None = None
    lost_after_s: Annotated[float, Field(gt=0)] = 2.0
    """Silent for this long, a camera that is not triggered from outside counts as lost."""

    @model_validator(mode="after")
    def _trigger_has_rate(self) -> "BaslerConfig":
        if self.external_trigger is not None and self.fps is None:
            raise ValueError("an external trigger needs fps, the rate at which it comes; set source.fps")
        return self


class RecordedConfig(Settings):
    """A session folder, replayed with its original timestamps and gaps."""

    kind: Literal["recorded"] = "recorded"
    folder: Path
    speed: Speed = 1.0


SourceConfig = Annotated[
    SyntheticConfig | VideoFileConfig | StreamConfig | BaslerConfig | RecordedConfig, Field(discriminator="kind")
]


# --- [[arena]] --------------------------------------------------------------------------------------------------


class Region(Settings):
    """The pixels of one arena in the camera's picture."""

    x: Annotated[int, Field(ge=0)]
    y: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(ge=8)]
    height: Annotated[int, Field(ge=8)]


class ArenaConfig(Settings):
    """One enclosure, observed on its own."""

    name: Name
    region: Region | None = None
    """None: the whole picture."""
    invert: bool = False
    """Dark animals on a bright ground, for a model trained on the opposite."""


# --- [model] ----------------------------------------------------------------------------------------------------


class ModelConfig(Settings):
    """The network that embeds live frames."""

    file: Path | None = None
    """None: the model that ships with the project."""
    providers: tuple[str, ...] = ("cpu",)
    """ONNX Runtime's execution providers in order of preference: cpu, cuda, tensorrt, openvino, … All must exist."""
    threads: Annotated[int, Field(ge=1)] | None = None
    """Threads of one inference; None: all cores but one."""
    allow_interval_mismatch: bool = False
    """Run although the camera's frame rate puts the frame interval more than 20 % off the model's."""


# --- [observe] --------------------------------------------------------------------------------------------------


class KnnConfig(Settings):
    """Selfee's weighted cosine k-nearest-neighbour classifier over the reference."""

    kind: Literal["knn"] = "knn"
    k: Annotated[int, Field(ge=1)] = 50
    tau: Annotated[float, Field(gt=0)] = 0.07
    """Temperature: a neighbour counts exp(similarity / tau)."""
    balance: bool = True
    """Divide each label's weight by its number of examples in the reference."""


class RiverClassifierConfig(Settings):
    """Any classifier of river, taught from the reference when the session starts."""

    kind: Literal["river"] = "river"
    model: str
    """Dotted name inside river, for example river.forest.ARFClassifier."""
    arguments: dict[str, str | int | float | bool] = {}
    warm_up: Annotated[int, Field(ge=0)] = 100
    """Examples it must have learned before it says anything."""


class NoClassifierConfig(Settings):
    """No labels."""

    kind: Literal["none"] = "none"


ClassifierConfig = Annotated[KnnConfig | RiverClassifierConfig | NoClassifierConfig, Field(discriminator="kind")]


class SelfeeAnomalyConfig(Settings):
    """Selfee's anomaly score, made causal: distance to the reference minus distance to the animal's own past."""

    kind: Literal["selfee"] = "selfee"
    name: Name = "selfee"
    past_s: Annotated[float, Field(gt=0)] = 600.0
    """Length of the animal's own past that is compared, in seconds: so many observed exposures at the measured rate."""
    skip_exposures: Annotated[int, Field(ge=0)] = 50
    """The most recent exposures, which are left out of it."""
    warm_up_exposures: Annotated[int, Field(ge=1)] = 500
    """Own past needed before there is a score."""
    threshold: float | None = None
    """None: the reference's, computed by the same code on control recordings."""


class RiverAnomalyConfig(Settings):
    """Any anomaly detector of river, learning from the session itself."""

    kind: Literal["river"] = "river"
    name: Name
    model: str
    """Dotted name inside river, for example river.anomaly.HalfSpaceTrees."""
    arguments: dict[str, str | int | float | bool] = {}
    warm_up: Annotated[int, Field(ge=0)] = 500
    """Exposures it must have seen before there is a score."""
    threshold: float | None = None


DetectorConfig = Annotated[SelfeeAnomalyConfig | RiverAnomalyConfig, Field(discriminator="kind")]


class ObserveConfig(Settings):
    """From embeddings to labels and scores."""

    reference: Path | None = None
    """Made by `selfee-rt fit`. None: the shipped one if the shipped model watches the synthetic arena, else none."""
    align: Literal["current", "newest"] = "current"
    """Which exposure of a live frame its label describes."""
    classifier: ClassifierConfig | None = None
    """None: k-NN if there is a reference, else none."""
    detector: tuple[DetectorConfig, ...] | None = None
    """None: Selfee's anomaly score if there is a reference, else none."""
    smooth_exposures: Annotated[int, Field(ge=1)] = 1
    """Causal mode filter over this many labels; 1: none. Odd, since ties go to the newest label anyway."""
    bout_min_exposures: Annotated[int, Field(ge=1)] = 1
    """Shorter bouts are not reported."""


# --- [publish] --------------------------------------------------------------------------------------------------


class CurveConfig(Settings):
    """Encryption and authentication, required for any address beyond loopback; keys by `selfee-rt keys`."""

    secret_key_file: Path
    """The session's own secret key file."""
    client_keys_dir: Path
    """A folder of the public key files of the clients that may connect."""


class PublishConfig(Settings):
    """What other programs receive, and where they ask."""

    observations: str | None = "tcp://127.0.0.1:5571"
    """PUB address; None: off."""
    control: str | None = "tcp://127.0.0.1:5572"
    """ROUTER address; None: off."""
    preview: str | None = "tcp://127.0.0.1:5573"
    """PUB address of the camera's picture; None: off."""
    preview_fps: Annotated[float, Field(gt=0, le=30)] = 15.0
    embeddings: bool = True
    """Publish embeddings too."""
    curve: CurveConfig | None = None


# --- [record] ---------------------------------------------------------------------------------------------------


class RecordConfig(Settings):
    """What is kept on disk."""

    folder: Path | None = None
    """The session folder, which must not exist; None: sessions/<date>_<time>_<source>, made when the session starts."""
    video: Literal["h264", "ffv1", "none"] = "h264"
    """Visually lossless H.264, lossless FFV1, or none. A replayed file is referenced, never recorded again."""
    crf: Annotated[int, Field(ge=0, le=51)] = 17
    """H.264 quality; lower is better."""
    segment_s: Annotated[float, Field(gt=0)] = 600.0
    """Length of one video file."""
    buffer_s: Annotated[float, Field(gt=0)] = 5.0
    """How long the disk or the encoder may stall before recording has failed."""
    embeddings_every: Annotated[int, Field(ge=0)] = 1
    """Store every n-th embedding; 0: none."""
    on_failure: Literal["stop", "continue"] = "stop"
    """What a failed recording does to the session."""


# --- the whole --------------------------------------------------------------------------------------------------


class SessionConfig(Settings):
    """One session."""

    source: SourceConfig
    arena: tuple[ArenaConfig, ...] = (ArenaConfig(name="arena"),)
    model: ModelConfig = ModelConfig()
    observe: ObserveConfig = ObserveConfig()
    publish: PublishConfig = PublishConfig()
    record: RecordConfig = RecordConfig()
    experiment: ExperimentConfig = ExperimentConfig()
    subject: SubjectConfig = SubjectConfig()
    seconds: Annotated[float, Field(gt=0)] | None = None
    """End by itself after this long; None: run until stopped."""

    @model_validator(mode="after")
    def _names_differ(self) -> "SessionConfig":
        if not self.arena:
            raise ValueError("there is no arena; leave [[arena]] out for the whole picture, or describe at least one")
        for what, names in (
            ("arenas", [arena.name for arena in self.arena]),
            ("detectors", [detector.name for detector in self.observe.detector or ()]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"two {what} have the same name: {', '.join(sorted(names))}; give each its own")
        return self


def load(path: Path) -> SessionConfig:
    """Read one TOML file; relative paths in it are relative to its folder.

    Raises:
        ConfigError: the file cannot be read, or holds anything wrong; every problem is listed.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            [f"cannot read the configuration {path}: {error.strerror}; give an existing TOML file"]
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} is not valid TOML: {error}"]) from error
    return parse(document, where=str(path), base=path.parent)


def parse(document: dict[str, Any], *, where: str, base: Path) -> SessionConfig:
    """Check a document; relative paths become relative to `base`.

    Raises:
        ConfigError: with every problem, each naming its key.
    """
    try:
        config = SessionConfig.model_validate(document)
    except ValidationError as error:
        raise ConfigError([_explain(where, problem) for problem in error.errors()]) from error
    return _anchored(config, base)


def _explain(where: str, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the whole"
    if problem["type"] == "extra_forbidden":
        return f"{where}: {key}: unknown key; remove it or correct its spelling"
    got = "" if problem["type"] == "missing" else f", got {problem['input']!r}"
    return f"{where}: {key}: {problem['msg']}{got}"


SettingsT = TypeVar("SettingsT", bound=Settings)


def _anchored(settings: SettingsT, base: Path) -> SettingsT:
    """Copy of `settings` in which every relative path is joined to `base`."""

    def anchor(value: Any) -> Any:
        if isinstance(value, Path):
            return base / value
        if isinstance(value, Settings):
            return _anchored(value, base)
        if isinstance(value, tuple):
            return tuple(anchor(item) for item in value)
        return value

    return settings.model_copy(update={name: anchor(getattr(settings, name)) for name in type(settings).model_fields})
