"""Runs every classifier and smoothing over the held-out parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import ClassifierConfig, HmmSmoothingConfig, MeanSmoothingConfig
from selfee_rt.observe.calibrate import correction
from selfee_rt.observe.reference_parts import Calibration
from selfee_rt.workbench.embedding import Progress
from selfee_rt.workbench.evaluate.asking import Material, ask, calibrated, corrected_rows
from selfee_rt.workbench.evaluate.centred_windows import centred_mean, centred_mode
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.evaluate.reliability import Reliability, reliability
from selfee_rt.workbench.evaluate.results import Chances, LagPoint, Variant, Window
from selfee_rt.workbench.evaluate.running import Said, smoothed
from selfee_rt.workbench.evaluate.scores import Piece, Scoring, score
from selfee_rt.workbench.evaluate.settings import Settings
from selfee_rt.workbench.evaluate.training import Training
from selfee_rt.workbench.evaluate.variants import Smoothing, classifier_of, smoothing_of

Live = Literal["newest", "current"]


@dataclass(frozen=True, eq=False)
class Answer:
    """What one classifier said about one held-out part."""

    taught: Training
    piece: Piece
    raw: NDArray[np.float64]
    """(N, C) over all labels, not numbers while warming up."""
    probabilities: NDArray[np.float64]
    """(N, C) calibrated, where that was asked for."""
    calibration: Calibration | None


class Run:
    """One evaluation on its way."""

    def __init__(
        self,
        settings: Settings,
        recordings: Sequence[Labelled],
        parts: Sequence[Fold],
        scoring: Scoring,
        progress: Progress,
    ) -> None:
        self.chances: list[Chances] = []
        self.lags: list[LagPoint] = []
        self._settings, self._recordings, self._parts, self._scoring = settings, recordings, parts, scoring
        self._classifiers = {name: classifier_of(name) for name in settings.classifiers}
        self._smoothings = [smoothing_of(name) for name in settings.smoothings]
        self._interval = recordings[0].interval
        self._progress = progress
        self._done, self._steps = 0, 2 * len(parts) * len(settings.classifiers)

    def pieces(self, window: Live) -> tuple[Piece, ...]:
        """The held-out part of every fold."""
        return tuple(_piece(self._recordings[part.recording], part, self._shift(window)) for part in self._parts)

    def variants(self, window: Live) -> tuple[Variant, ...]:
        """Every classifier with every smoothing; for the current exposure also probabilities and lags."""
        material = Material(self._recordings, self._scoring.labels, self._shift(window), self._settings.preparation)
        taught = [material.without(part) for part in self._parts]
        pieces = self.pieces(window)
        found: list[Variant] = []
        for name, config in self._classifiers.items():
            answers = [self._answer(config, *each, material) for each in zip(taught, self._parts, pieces, strict=True)]
            for smoothing in self._smoothings:
                found += self._smoothed(name, smoothing, window, answers)
            if window == "current":
                self.chances.append(self._judged(name, answers))
                self._price_of_waiting(name, answers)
        return tuple(found)

    def _shift(self, window: Live) -> int:
        """Exposures from a live frame's current exposure to the one that the label describes."""
        return self._interval if window == "newest" else 0

    def _answer(
        self, config: ClassifierConfig, taught: Training, part: Fold, piece: Piece, material: Material
    ) -> Answer:
        raw = ask(config, taught, part, material, piece.rows)
        calibration = calibrated(self._settings.calibrate, config, taught, part, material)
        probabilities = raw
        if calibration is not None:
            columns = [material.labels.index(label) for label in taught.reference.labels]
            probabilities = np.where(np.isfinite(raw), 0.0, np.nan)
            probabilities[:, columns] = corrected_rows(correction(calibration), raw[:, columns])
        self._done += 1
        self._progress(self._done, self._steps)
        return Answer(taught, piece, raw, probabilities, calibration)

    def _judged(self, name: str, answers: Sequence[Answer]) -> Chances:
        wanted = self._settings.calibrate != "none"
        methods = [each.calibration.method if each.calibration is not None else "none" for each in answers]
        return Chances(
            name,
            _reliability(answers, [each.raw for each in answers]),
            _reliability(answers, [each.probabilities for each in answers]) if wanted else None,
            tuple(methods) if wanted else (),
        )

    def _smoothed(self, name: str, smoothing: Smoothing, window: Live, answers: Sequence[Answer]) -> list[Variant]:
        """What is said live and, where the smoothing has a window, what it would say if that were centred."""
        lookahead = self._interval - self._shift(window)
        said = self._said(name, smoothing, answers)
        found = [self._variant(name, smoothing, window, lookahead + smoothing.lag, answers, said)]
        if window == "current" and smoothing.window is not None:
            look = centred_mean if isinstance(smoothing.config, MeanSmoothingConfig) else centred_mode
            said = tuple(look(each.probabilities, smoothing.window) for each in answers)
            late = lookahead + smoothing.window // 2
            found.append(self._variant(name, smoothing, "centred", late, answers, said))
        return found

    def _said(self, name: str, smoothing: Smoothing, answers: Sequence[Answer]) -> tuple[Said, ...]:
        """What the live smoother makes of every held-out part."""
        out = []
        for each in answers:
            reference = each.taught.reference
            fps = self._recordings[0].fps
            live = build.smoother(smoothing.config, self._classifiers[name], each.calibration, reference, fps)
            names, bridged = self._scoring.labels, self._scoring.bridged
            out.append(smoothed(live, each.probabilities, each.piece.exposure, names, reference.labels, bridged))
        return tuple(out)

    def _variant(
        self,
        name: str,
        smoothing: Smoothing,
        window: Window,
        lookahead: int,
        answers: Sequence[Answer],
        said: tuple[Said, ...],
    ) -> Variant:
        scores = score([each.piece for each in answers], said, self._scoring)
        return Variant(name, smoothing.name, window, lookahead, scores, said)

    def _price_of_waiting(self, name: str, answers: Sequence[Answer]) -> None:
        """Accuracy for every lag, if an HMM is asked for at all."""
        if not any(isinstance(smoothing.config, HmmSmoothingConfig) for smoothing in self._smoothings):
            return
        for lag in self._settings.lags:
            said = self._said(name, smoothing_of(f"hmm:{lag}"), answers)
            scores = score([each.piece for each in answers], said, self._scoring)
            self.lags.append(LagPoint(name, lag, scores.macro_f1, scores.mean_average_precision))


def _reliability(answers: Sequence[Answer], given: Sequence[NDArray[np.float64]]) -> Reliability | None:
    truth = [each.piece.truth[each.piece.scored] for each in answers]
    scored = [probabilities[each.piece.scored] for each, probabilities in zip(answers, given, strict=True)]
    return reliability(np.concatenate(truth), np.concatenate(scored))


def _piece(recording: Labelled, part: Fold, shift: int) -> Piece:
    exposure = recording.frame_index + shift
    rows = part.streamed(part.recording, exposure)
    truth = recording.labels_at(exposure[rows])
    stimulus = recording.stimulus
    return Piece(
        fold=part,
        rows=rows,
        exposure=exposure[rows],
        truth=truth,
        scored=part.scored(part.recording, exposure[rows]) & (truth >= 0),
        stimulus=None if stimulus is None else tuple(stimulus[row] for row in np.flatnonzero(rows)),
    )
