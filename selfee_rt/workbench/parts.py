"""The optional parts of a reference: transitions of labels, a LightGBM model, calibrations."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, assert_never

from selfee_rt.config import ClassifierConfig, KnnConfig, LightGbmConfig, ProbeConfig
from selfee_rt.observe.calibrate import calibration_settings
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import Calibration, CalibrationMethod
from selfee_rt.protocols import Classifier
from selfee_rt.workbench.held_out import BLOCKS, GUARD_EXPOSURES, MakeReference, Scored, held_out_probabilities

FittedClassifier: TypeAlias = Literal["knn", "probe", "lightgbm"]


@dataclass(frozen=True, slots=True)
class PartSettings:
    """Which parts are wanted, and for which settings of a session."""

    classifiers: tuple[FittedClassifier, ...] = ("knn",)
    """What the reference is to be used with: lightgbm is trained, and all are calibrated."""
    calibrate: CalibrationMethod | None = None
    window_exposures: int = 30
    """Causal window of LightGBM's features."""
    knn: KnnConfig = field(default_factory=KnnConfig)
    probe: ProbeConfig = field(default_factory=ProbeConfig)


def with_classifiers(
    reference: Reference,
    scored: Sequence[Scored],
    settings: PartSettings,
    make_reference: MakeReference,
    longest_bridged_jump: int,
) -> Reference:
    """Return the reference with the LightGBM model and the calibrations that are wanted.

    Raises:
        ConfigError: the recordings are too short, or have too few labels, for one of them.
        MissingExtra: LightGBM is wanted and not installed.
    """
    maker = _Maker(settings, longest_bridged_jump)
    if "lightgbm" in settings.classifiers:
        reference = maker.boosted(reference, scored)
    if settings.calibrate is None:
        return reference
    calibrations: dict[str, Calibration] = {
        kind: _calibration(kind, settings.calibrate, scored, reference.labels, make_reference, maker)
        for kind in settings.classifiers
    }
    return replace(reference, calibrations=calibrations)


class _Maker:
    """Makes classifiers as a session with the same settings would."""

    def __init__(self, settings: PartSettings, longest_bridged_jump: int) -> None:
        self.settings, self.longest_bridged_jump = settings, longest_bridged_jump

    def boosted(self, reference: Reference, scored: Sequence[Scored]) -> Reference:
        from selfee_rt.workbench.boosting import train_boosted

        return train_boosted(reference, scored, self.settings.window_exposures, self.longest_bridged_jump)

    def classifier(self, kind: FittedClassifier, reference: Reference, scored: Sequence[Scored]) -> Classifier:
        match kind:
            case "knn":
                return Knn(reference, self.settings.knn)
            case "probe":
                from selfee_rt.observe.probe import Probe

                return Probe(reference, self.settings.probe)
            case "lightgbm":
                trained = self.boosted(reference, scored)  # says so if LightGBM is not there
                from selfee_rt.observe.boosted import BoostedClassifier

                return BoostedClassifier(trained, scored[0].recording.fps)
            case _:
                assert_never(kind)

    def config(self, kind: FittedClassifier) -> ClassifierConfig:
        configs: dict[str, ClassifierConfig] = {
            "knn": self.settings.knn,
            "probe": self.settings.probe,
            "lightgbm": LightGbmConfig(),
        }
        return configs[kind]


def _calibration(
    kind: FittedClassifier,
    method: CalibrationMethod,
    scored: Sequence[Scored],
    labels: tuple[str, ...],
    make_reference: MakeReference,
    maker: _Maker,
) -> Calibration:
    from selfee_rt.workbench.calibration import fit_calibration

    probabilities, truth = held_out_probabilities(
        scored,
        labels,
        make_reference,
        lambda reference, training: maker.classifier(kind, reference, training),
        guard_exposures=max(GUARD_EXPOSURES, maker.settings.window_exposures, maker.longest_bridged_jump),
        longest_bridged_jump=maker.longest_bridged_jump,
    )
    how = f"{len(truth)} exposures of {len(scored)} recordings, {BLOCKS} blocks of each held out in turn"
    settings = calibration_settings(maker.config(kind))
    return fit_calibration(method, probabilities, truth, settings=settings, how=how)
