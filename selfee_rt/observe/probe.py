"""A linear softmax probe: how far straight boundaries between behaviours go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from selfee_rt.config import ProbeConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import LabelledPoints
from selfee_rt.observe.teachable import awaits_teaching
from selfee_rt.types import Examples

MOST_ITERATIONS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Weights (d, C) and offsets (C,) of the logarithms of the labels' probabilities, up to a common constant."""

    weight: NDArray[np.float64]
    offset: NDArray[np.float64]


class Probe:
    """Multinomial logistic regression on the points of the reference, standardised by their mean and deviation.

    Trained when it is made, from nothing and without chance, so that the same examples give the same probe. With
    `balance` each label weighs the same however many examples it has. A dimension that never varies is left unscaled.
    A label that was declared and not shown yet has probability 0; nothing is said before two have examples.
    Source: the linear evaluation of self-supervised embeddings, as in Chen et al. 2020, ICML, 1597.

    Raises:
        ConfigError: fewer than two labels, or the training does not converge.
    """

    def __init__(self, reference: LabelledPoints, config: ProbeConfig, examples: Examples | None = None) -> None:
        self.labels: tuple[str, ...] = reference.labels
        self._reference, self._config = reference, config
        points, label_of = _together(reference, examples)
        if len(self.labels) < 2 and not awaits_teaching(reference):
            raise ConfigError(
                [
                    f"observe.classifier: the reference has {len(self.labels)} labels, a probe tells apart at least 2; "
                    "make a reference with more labels"
                ]
            )
        self._shown, label_of = np.unique(label_of, return_inverse=True)
        self._linear: Linear | None = None
        if len(self._shown) < 2:
            return
        self._mean = points.mean(axis=0)
        deviation = points.std(axis=0)
        self._scale = np.where(deviation > 0, deviation, 1.0)
        weight_of = _weights(label_of, len(self._shown), balance=config.balance)
        self._linear = train((points - self._mean) / self._scale, label_of, weight_of, config.l2)

    def probabilities(self, point: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Probability of each label for `point` (d,) float32: (C,) float64, sum 1; None before two have examples."""
        if self._linear is None:
            return None
        standard = (point.astype(np.float64) - self._mean) / self._scale
        probabilities = np.zeros(len(self.labels))
        probabilities[self._shown] = softmax(standard @ self._linear.weight + self._linear.offset)
        return probabilities

    def observe(self, point: NDArray[np.float32]) -> None:
        """Do nothing: an exposure is judged by itself."""

    def reset(self, why: str) -> None:
        """Do nothing: there is nothing that a break makes untrue."""

    def taught(self, examples: Examples) -> "Probe":
        """Return a probe trained anew on the reference and `examples`; takes seconds where the bank is large."""
        return Probe(self._reference, self._config, examples)


def train(
    points: NDArray[np.float64], label_of: NDArray[np.int64], weight_of: NDArray[np.float64], l2: float
) -> Linear:
    """Minimise the weighted mean of -log p(label) plus l2 / 2 times the squared weights, by L-BFGS.

    `points` (N, d) standardised, `label_of` (N,) positions of labels that all occur, `weight_of` (N,) of mean 1.
    The offsets are not penalised.

    Raises:
        ConfigError: the training does not converge.
    """
    dim, labels = points.shape[1], int(label_of.max()) + 1
    truth = np.eye(labels)[label_of]  # (N, C)
    share = weight_of[:, None] / len(points)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight, offset = flat[:-labels].reshape(dim, labels), flat[-labels:]
        logits = points @ weight + offset
        log_p = logits - logsumexp(logits, axis=1, keepdims=True)
        slope = share * (np.exp(log_p) - truth)
        value = -(share * truth * log_p).sum() + l2 / 2 * (weight * weight).sum()
        return float(value), np.concatenate(((points.T @ slope + l2 * weight).ravel(), slope.sum(axis=0)))

    options = {"maxiter": MOST_ITERATIONS, "maxfun": 2 * MOST_ITERATIONS, "ftol": 1e-12, "gtol": 1e-7}
    found = minimize(loss, np.zeros((dim + 1) * labels), jac=True, method="L-BFGS-B", options=options)
    if not found.success:
        raise ConfigError(
            [
                f"observe.classifier: the probe did not converge within {MOST_ITERATIONS} steps ({found.message}); "
                f"raise l2, which is {l2:g}"
            ]
        )
    return Linear(found.x[:-labels].reshape(dim, labels), found.x[-labels:])


def _together(reference: LabelledPoints, examples: Examples | None) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Labelled points of the reference, then the taught ones: (N, d) and (N,)."""
    labelled = reference.label_of >= 0
    points, label_of = [reference.points[labelled]], [reference.label_of[labelled]]
    if examples is not None:
        points.append(examples.points)
        label_of.append(examples.label_of)
    return np.concatenate(points).astype(np.float64), np.concatenate(label_of)


def _weights(label_of: NDArray[np.int64], labels: int, *, balance: bool) -> NDArray[np.float64]:
    """Weight (N,) of each example, mean 1."""
    if not balance:
        return np.ones(len(label_of))
    counts = np.bincount(label_of, minlength=labels)
    return np.asarray(len(label_of) / (labels * counts[label_of]), dtype=np.float64)
