"""The observers of all arenas, put together from what judges a point."""

from collections.abc import Callable

from selfee_rt.build.judges import check_merging, classifier, detector, smoother
from selfee_rt.build.references import templates
from selfee_rt.config import (
    AbstainConfig,
    DriftConfig,
    KnnConfig,
    NoClassifierConfig,
    ObserveConfig,
    SelfeeAnomalyConfig,
    SessionConfig,
)
from selfee_rt.decide import ArenaObserver
from selfee_rt.errors import ConfigError
from selfee_rt.observe.abstain import Abstain
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.bouts import BoutTracker
from selfee_rt.observe.calibrate import Calibrated, calibration_for
from selfee_rt.observe.drift import SlowWatch, spread_of
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import Calibration
from selfee_rt.observe.template import TemplateSearch
from selfee_rt.protocols import DriftWatch


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
        check_merging(each, known, fps, observe.alarm_merge_s)
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
