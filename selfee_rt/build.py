"""Builds what the configuration names; the only module that knows every implementation."""

from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from selfee_rt.compose.live_frame import Composer
from selfee_rt.config import (
    BaslerConfig,
    ClassifierConfig,
    DetectorConfig,
    KnnConfig,
    ModelConfig,
    NoClassifierConfig,
    RecordedConfig,
    RiverAnomalyConfig,
    RiverClassifierConfig,
    SelfeeAnomalyConfig,
    SessionConfig,
    SourceConfig,
    StreamConfig,
    SyntheticConfig,
    VideoFileConfig,
)
from selfee_rt.decide import ArenaObserver, Project
from selfee_rt.embed.model import ModelCard, read_card, shipped, shipped_model
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import ConfigError
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.bouts import BoutTracker
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference import Reference, random_projection
from selfee_rt.observe.smooth import ModeFilter
from selfee_rt.observe.teachable import declaring, from_nothing
from selfee_rt.protocols import Classifier, Detector, Source
from selfee_rt.types import Loss, SourceInfo

SHIPPED_REFERENCE = "synthetic_arena.npz"
"""Reference of the shipped model for the synthetic arena."""

PROJECTED_DIM = 64
"""Dimensions of the random projection that river's detectors work on where there is no reference."""


def source(config: SourceConfig) -> Source:
    """The source of frames that `config` names, not yet open."""
    match config:
        case SyntheticConfig():
            from selfee_rt.acquire.synthetic import SyntheticArena

            return SyntheticArena(config)
        case VideoFileConfig():
            from selfee_rt.acquire.video_file import VideoFile

            return VideoFile(config)
        case StreamConfig():
            from selfee_rt.acquire.stream import Stream

            return Stream(config)
        case BaslerConfig():
            from selfee_rt.acquire.basler import Basler

            return Basler(config)
        case RecordedConfig():
            from selfee_rt.acquire.recorded import Recorded

            return Recorded(config)
        case _:
            assert_never(config)


def model_path(config: ModelConfig) -> Path:
    """The model file that `config` names, or the shipped one."""
    return shipped_model() if config.file is None else config.file


def embedder(config: ModelConfig, batch: int) -> OnnxEmbedder:
    """An embedder for `batch` live frames at a time (the number of arenas), warmed up."""
    return OnnxEmbedder(model_path(config), providers=config.providers, threads=config.threads, batch=batch)


def composer(
    config: SessionConfig, card: ModelCard, info: SourceInfo, interval: int, on_loss: Callable[[Loss], None]
) -> Composer:
    """The composer of every arena's live frames."""
    return Composer(
        config.arena,
        size_px=(card.height_px, card.width_px),
        picture_px=(info.height_px, info.width_px),
        interval=interval,
        on_loss=on_loss,
    )


def reference_path(config: SessionConfig) -> Path | None:
    """The reference that `config` names; the shipped one where shipped model and synthetic arena meet; else None."""
    if config.observe.reference is not None:
        return config.observe.reference
    if config.source.kind == "synthetic" and config.model.file is None:
        return shipped(SHIPPED_REFERENCE)
    return None


def reference(config: SessionConfig, model_id: str) -> Reference | None:
    """Read the reference of `reference_path`, if there is one; with room for the labels of `observe.labels`.

    Without one, `observe.labels` begin with an empty bank and a random projection.

    Raises:
        ReferenceFileError: it cannot be read, or was made with another model.
    """
    path, labels = reference_path(config), config.observe.labels
    if path is None:
        return _from_nothing(config, model_id) if labels else None
    loaded = Reference.load(path)
    loaded.check_model(model_id)
    return declaring(loaded, labels)


def _from_nothing(config: SessionConfig, model_id: str) -> Reference:
    dim = read_card(model_path(config.model)).embedding_dim
    return from_nothing(model_id, dim, min(PROJECTED_DIM, dim), config.observe.labels)


def projection(known: Reference | None, config: SessionConfig, card: ModelCard) -> Project | None:
    """How an embedding becomes a point: by the reference; else at random if any detector needs points."""
    if known is not None:
        return known.project
    if not config.observe.detector:
        return None
    matrix = random_projection(card.embedding_dim, min(PROJECTED_DIM, card.embedding_dim), seed=0)
    return lambda vector: vector @ matrix


def observers(
    config: SessionConfig, known: Reference | None, fps: float, bridged_exposures: int
) -> tuple[ArenaObserver, ...]:
    """One observer per arena.

    Raises:
        ConfigError: a classifier or detector needs a reference and there is none, or is misconfigured.
    """
    observe = config.observe
    compared = known if known is not None and len(known.bank) else None  # anomaly needs something to compare with
    default = (SelfeeAnomalyConfig(),) if compared is not None else ()
    detector_configs = default if observe.detector is None else observe.detector
    classifier_config = observe.classifier or (NoClassifierConfig() if known is None else KnnConfig())
    built = []
    for arena in config.arena:
        detectors = tuple(_detector(each, compared, fps) for each in detector_configs)
        built.append(
            ArenaObserver(
                arena=arena.name,
                classifier=_classifier(classifier_config, known),
                detectors=detectors,
                thresholds={detector.name: detector.threshold for detector in detectors},
                smoother=ModeFilter(observe.smooth_exposures),
                bouts=BoutTracker(
                    arena.name, min_exposures=observe.bout_min_exposures, max_gap_exposures=bridged_exposures
                ),
            )
        )
    return tuple(built)


def _classifier(config: ClassifierConfig, known: Reference | None) -> Classifier | None:
    match config:
        case NoClassifierConfig():
            return None
        case KnnConfig():
            return Knn(_required(known, "the k-NN classifier"), config)
        case RiverClassifierConfig():
            from selfee_rt.observe.learners import RiverClassifier

            return RiverClassifier(config, _required(known, f"the classifier {config.model}"))
        case _:
            assert_never(config)


def _detector(config: DetectorConfig, known: Reference | None, fps: float) -> Detector:
    match config:
        case SelfeeAnomalyConfig():
            return SelfeeAnomaly(_required(known, f"the detector {config.name!r}"), config, fps)
        case RiverAnomalyConfig():
            from selfee_rt.observe.learners import RiverAnomaly

            return RiverAnomaly(config)
        case _:
            assert_never(config)


def _required(known: Reference | None, what: str) -> Reference:
    if known is None:
        raise ConfigError(
            [f"observe: {what} needs a reference, and there is none; set observe.reference, made by `selfee-rt fit`"]
        )
    return known
