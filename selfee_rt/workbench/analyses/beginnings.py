"""Where a fit of an autoregressive hidden Markov model begins: short segments of the data, grouped into states."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.analyses.dynamics import Dynamics, Floats, Prior, fitted, log_density

Kind = Literal["motion", "place"]
"""What segments are grouped by first: how much they move along each axis, or where they are."""

ROUNDS = 5
"""Times that segments are grouped anew by the dynamics of their groups."""

STEPS = 20
"""Steps of k-means."""


def beginning(
    past: Floats,
    points: Floats,
    starts: NDArray[np.int64],
    kind: Kind,
    states: int,
    prior: Prior,
    rng: np.random.Generator,
) -> Dynamics:
    """Dynamics of groups of segments that move alike.

    Args:
        past: (T, p), what precedes each point.
        points: (T, d).
        starts: (S,) where each segment starts, rising from 0.
        kind: what segments are grouped by first.
        states: number of groups.
        prior: of the dynamics.
        rng: chooses the first centres.
    """
    lengths = np.diff([*starts.tolist(), len(points)])
    group = k_means(_features(past, points, starts, lengths, kind), states, rng)
    for _ in range(ROUNDS):
        dynamics = fitted(past, points, np.eye(states)[np.repeat(group, lengths)], prior)
        likely = np.add.reduceat(log_density(dynamics, past, points), starts, axis=0)
        group = likely.argmax(axis=1)
    return fitted(past, points, np.eye(states)[np.repeat(group, lengths)], prior)


def _features(
    past: Floats, points: Floats, starts: NDArray[np.int64], lengths: NDArray[np.int64], kind: Kind
) -> Floats:
    """Of each segment (S, d), scaled to one variance."""
    if kind == "place":
        features = np.add.reduceat(points, starts, axis=0) / lengths[:, None]
    else:
        steps = points - past[:, : points.shape[1]]
        energy = np.add.reduceat(steps**2, starts, axis=0) / lengths[:, None]
        features = np.log(energy + 1e-2 * energy.mean(axis=0) + np.finfo(float).tiny)
    spread = features.std(axis=0)
    return np.asarray((features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def k_means(features: Floats, groups: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Group (S,) of each row of features (S, f); the first centres are chosen far apart.

    Sources: Lloyd 1982, IEEE Transactions on Information Theory 28:129; Arthur and Vassilvitskii 2007, SODA:1027.
    """
    centres = _far_apart(features, groups, rng)
    for _ in range(STEPS):
        nearest = _distances(features, centres).argmin(axis=1)
        for group in np.unique(nearest):
            centres[group] = features[nearest == group].mean(axis=0)
    return np.asarray(_distances(features, centres).argmin(axis=1), dtype=np.int64)


def _far_apart(features: Floats, groups: int, rng: np.random.Generator) -> Floats:
    chosen = [int(rng.integers(len(features)))]
    while len(chosen) < groups:
        away = _distances(features, features[chosen]).min(axis=1)
        total = away.sum()
        chosen.append(int(rng.choice(len(features), p=away / total) if total > 0 else rng.integers(len(features))))
    return features[chosen].copy()


def _distances(features: Floats, centres: Floats) -> Floats:
    """Squared distances (S, K)."""
    return np.asarray(((features[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
