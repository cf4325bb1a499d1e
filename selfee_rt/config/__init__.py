"""The configuration of one session: one TOML file, checked as a whole before anything starts."""

from selfee_rt.config.base import Name, Settings, Speed
from selfee_rt.config.labels import LabelsConfig, LabelsFormat, load_labels
from selfee_rt.config.observe import (
    ClassifierConfig,
    DetectorConfig,
    KnnConfig,
    NoClassifierConfig,
    ObserveConfig,
    RiverAnomalyConfig,
    RiverClassifierConfig,
    SelfeeAnomalyConfig,
)
from selfee_rt.config.outputs import CurveConfig, PublishConfig, RecordConfig
from selfee_rt.config.picture import ArenaConfig, ModelConfig, Region
from selfee_rt.config.session import ExperimentConfig, SessionConfig, SubjectConfig, load, parse
from selfee_rt.config.source import (
    AnomalyEvent,
    BaslerConfig,
    ExternalTriggerConfig,
    LampConfig,
    Range,
    RecordedConfig,
    SensorRegion,
    SourceConfig,
    StreamConfig,
    SyntheticConfig,
    VideoFileConfig,
)

__all__ = [
    "AnomalyEvent",
    "ArenaConfig",
    "BaslerConfig",
    "ClassifierConfig",
    "CurveConfig",
    "DetectorConfig",
    "ExperimentConfig",
    "ExternalTriggerConfig",
    "KnnConfig",
    "LabelsConfig",
    "LabelsFormat",
    "LampConfig",
    "ModelConfig",
    "Name",
    "NoClassifierConfig",
    "ObserveConfig",
    "PublishConfig",
    "Range",
    "RecordConfig",
    "RecordedConfig",
    "Region",
    "RiverAnomalyConfig",
    "RiverClassifierConfig",
    "SelfeeAnomalyConfig",
    "SensorRegion",
    "SessionConfig",
    "Settings",
    "SourceConfig",
    "Speed",
    "StreamConfig",
    "SubjectConfig",
    "SyntheticConfig",
    "VideoFileConfig",
    "load",
    "load_labels",
    "parse",
]
