"""Mahalanobis distance from what the reference knows, with a covariance that is shrunk."""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import MahalanobisConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.threshold import threshold_for


def shrunk_covariance(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Covariance (d, d) of centred points (N, d), drawn towards a multiple of the identity, and how far (0..1).

    The amount is the one that minimises the expected squared error, estimated from the points themselves; the result
    can be inverted even where there are fewer points than dimensions.
    Source: Ledoit and Wolf 2004, Journal of Multivariate Analysis 88:365, section 3.
    """
    rows, dim = points.shape
    sample = points.T @ points / rows
    mean_variance = float(np.trace(sample)) / dim
    target = mean_variance * np.eye(dim)
    dispersion = float(((sample - target) ** 2).sum())  # d^2 of the source, times the dimensions
    fourth = float((np.einsum("ij,ij->i", points, points) ** 2).mean())
    error = min((fourth - float((sample**2).sum())) / rows, dispersion)  # b^2 of the source, times the dimensions
    shrinkage = error / dispersion if dispersion > 0 else 1.0
    return shrinkage * target + (1 - shrinkage) * sample, shrinkage


class Mahalanobis:
    """Root mean square deviation from the reference's mean, along axes in which its points spread by 1.

    Of a point as usual as the reference's own it is about 1, whatever the number of dimensions. It knows nothing of
    the animal's own past: what a strange but constant animal does stays strange. The mean and the covariance are those
    of the reference's projected points, labels ignored, neither scaled to length 1.
    Source: Mahalanobis 1936, Proceedings of the National Institute of Sciences of India 2:49; the covariance as in
    `shrunk_covariance`.

    Raises:
        ConfigError: the reference's points do not spread at all; or the threshold is not for these settings.
    """

    def __init__(self, reference: Reference, config: MahalanobisConfig, fps: float) -> None:
        self.name = config.name
        self.threshold: float | None = threshold_for(reference.thresholds, config, fps)
        self._mean, self._whiten = _cloud(reference, config.name)

    def score(self, point: NDArray[np.float32]) -> float:
        """Anomaly score of `point` (d,) float32, 0 or more. Changes nothing."""
        deviation = np.dot(self._whiten, point - self._mean)  # (d,)
        return float(np.sqrt(np.dot(deviation, deviation) / len(deviation)))

    def observe(self, point: NDArray[np.float32]) -> None:
        """Nothing is learned from a session."""

    def reset(self, why: str) -> None:
        """There is nothing to forget."""

    def fresh(self) -> "Mahalanobis":
        """Return this detector itself: it has no state."""
        return self


def _cloud(reference: Reference, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (d,) of the reference's points, and the matrix (d, d) that makes their spread 1 in every direction."""
    points = np.stack([reference.project(vector.astype(np.float32)) for vector in reference.embedding])
    mean = points.mean(axis=0, dtype=np.float64)
    covariance, _ = shrunk_covariance(points - mean)
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise ConfigError(
            [
                f"observe.detector {name!r}: the reference's {len(points)} examples do not spread enough to say what "
                "is far from them; make a reference with more and different examples"
            ]
        ) from error
    return mean, np.asarray(np.linalg.inv(root), dtype=np.float64)
