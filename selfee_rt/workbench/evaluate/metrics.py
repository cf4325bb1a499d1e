"""What an answer is worth, exposure by exposure: F1, average precision, confusion."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def f1(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """Harmonic mean of precision and recall of one label: 2 TP / (2 TP + FP + FN)."""
    hits = np.count_nonzero(truth & predicted)
    return float(2 * hits / (np.count_nonzero(truth) + np.count_nonzero(predicted)))


def average_precision(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the precision-recall steps: sum over thresholds of (R_n - R_{n-1}) P_n; equal scores are one step.

    Source: Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, chapter 8; not interpolated.
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    last_of_step = np.append(np.diff(score[order]) != 0, True)
    hits, ranks = hits[last_of_step], np.flatnonzero(last_of_step) + 1
    gained = np.diff(hits, prepend=0)
    return float((gained * hits / ranks).sum() / hits[-1])


def macro(label_of: NDArray[np.int64], probabilities: NDArray[np.float64]) -> tuple[float, float]:
    """Macro F1 and mAP: the means over those labels that occur in `label_of` (N,); `probabilities` (N, C)."""
    predicted = probabilities.argmax(axis=1)
    present = np.unique(label_of)
    f1s = [f1(label_of == label, predicted == label) for label in present]
    precisions = [average_precision(label_of == label, probabilities[:, label]) for label in present]
    return float(np.mean(f1s)), float(np.mean(precisions))


def confusion(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], unit_of: NDArray[np.int64], units: int, labels: int
) -> NDArray[np.int64]:
    """Count exposures per unit of resampling, true label and predicted label: (units, labels, labels + 1).

    `truth` (M,), `predicted` (M,) with -1 where nothing was said, which is the last column; `unit_of` (M,).
    """
    table = np.zeros((units, labels, labels + 1), dtype=np.int64)
    np.add.at(table, (unit_of, truth, np.where(predicted < 0, labels, predicted)), 1)
    return table


def f1_of_confusion(table: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of each label from confusion tables (..., C, C + 1): (..., C); not a number where a label does not occur."""
    hits = np.diagonal(table[..., :-1], axis1=-2, axis2=-1).astype(np.float64)
    true, said = table.sum(axis=-1), table[..., :-1].sum(axis=-2)
    return ratio(2 * hits, np.where(true > 0, true + said, 0))


def ratio(part: NDArray[Any], whole: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide; not a number where `whole` is 0."""
    out = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=out, where=np.asarray(whole) > 0)
    return out


def weighted_average_precision(
    truth: NDArray[np.bool_], score: NDArray[np.float64], unit_of: NDArray[np.int64], weights: NDArray[np.int64]
) -> NDArray[np.float64]:
    """`average_precision` of each of R resamples, in which unit u occurs `weights[r, u]` times: (R,).

    Not a number where the label does not occur in a resample.
    """
    order = np.argsort(-score, kind="stable")
    positive, unit = truth[order], unit_of[order]
    last_of_step = np.append(np.diff(score[order]) != 0, True)
    out = np.full(len(weights), np.nan)
    for row, weight in enumerate(weights):
        times = weight[unit]
        hits, ranks = np.cumsum(times * positive)[last_of_step], np.cumsum(times)[last_of_step]
        if hits[-1]:
            out[row] = (np.diff(hits, prepend=0) * hits / np.maximum(ranks, 1)).sum() / hits[-1]
    return out
