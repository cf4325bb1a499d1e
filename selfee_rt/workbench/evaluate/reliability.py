"""Whether probabilities mean what they say: reliability, log likelihood, Brier score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.evaluate.running import known

BINS = 10
LEAST_PROBABILITY = 1e-6
"""Lower ones count as this in logarithms, so that one certain error does not make the mean infinite."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence (the highest probability) against how often it was right."""

    confidence: NDArray[np.float64]
    """(BINS,) mean confidence, not a number in an empty bin."""
    right: NDArray[np.float64]
    """(BINS,) share that was right."""
    count: NDArray[np.int64]
    """(BINS,) exposures."""
    calibration_error: float
    """Mean distance between confidence and share right, weighted by exposures.
    Source: Naeini, Cooper and Hauskrecht 2015, AAAI, 2901."""
    negative_log_likelihood: float
    """Mean over exposures, natural logarithm."""
    brier: float
    """Mean squared distance to the truth over all labels. Source: Brier 1950, Monthly Weather Review 78:1."""


def reliability(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> Reliability | None:
    """Compare probabilities (M, C) with the labels (M,); None if there are none."""
    there = known(probabilities)
    if not there.any():
        return None
    truth, chances = truth[there], probabilities[there]
    confidence, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    bin_of = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(bin_of, minlength=BINS)
    some = np.maximum(count, 1)
    mean = np.where(count, np.bincount(bin_of, confidence, BINS) / some, np.nan)
    share = np.where(count, np.bincount(bin_of, right, BINS) / some, np.nan)
    return Reliability(
        confidence=mean,
        right=share,
        count=count.astype(np.int64),
        calibration_error=float(np.nansum(np.abs(mean - share) * count) / count.sum()),
        negative_log_likelihood=negative_log_likelihood(truth, chances),
        brier=float(((chances - np.eye(chances.shape[1])[truth]) ** 2).sum(axis=1).mean()),
    )


def negative_log_likelihood(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Mean of -log of the probability (M, C) that the true label (M,) was given."""
    given = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(given, LEAST_PROBABILITY)).mean())
