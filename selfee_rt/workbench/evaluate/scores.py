"""All the numbers of one variant: F1, average precision, bouts and onsets, with their intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.evaluate.bootstrap import (
    Estimate,
    Resamples,
    estimate,
    mean_where_known,
    resamples,
)
from selfee_rt.workbench.evaluate.bouts import Match, Onset, matched, onset, runs
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.metrics import confusion, f1_of_confusion, ratio, weighted_average_precision
from selfee_rt.workbench.evaluate.running import Said


@dataclass(frozen=True, eq=False)
class Piece:
    """The held-out part of one fold."""

    fold: Fold
    rows: NDArray[np.bool_]
    """The recording's embeddings that are run over."""
    exposure: NDArray[np.int64]
    """(N,) exposures that the labels describe, rising; the gap on both sides included."""
    truth: NDArray[np.int64]
    """(N,) position among the labels, -1 where nobody scored."""
    scored: NDArray[np.bool_]
    """(N,) held out and labelled."""
    stimulus: tuple[str, ...] | None
    """(N,) off, on or after; None: there was none."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """What does not depend on the variant."""

    labels: tuple[str, ...]
    exposure_ms: float
    bridged: int
    by_video: bool
    """Whether whole videos are drawn again, else blocks of time."""
    block_exposures: int
    overlap: float
    draws: int
    seed: int


@dataclass(frozen=True, eq=False)
class LabelScores:
    """One label."""

    exposures: int
    bouts: int
    f1: Estimate
    average_precision: Estimate
    bout_f1: Estimate
    onset: Onset | None


@dataclass(frozen=True, eq=False)
class Scores:
    """One variant."""

    macro_f1: Estimate
    mean_average_precision: Estimate
    bout_f1: Estimate
    onset: Onset | None
    per_label: dict[str, LabelScores]
    confusion: NDArray[np.int64]
    """(C, C + 1) true label, predicted label; the last column: nothing was said."""
    exposures: int
    unknown: int
    """Exposures about which nothing was said; they count as missed."""
    by_stimulus: dict[str, tuple[int, float]]
    """Exposures and macro F1 while the stimulus was off, on, or has just been on."""


def score(pieces: Sequence[Piece], said: Sequence[Said], scoring: Scoring) -> Scores:
    """Compare what was said with the labels, all folds together."""
    truth = np.concatenate([piece.truth[piece.scored] for piece in pieces])
    predicted = np.concatenate([each.label_of[piece.scored] for piece, each in zip(pieces, said, strict=True)])
    chances = np.concatenate([each.probabilities[piece.scored] for piece, each in zip(pieces, said, strict=True)])
    unit_of, units = unit_numbers(pieces, scoring)
    found = [_matches(piece, each, scoring) for piece, each in zip(pieces, said, strict=True)]
    true_bouts = {
        name: sum(match.true is not None and match.true.label == label for some in found for match in some)
        for label, name in enumerate(scoring.labels)
    }
    drawn = resamples(units, "videos" if scoring.by_video else "blocks", true_bouts, scoring.draws, scoring.seed)
    table = confusion(truth, predicted, unit_of, units, len(scoring.labels))
    f1s, macro = _estimates(table, f1_of_confusion, drawn)
    bout_f1s, bout_macro = _estimates(_bout_counts(pieces, found, scoring, units), _bout_f1, drawn)
    precisions, mean_precision = _precisions(truth, chances, unit_of, drawn)
    all_matches = [match for some in found for match in some]
    return Scores(
        macro_f1=macro,
        mean_average_precision=mean_precision,
        bout_f1=bout_macro,
        onset=onset(all_matches, scoring.exposure_ms),
        per_label={
            name: LabelScores(
                exposures=int((truth == label).sum()),
                bouts=true_bouts[name],
                f1=f1s[label],
                average_precision=precisions[label],
                bout_f1=bout_f1s[label],
                onset=onset(_of_label(all_matches, label), scoring.exposure_ms),
            )
            for label, name in enumerate(scoring.labels)
        },
        confusion=table.sum(axis=0),
        exposures=len(truth),
        unknown=int((predicted < 0).sum()),
        by_stimulus=_by_stimulus(pieces, truth, predicted, len(scoring.labels)),
    )


def unit_numbers(pieces: Sequence[Piece], scoring: Scoring) -> tuple[NDArray[np.int64], int]:
    """The video or block (M,) that each scored exposure belongs to, and how many there are."""
    keys = np.concatenate([_unit_keys(piece, scoring, piece.exposure[piece.scored]) for piece in pieces])
    distinct, numbers = np.unique(keys, axis=0, return_inverse=True)
    return numbers.reshape(-1).astype(np.int64), len(distinct)


def _unit_keys(piece: Piece, scoring: Scoring, exposure: NDArray[np.int64]) -> NDArray[np.int64]:
    """(M, 3) recording, start of the fold and block within it; the last two are 0 where videos are drawn."""
    whole = np.zeros_like(exposure)
    block = whole if scoring.by_video else (exposure - piece.fold.first) // scoring.block_exposures
    first = whole if scoring.by_video else whole + piece.fold.first
    return np.stack((whole + piece.fold.recording, first, block), axis=1)


Measure = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def _estimates(per_unit: NDArray[np.int64], measure: Measure, drawn: Resamples) -> tuple[list[Estimate], Estimate]:
    """A measure per label, and its mean over those that occur, of counts that add up over units (U, C, …)."""
    value = measure(per_unit.sum(axis=0))
    samples = measure(np.tensordot(drawn.weights, per_unit, axes=1))
    labels = [estimate(value[label], samples[:, label], drawn.why_none) for label in range(len(value))]
    mean = estimate(float(mean_where_known(value)), mean_where_known(samples), drawn.why_none)
    return labels, mean


def _precisions(
    truth: NDArray[np.int64], chances: NDArray[np.float64], unit_of: NDArray[np.int64], drawn: Resamples
) -> tuple[list[Estimate], Estimate]:
    """Average precision per label and its mean; exposures without probabilities rank last for every label."""
    ranked = np.where(np.isfinite(chances), chances, -1.0)
    once = np.ones((1, drawn.weights.shape[1]), dtype=np.int64)
    weights = np.concatenate((once, drawn.weights)) if drawn.why_none is None else once
    columns = [
        weighted_average_precision(truth == label, ranked[:, label], unit_of, weights)
        for label in range(chances.shape[1])
    ]
    table = np.stack(columns, axis=1)  # (1 + R, C)
    labels = [estimate(table[0, label], table[1:, label], drawn.why_none) for label in range(table.shape[1])]
    means = mean_where_known(table)
    return labels, estimate(float(means[0]), means[1:], drawn.why_none)


def _matches(piece: Piece, said: Said, scoring: Scoring) -> list[Match]:
    true = runs(piece.truth, piece.exposure, piece.scored, scoring.bridged)
    predicted = runs(said.label_of, piece.exposure, piece.scored, scoring.bridged)
    return matched(true, predicted, scoring.overlap)


def _of_label(matches: Sequence[Match], label: int) -> list[Match]:
    return [match for match in matches if match.true is not None and match.true.label == label]


def _bout_counts(
    pieces: Sequence[Piece], found: Sequence[Sequence[Match]], scoring: Scoring, units: int
) -> NDArray[np.int64]:
    """Bouts found, missed and invented: (units, C, 3); a bout belongs to the unit in which it begins."""
    keys = [_unit_keys(piece, scoring, piece.exposure[piece.scored]) for piece in pieces]
    numbers = {tuple(key): number for number, key in enumerate(np.unique(np.concatenate(keys), axis=0).tolist())}
    counts = np.zeros((units, len(scoring.labels), 3), dtype=np.int64)
    for piece, matches in zip(pieces, found, strict=True):
        for match in matches:
            run = match.true or match.predicted
            if run is not None:
                key = _unit_keys(piece, scoring, np.array([run.start]))[0].tolist()
                kind = 0 if match.true and match.predicted else 1 if match.true else 2
                counts[numbers[tuple(key)], run.label, kind] += 1
    return counts


def _bout_f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 from counts (..., 3) of bouts found, missed and invented; not a number where there is no true bout."""
    hit, missed, invented = counts[..., 0], counts[..., 1], counts[..., 2]
    return ratio(2.0 * hit, np.where(hit + missed > 0, 2 * hit + missed + invented, 0))


def _by_stimulus(
    pieces: Sequence[Piece], truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: int
) -> dict[str, tuple[int, float]]:
    states = np.concatenate(
        [np.array(piece.stimulus or ("off",) * len(piece.scored))[piece.scored] for piece in pieces]
    )
    out = {}
    for state in ("off", "on", "after"):
        here = states == state
        if here.any():
            table = confusion(truth[here], predicted[here], np.zeros(here.sum(), np.int64), 1, labels)[0]
            out[state] = (int(here.sum()), float(mean_where_known(f1_of_confusion(table))))
    return out
