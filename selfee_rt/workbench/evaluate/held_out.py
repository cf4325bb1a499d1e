"""Runs every classifier and smoothing over the held-out parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.embedding import Progress
from selfee_rt.workbench.evaluate.centred import centred_mean, centred_mode
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.evaluate.reliability import reliability
from selfee_rt.workbench.evaluate.results import Chances, LagPoint, Variant, Window
from selfee_rt.workbench.evaluate.running import Said, classified, smoothed
from selfee_rt.workbench.evaluate.scores import Piece, Scoring, score
from selfee_rt.workbench.evaluate.settings import Settings
from selfee_rt.workbench.evaluate.training import Training, project, training
from selfee_rt.workbench.evaluate.variants import (
    Smoothing,
    classifier_of,
    make_classifier,
    make_smoother,
    smoothing_of,
)

Live = Literal["newest", "current"]


@dataclass(frozen=True, eq=False)
class Answers:
    """What one classifier said about every held-out part."""

    classifier: str
    window: Live
    taught: tuple[Training, ...]
    """Per fold."""
    pieces: tuple[Piece, ...]
    probabilities: tuple[NDArray[np.float64], ...]
    """Per fold (N, C), not numbers while warming up."""


class HeldOut:
    """The held-out parts of some recordings, and everything that is asked about them."""

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
        """Every classifier with every smoothing."""
        pieces, shift = self.pieces(window), self._shift(window)
        taught = tuple(
            training(self._recordings, self._scoring.labels, (part,), shift, self._settings.preparation)
            for part in self._parts
        )
        found: list[Variant] = []
        for name in self._classifiers:
            answers = self._answers(name, window, taught, pieces)
            if window == "current":
                self._judge_probabilities(answers)
            for smoothing in self._smoothings:
                found += self._smoothed(answers, smoothing)
        return tuple(found)

    def _shift(self, window: Live) -> int:
        """Exposures from a live frame's current exposure to the one that the label describes."""
        return self._interval if window == "newest" else 0

    def _answers(self, name: str, window: Live, taught: tuple[Training, ...], pieces: tuple[Piece, ...]) -> Answers:
        probabilities = []
        for known, part, piece in zip(taught, self._parts, pieces, strict=True):
            recording = self._recordings[part.recording]
            rows = part.streamed(part.recording, recording.frame_index + self._shift(window))
            points = project(known.reference, recording.embedding[rows])
            classifier = make_classifier(self._classifiers[name], known)
            labels, bridged = self._scoring.labels, self._scoring.bridged
            probabilities.append(classified(classifier, points, piece.exposure, labels, bridged))
            self._done += 1
            self._progress(self._done, self._steps)
        return Answers(name, window, taught, pieces, tuple(probabilities))

    def _judge_probabilities(self, answers: Answers) -> None:
        truth = np.concatenate([piece.truth[piece.scored] for piece in answers.pieces])
        given = [each[piece.scored] for each, piece in zip(answers.probabilities, answers.pieces, strict=True)]
        self.chances.append(Chances(answers.classifier, reliability(truth, np.concatenate(given)), None, ()))

    def _smoothed(self, answers: Answers, smoothing: Smoothing) -> list[Variant]:
        """What is said live and, where the smoothing has a window, what it would say if that were centred."""
        said = tuple(
            smoothed(
                make_smoother(smoothing, known),
                probabilities,
                piece.exposure,
                self._scoring.labels,
                known.reference.labels,
                self._scoring.bridged,
            )
            for known, piece, probabilities in zip(answers.taught, answers.pieces, answers.probabilities, strict=True)
        )
        lookahead = self._interval - self._shift(answers.window)
        found = [self._variant(answers, smoothing, answers.window, lookahead + smoothing.lag, said)]
        if answers.window == "current" and smoothing.window is not None:
            look = centred_mode if smoothing.kind == "mode" else centred_mean
            said = tuple(look(each, smoothing.window) for each in answers.probabilities)
            found.append(self._variant(answers, smoothing, "centred", lookahead + smoothing.window // 2, said))
        return found

    def _variant(
        self, answers: Answers, smoothing: Smoothing, window: Window, lookahead: int, said: tuple[Said, ...]
    ) -> Variant:
        scores = score(answers.pieces, said, self._scoring)
        return Variant(answers.classifier, smoothing.name, window, lookahead, scores, said)


def _piece(recording: Labelled, part: Fold, shift: int) -> Piece:
    exposure = recording.frame_index + shift
    rows = part.streamed(part.recording, exposure)
    truth = recording.labels_at(exposure[rows])
    stimulus = recording.stimulus
    return Piece(
        fold=part,
        exposure=exposure[rows],
        truth=truth,
        scored=part.scored(part.recording, exposure[rows]) & (truth >= 0),
        stimulus=None if stimulus is None else tuple(stimulus[row] for row in np.flatnonzero(rows)),
    )
