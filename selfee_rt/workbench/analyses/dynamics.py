"""Linear dynamics with noise, one set per state: how a point follows from those before it.

A state k says y = W_k x + noise of covariance Q_k, where y is a point (d,) and x (p,) holds the `lags` points before
it, newest first, and a 1: p = lags d + 1. The prior on (W_k, Q_k) is matrix-normal inverse-Wishart about a random walk.
Source: Fox, Sudderth, Jordan and Willsky 2011, IEEE Transactions on Signal Processing 59:1569.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dynamics:
    """The dynamics of K states in d dimensions."""

    weights: Floats
    """(K, d, p)."""
    noise: Floats
    """(K, d, d), positive definite."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before any data, as pseudo-counts; points are expected in units of their typical step."""

    noise: float = 1.0
    """Variance expected of the noise."""
    noise_weight: float = 2.0
    """How many exposures that is worth, beyond the d + 1 which make it a distribution."""
    walk_weight: float = 1.0
    """How many exposures the random walk (a point is where it was) is worth."""


def lagged(points: Floats, lags: int) -> tuple[Floats, Floats]:
    """What precedes (T - lags, p), and what follows (T - lags, d), in a sequence of points (T, d)."""
    length = len(points) - lags
    past = [points[lags - lag : lags - lag + length] for lag in range(1, lags + 1)]
    return np.hstack([*past, np.ones((length, 1))]), points[lags:]


def log_density(dynamics: Dynamics, past: Floats, points: Floats) -> Floats:
    """Log density (T, K) of points (T, d) after `past` (T, p) in each state."""
    density = np.empty((len(points), len(dynamics.weights)))
    for state, (weights, noise) in enumerate(zip(dynamics.weights, dynamics.noise, strict=True)):
        factor = np.linalg.cholesky(noise)
        surprise = solve_triangular(factor, (points - past @ weights.T).T, lower=True)
        density[:, state] = -0.5 * (surprise**2).sum(axis=0) - np.log(np.diag(factor)).sum()
    return np.asarray(density - 0.5 * points.shape[1] * np.log(2 * np.pi))


def fitted(past: Floats, points: Floats, share: Floats, prior: Prior) -> Dynamics:
    """The most probable dynamics where each time belongs to the states by `share` (T, K)."""
    each = [_fitted(past, points, share[:, state], prior) for state in range(share.shape[1])]
    return Dynamics(np.stack([weights for weights, _ in each]), np.stack([noise for _, noise in each]))


def _fitted(past: Floats, points: Floats, share: Floats, prior: Prior) -> tuple[Floats, Floats]:
    dim, inputs = points.shape[1], past.shape[1]
    walk, scatter, degrees = _belief(dim, inputs, prior)
    weighted = past * share[:, None]
    past_past = weighted.T @ past + prior.walk_weight * np.eye(inputs)
    points_past = points.T @ weighted + prior.walk_weight * walk
    weights: Floats = np.linalg.solve(past_past, points_past.T).T.astype(np.float64)
    points_points = (points * share[:, None]).T @ points + prior.walk_weight * walk @ walk.T + scatter
    noise = (points_points - weights @ points_past.T) / (share.sum() + degrees)
    return weights, np.asarray((noise + noise.T) / 2)


def _belief(dim: int, inputs: int, prior: Prior) -> tuple[Floats, Floats, float]:
    """The random walk (d, p); scatter (d, d) and exponent of the noise's distribution, such that its mode is right."""
    degrees = 2 * (dim + 1) + prior.noise_weight + inputs
    return np.eye(dim, inputs), np.eye(dim) * prior.noise * degrees, degrees


def log_prior(dynamics: Dynamics, prior: Prior) -> float:
    """Log density of the prior at these dynamics, up to a constant."""
    _, dim, inputs = dynamics.weights.shape
    walk, scatter, degrees = _belief(dim, inputs, prior)
    total = 0.0
    for weights, noise in zip(dynamics.weights, dynamics.noise, strict=True):
        away = weights - walk
        believed = scatter + prior.walk_weight * away @ away.T
        total -= 0.5 * (degrees * np.linalg.slogdet(noise)[1] + np.trace(np.linalg.solve(noise, believed)))
    return float(total)
