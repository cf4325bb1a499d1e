"""What an answer is worth, exposure by exposure: F1, average precision, confusion."""

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
