"""Asks classifiers about held-out parts, and calibrates them by nested folds of the training part."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import ClassifierConfig, LightGbmConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.calibrate import Correction, calibration_settings, correction
from selfee_rt.observe.reference_parts import Calibration, CalibrationMethod
from selfee_rt.protocols import Classifier
from selfee_rt.workbench.boosting import reference_points, train_boosted
from selfee_rt.workbench.calibration import fit_calibration
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.evaluate.reliability import negative_log_likelihood
from selfee_rt.workbench.evaluate.running import classified, known
from selfee_rt.workbench.evaluate.settings import Calibrate
from selfee_rt.workbench.evaluate.training import Preparation, Training, longest_bridged, training

INNER_BLOCKS = 3
"""Blocks of each training recording for calibration, where there are fewer recordings than that."""
METHODS: tuple[CalibrationMethod, ...] = ("temperature", "isotonic")


@dataclass(frozen=True, eq=False)
class Material:
    """What every fold is cut from."""

    recordings: Sequence[Labelled]
    labels: tuple[str, ...]
    shift: int
    """Exposures from a live frame's current exposure to the one that its label describes."""
    preparation: Preparation

    @property
    def bridged(self) -> int:
        """Steps of the index up to this one are no break."""
        return longest_bridged(self.recordings[0].interval)

    def without(self, *held_out: Fold) -> Training:
        """Learn from everything else."""
        return training(self.recordings, self.labels, held_out, self.shift, self.preparation)


def make_classifier(config: ClassifierConfig, taught: Training, material: Material) -> Classifier:
    """The classifier, not calibrated, that a session with this fold's reference would have.

    Raises:
        ConfigError: the fold has too few examples for it, or it is misconfigured.
        MissingExtra: what it needs is not installed.
    """
    reference = taught.reference
    if isinstance(config, LightGbmConfig):
        window = material.preparation.window_exposures
        reference = train_boosted(reference, taught.scored, window, material.bridged)
    classifier = build.classifier(config, reference, Bank(reference.bank), material.recordings[0].fps)
    if classifier is None:
        raise ConfigError(["the classifier 'none' says nothing, so there is nothing to evaluate; choose another"])
    return classifier


def ask(
    config: ClassifierConfig, taught: Training, part: Fold, material: Material, rows: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Probabilities (n, C) over all labels, not calibrated, for n embeddings `rows` (N,) of the part's recording."""
    recording = material.recordings[part.recording]
    points = reference_points(taught.reference, recording.embedding[rows])
    classifier = make_classifier(config, taught, material)
    exposure = recording.frame_index[rows] + material.shift
    return classified(classifier, points, exposure, material.labels, material.bridged)


def calibrated(
    wanted: Calibrate, config: ClassifierConfig, taught: Training, outer: Fold, material: Material
) -> Calibration | None:
    """The calibration that the training part of a fold asks for; None: leave probabilities as they are.

    Nested folds of the training part are held out in turn; `auto` takes what gives the least negative log likelihood
    on nested folds that it was not fitted on.

    Raises:
        ConfigError: the training part is too small for nested folds.
    """
    if wanted == "none":
        return None
    answers = _nested(config, outer, material, taught.reference.labels)
    if len(answers) < 2:
        raise ConfigError(
            [
                f"--calibrate {wanted}: too little is labelled beside {outer.name} for nested folds; "
                "label more, or use --calibrate none"
            ]
        )
    chosen = _best(answers, config) if wanted == "auto" else wanted
    return None if chosen is None else _fitted(chosen, answers, config)


Answered = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Probabilities (M, C) and true labels (M,)."""


def _nested(config: ClassifierConfig, outer: Fold, material: Material, names: tuple[str, ...]) -> list[Answered]:
    """What is said of each nested part by a classifier that knows neither that nor the outer part."""
    columns = [material.labels.index(name) for name in names]
    renumbered = np.full(len(material.labels) + 1, -1, dtype=np.int64)
    renumbered[columns] = np.arange(len(columns))
    out = []
    for part in _inner(outer, material):
        recording = material.recordings[part.recording]
        exposure = recording.frame_index + material.shift
        rows = part.streamed(part.recording, exposure) & ~outer.streamed(part.recording, exposure)
        truth = renumbered[recording.labels_at(exposure[rows])]
        asked = part.scored(part.recording, exposure[rows]) & (truth >= 0)
        if not asked.any():
            continue
        given = ask(config, material.without(outer, part), part, material, rows)[:, columns]
        asked &= known(given)
        out.append((given[asked], truth[asked]))
    return [each for each in out if len(each[1])]


def _inner(outer: Fold, material: Material) -> list[Fold]:
    """The nested parts: other recordings, or blocks of those that are taught from where they are few."""
    others = [number for number in range(len(material.recordings)) if number != outer.recording or outer.gap]
    if len(others) >= INNER_BLOCKS:
        return [Fold(f"recording {number}", number, 0, material.recordings[number].exposures, 0) for number in others]
    gap = max(outer.gap, material.bridged)
    parts = []
    for number in others:
        edges = np.linspace(0, material.recordings[number].exposures, INNER_BLOCKS + 1).round().astype(int).tolist()
        parts += [
            Fold(f"nested block {block + 1}", number, edges[block], edges[block + 1], gap)
            for block in range(INNER_BLOCKS)
        ]
    return parts


def _fitted(method: CalibrationMethod, answers: Sequence[Answered], config: ClassifierConfig) -> Calibration:
    given, truth = np.concatenate([each for each, _ in answers]), np.concatenate([each for _, each in answers])
    how = f"{len(truth)} exposures of {len(answers)} nested folds"
    return fit_calibration(method, given, truth, settings=calibration_settings(config), how=how)


def _best(answers: Sequence[Answered], config: ClassifierConfig) -> CalibrationMethod | None:
    """The method with the least loss on nested folds left out of its fit; None: better none."""
    losses: dict[CalibrationMethod | None, float] = {None: _loss(answers)}
    for method in METHODS:
        corrected = []
        for position, (given, truth) in enumerate(answers):
            others = [each for number, each in enumerate(answers) if number != position]
            corrected.append((corrected_rows(correction(_fitted(method, others, config)), given), truth))
        losses[method] = _loss(corrected)
    return min(losses, key=losses.__getitem__)


def _loss(answers: Sequence[Answered]) -> float:
    truth = np.concatenate([each for _, each in answers])
    return negative_log_likelihood(truth, np.concatenate([each for each, _ in answers]))


def corrected_rows(correct: Correction, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correct probabilities (N, C) one exposure at a time, as in a session; unknown ones stay so."""
    out = np.full_like(probabilities, np.nan)
    for row in np.flatnonzero(known(probabilities)):
        out[row] = correct(probabilities[row])
    return out
