"""Builds what the configuration names; the only module that knows every implementation."""

from collections.abc import Callable
from pathlib import Path
from typing import assert_never

import numpy as np

from selfee_rt.compose.live_frame import Composer
from selfee_rt.config import (
    BaslerConfig,
    ClassifierConfig,
    DetectorConfig,
    HmmSmoothingConfig,
    KnnConfig,
    LightGbmConfig,
    MeanSmoothingConfig,
    ModelConfig,
    ModeSmoothingConfig,
    NoClassifierConfig,
    NoSmoothingConfig,
    ObserveConfig,
    ProbeConfig,
    RecordedConfig,
    RiverAnomalyConfig,
    RiverClassifierConfig,
    SelfeeAnomalyConfig,
    SessionConfig,
    SmoothingConfig,
    SourceConfig,
    StreamConfig,
    SyntheticConfig,
    VideoFileConfig,
)
from selfee_rt.decide import ArenaObserver, Project, Smoother
from selfee_rt.embed.model import ModelCard, shipped, shipped_model
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.observe.abstain import Abstain
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.bouts import BoutTracker
from selfee_rt.observe.calibrate import Calibrated, assumed_prior, calibration_for
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference import Reference, random_projection
from selfee_rt.observe.reference_parts import Calibration, check_fps
from selfee_rt.observe.smooth import MeanFilter, ModeFilter, Unsmoothed
from selfee_rt.observe.smooth_hmm import Chain, HmmFilter
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
    """Read the reference of `reference_path`, if there is one.

    Raises:
        ReferenceFileError: it cannot be read, or was made with another model.
    """
    path = reference_path(config)
    if path is None:
        return None
    loaded = Reference.load(path)
    loaded.check_model(model_id)
    return loaded


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
    default = (SelfeeAnomalyConfig(),) if known is not None else ()
    detector_configs = default if observe.detector is None else observe.detector
    classifier_config = observe.classifier or (NoClassifierConfig() if known is None else KnnConfig())
    calibration = None if known is None else calibration_for(known, classifier_config, observe.calibrate)
    _check_calibrated(observe, calibration)
    built = []
    for arena in config.arena:
        bank = None if known is None else Bank(known.bank)
        detectors = tuple(_detector(each, known, bank, fps) for each in detector_configs)
        known_as = classifier(classifier_config, known, bank, fps)
        if known_as is not None and calibration is not None:
            known_as = Calibrated(known_as, calibration)
        built.append(
            ArenaObserver(
                arena=arena.name,
                classifier=known_as,
                detectors=detectors,
                thresholds={detector.name: detector.threshold for detector in detectors},
                smoother=smoother(observe.smoothing, classifier_config, calibration, known, fps),
                bouts=BoutTracker(
                    arena.name, min_exposures=observe.bout_min_exposures, max_gap_exposures=bridged_exposures
                ),
                abstain=None if observe.abstain is None or bank is None else Abstain(observe.abstain, bank),
            )
        )
    return tuple(built)


def _check_calibrated(observe: ObserveConfig, calibration: Calibration | None) -> None:
    """Refuse a limit of confidence on probabilities that nobody calibrated.

    Raises:
        ConfigError: there is one.
    """
    if observe.abstain is not None and observe.abstain.below_confidence is not None and calibration is None:
        raise ConfigError(
            [
                "observe.abstain: below_confidence needs calibrated probabilities, and these are not; make a reference "
                "with `selfee-rt fit --calibrate isotonic`, or use beyond_distance alone"
            ]
        )


def classifier(config: ClassifierConfig, known: Reference | None, bank: Bank | None, fps: float) -> Classifier | None:
    """Classifier of one arena, not calibrated; None where none is wanted.

    Raises:
        ConfigError: it needs a reference, or something in it, that is not there, or is misconfigured.
        MissingExtra: what it needs is not installed.
    """
    match config:
        case NoClassifierConfig():
            return None
        case KnnConfig():
            return Knn(_required(known, "the k-NN classifier"), config, bank=bank)
        case ProbeConfig():
            from selfee_rt.observe.probe import Probe

            return Probe(_required(known, "the linear probe"), config)
        case LightGbmConfig():
            try:
                from selfee_rt.observe.boosted import BoostedClassifier
            except ImportError as error:
                raise MissingExtra(
                    "the classifier lightgbm needs LightGBM, which is not installed: pip install 'selfee-rt[lightgbm]'"
                ) from error
            return BoostedClassifier(_required(known, "the classifier lightgbm"), fps)
        case RiverClassifierConfig():
            from selfee_rt.observe.learners import RiverClassifier

            return RiverClassifier(config, _required(known, f"the classifier {config.model}"))
        case _:
            assert_never(config)


def smoother(
    config: SmoothingConfig,
    classifier: ClassifierConfig,
    calibration: Calibration | None,
    known: Reference | None,
    fps: float,
) -> Smoother:
    """Smoother of one arena, behind a classifier with a calibration.

    Raises:
        ConfigError: it needs transitions, and the reference has none, or those of another frame rate.
    """
    match config:
        case NoSmoothingConfig():
            return Unsmoothed()
        case ModeSmoothingConfig():
            return ModeFilter(config.exposures)
        case MeanSmoothingConfig():
            return MeanFilter(() if known is None else known.labels, config.exposures)
        case HmmSmoothingConfig():
            reference = _required(known, "smoothing by a hidden Markov model")
            prior = assumed_prior(reference, classifier, calibration)
            return HmmFilter(reference.labels, _chain(reference, config, fps), prior, config.lag_exposures)
        case _:
            assert_never(config)


def _chain(known: Reference, config: HmmSmoothingConfig, fps: float) -> Chain:
    """The reference's transitions.

    Raises:
        ConfigError: it has none, or they were learned at another frame rate.
    """
    if known.transitions is None:
        raise ConfigError(
            [
                "observe.smoothing: the reference holds no transitions of labels; make it anew with `selfee-rt fit` "
                'from labelled recordings, or use kind = "mean" or "mode"'
            ]
        )
    check_fps("the transitions", known.transitions.fps, fps)
    return Chain.counted(np.array(known.transitions.counts), config.pseudo_count)


def _detector(config: DetectorConfig, known: Reference | None, bank: Bank | None, fps: float) -> Detector:
    match config:
        case SelfeeAnomalyConfig():
            return SelfeeAnomaly(_required(known, f"the detector {config.name!r}"), config, fps, bank=bank)
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
