"""What judges one point of one arena: classifier, smoother, detector."""

from typing import assert_never

import numpy as np

from selfee_rt.build.references import required
from selfee_rt.config import (
    ClassifierConfig,
    DetectorConfig,
    HmmSmoothingConfig,
    KnnConfig,
    LightGbmConfig,
    MahalanobisConfig,
    MeanSmoothingConfig,
    ModeSmoothingConfig,
    NoClassifierConfig,
    NoSmoothingConfig,
    ProbeConfig,
    RiverAnomalyConfig,
    RiverClassifierConfig,
    SelfeeAnomalyConfig,
    SmoothingConfig,
)
from selfee_rt.decide import Smoother
from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.calibrate import assumed_prior
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.mahalanobis import Mahalanobis
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import Calibration, check_fps
from selfee_rt.observe.smooth import MeanFilter, ModeFilter, Unsmoothed
from selfee_rt.observe.smooth_hmm import Chain, HmmFilter
from selfee_rt.observe.threshold import stored_threshold, threshold_for
from selfee_rt.protocols import Classifier, Detector


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
            return Knn(required(known, "the k-NN classifier"), config, bank=bank)
        case ProbeConfig():
            from selfee_rt.observe.probe import Probe

            return Probe(required(known, "the linear probe"), config)
        case LightGbmConfig():
            try:
                from selfee_rt.observe.boosted import BoostedClassifier
            except ImportError as error:
                raise MissingExtra(
                    "the classifier lightgbm needs LightGBM, which is not installed: pip install 'selfee-rt[lightgbm]'"
                ) from error
            return BoostedClassifier(required(known, "the classifier lightgbm"), fps)
        case RiverClassifierConfig():
            from selfee_rt.observe.learners import RiverClassifier

            return RiverClassifier(config, required(known, f"the classifier {config.model}"))
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
            reference = required(known, "smoothing by a hidden Markov model")
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
            return SelfeeAnomaly(required(known, f"the detector {config.name!r}"), config, fps, bank=bank)
        case MahalanobisConfig():
            return Mahalanobis(required(known, f"the detector {config.name!r}"), config, fps)
        case RiverAnomalyConfig():
            from selfee_rt.observe.learners import RiverAnomaly

            return RiverAnomaly(config, threshold_for({} if known is None else known.thresholds, config, fps))
        case _:
            assert_never(config)


def check_merging(config: DetectorConfig, known: Reference | None, fps: float, merge_s: float) -> None:
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
