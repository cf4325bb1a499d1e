"""The receiver operating characteristic of a score: how strange and normal exposures separate."""

import numpy as np
from numpy.typing import NDArray

CURVE_POINTS = 200


def auc(strange: NDArray[np.float64], normal: NDArray[np.float64]) -> float:
    """Area under the ROC curve: chance that a strange score (n,) exceeds a normal one (m,), a tie counting half.

    Source: Hanley and McNeil 1982, Radiology 143:29 (Wilcoxon's statistic).
    """
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate((strange, normal)))
    above = ranks[: len(strange)].sum() - len(strange) * (len(strange) + 1) / 2
    return float(above / (len(strange) * len(normal)))


def roc(strange: NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Parts (P, 2) of normal and of strange scores above a falling threshold, from (0, 0) to (1, 1)."""
    thresholds = np.unique(np.concatenate((strange, normal)))
    if len(thresholds) > CURVE_POINTS:
        thresholds = np.unique(np.quantile(normal, np.linspace(0, 1, CURVE_POINTS)))
    above = [(np.mean(normal > threshold), np.mean(strange > threshold)) for threshold in thresholds[::-1]]
    return np.array([(0.0, 0.0), *above, (1.0, 1.0)])
