"""Builds what the configuration names; the only module that knows every implementation."""

from collections.abc import Callable
from pathlib import Path
from typing import assert_never

import numpy as np

from selfee_rt.compose.live_frame import Composer
from selfee_rt.config import (
    AbstainConfig,
    BaslerConfig,
    ClassifierConfig,
    DetectorConfig,
    DriftConfig,
    HmmSmoothingConfig,
    KnnConfig,
    LightGbmConfig,
    MahalanobisConfig,
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
from selfee_rt.embed.model import ModelCard, read_card, shipped, shipped_model
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.observe.abstain import Abstain
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.bouts import BoutTracker
from selfee_rt.observe.calibrate import Calibrated, assumed_prior, calibration_for
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.drift import SlowWatch, spread_of
from selfee_rt.observe.mahalanobis import Mahalanobis
from selfee_rt.observe.reference import Reference, random_projection
from selfee_rt.observe.reference_parts import Calibration, check_fps
from selfee_rt.observe.smooth import MeanFilter, ModeFilter, Unsmoothed
from selfee_rt.observe.smooth_hmm import Chain, HmmFilter
from selfee_rt.observe.teachable import declaring, from_nothing
from selfee_rt.observe.template import Template, TemplateSearch
from selfee_rt.observe.threshold import stored_threshold, threshold_for
from selfee_rt.protocols import Classifier, Detector, DriftWatch, Source
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
    """How an embedding becomes a point: by the reference, else by the templates, else at random for detectors."""
    if known is not None:
        return known.project
    if config.observe.template:
        return Template.load(config.observe.template[0].file).project
    if not config.observe.detector:
        return None
    matrix = random_projection(card.embedding_dim, min(PROJECTED_DIM, card.embedding_dim), seed=0)
    return lambda vector: vector @ matrix


def templates(
    config: SessionConfig, known: Reference | None, model_id: str | None = None
) -> tuple[tuple[Template, float | None], ...]:
    """Read every template that `config` names, each with the threshold that `config` says for it.

    Raises:
        TemplateFileError: one cannot be read, was made with a model other than `model_id`, or is projected in
            another way than the reference or the first template.
        ConfigError: two have one name.
    """
    loaded = [(Template.load(each.file), each.threshold) for each in config.observe.template]
    names = [template.name for template, _ in loaded]
    if len(set(names)) < len(names):
        raise ConfigError([f"observe.template: two have the same name: {', '.join(sorted(names))}; leave one out"])
    for template, _ in loaded:
        if model_id is not None:
            template.check_model(model_id)
        space = loaded[0][0] if known is None else known
        template.check_projection(space.mean, space.projection)
    return tuple(loaded)


def observers(
    config: SessionConfig, known: Reference | None, fps: float, bridged_exposures: int
) -> tuple[ArenaObserver, ...]:
    """One observer per arena.

    Raises:
        ConfigError: a classifier or detector needs a reference and there is none, or is misconfigured.
        TemplateFileError: a template cannot be used.
    """
    observe = config.observe
    searched = templates(config, known)
    compared = known if known is not None and len(known.bank) else None  # what may be compared with has examples
    drifting = _drift_watches(observe.drift, compared, fps)
    default = (SelfeeAnomalyConfig(),) if compared is not None else ()
    detector_configs = default if observe.detector is None else observe.detector
    classifier_config = observe.classifier or (NoClassifierConfig() if known is None else KnnConfig())
    for each in detector_configs:
        _check_merging(each, known, fps, observe.alarm_merge_s)
    calibration = None if known is None else calibration_for(known, classifier_config, observe.calibrate)
    _check_calibrated(observe, calibration)
    built = []
    for arena in config.arena:
        bank = None if known is None else Bank(known.bank)
        detectors = tuple(detector(each, compared, fps, bank) for each in detector_configs)
        chosen = classifier(classifier_config, known, bank, fps)
        if chosen is not None and calibration is not None:
            chosen = Calibrated(chosen, calibration)
        built.append(
            ArenaObserver(
                arena=arena.name,
                classifier=chosen,
                detectors=detectors,
                thresholds={detector.name: detector.threshold for detector in detectors},
                smoother=smoother(observe.smoothing, classifier_config, calibration, known, fps),
                bouts=BoutTracker(
                    arena.name, min_exposures=observe.bout_min_exposures, max_gap_exposures=bridged_exposures
                ),
                abstain=_abstain(observe.abstain, compared, bank),
                templates=tuple(TemplateSearch(template, arena.name, limit) for template, limit in searched),
                drift=drifting(),
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


def _abstain(config: AbstainConfig | None, compared: Reference | None, bank: Bank | None) -> Abstain | None:
    """When to give no label; without a classifier there is none anyway.

    Raises:
        ConfigError: distances are wanted to a bank that is empty.
    """
    if config is None or bank is None:
        return None
    if config.beyond_distance is not None and compared is None:
        raise ConfigError(
            [
                "observe.abstain: beyond_distance is a distance to the reference, and there is none, only labels to "
                "teach; set observe.reference, or leave beyond_distance out"
            ]
        )
    return Abstain(config, bank)


def _drift_watches(config: DriftConfig, known: Reference | None, fps: float) -> Callable[[], DriftWatch | None]:
    """A maker of drift watches, one per arena; what they compare the embedding with is computed once."""
    if not config.enabled:
        return lambda: None
    if known is None:
        return lambda: SlowWatch(config, fps)
    spread = spread_of(known.embedding, known.mean)
    return lambda: SlowWatch(config, fps, known.mean, spread)


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


def detector(config: DetectorConfig, known: Reference | None, fps: float, bank: Bank | None = None) -> Detector:
    """The detector that `config` names, untaught, with its configured threshold, else the reference's.

    Raises:
        ConfigError: it needs a reference and there is none, is misconfigured, or the threshold is not for it.
    """
    match config:
        case SelfeeAnomalyConfig():
            return SelfeeAnomaly(_required(known, f"the detector {config.name!r}"), config, fps, bank=bank)
        case MahalanobisConfig():
            return Mahalanobis(_required(known, f"the detector {config.name!r}"), config, fps)
        case RiverAnomalyConfig():
            from selfee_rt.observe.learners import RiverAnomaly

            return RiverAnomaly(config, threshold_for({} if known is None else known.thresholds, config, fps))
        case _:
            assert_never(config)


def _check_merging(config: DetectorConfig, known: Reference | None, fps: float, merge_s: float) -> None:
    """Refuse to count alarms more finely than the rate of a stored threshold does."""
    stored = None if known is None or config.threshold is not None else stored_threshold(known.thresholds, config, fps)
    if stored is not None and stored.rate is not None and stored.rate.block_s > merge_s:
        raise ConfigError(
            [
                f"observe.alarm_merge_s: got {merge_s:g}, but the threshold of {config.name!r} promises its rate for "
                f"alarms merged within {stored.rate.block_s:g} s; set alarm_merge_s to that or more, or make the "
                "reference with a shorter --block-s"
            ]
        )


def _required(known: Reference | None, what: str) -> Reference:
    if known is None:
        raise ConfigError(
            [f"observe: {what} needs a reference, and there is none; set observe.reference, made by `selfee-rt fit`"]
        )
    return known
