"""A hidden Markov chain: what is probable given all observations, and the most probable path; in log space.

Source: Rabiner 1989, Proceedings of the IEEE 77:257 (forward-backward, Viterbi).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What one sequence says of its hidden states."""

    states: Floats
    """(T, K) probability of each state at each time, given the whole sequence."""
    transitions: Floats
    """(K, K) expected number of steps from the first state to the second."""
    log_likelihood: float


def forward(log_density: Floats, transition: Floats) -> Floats:
    """Log probability (T, K) of the observations up to each time together with the state then.

    Args:
        log_density: (T, K), T at least 1, of each observation in each state.
        transition: (K, K), rows sum to 1, every entry above 0; the first state is uniformly distributed.
    """
    joint = np.empty_like(log_density)
    joint[0] = log_density[0] - np.log(len(transition))
    for now in range(1, len(joint)):
        before = joint[now - 1]
        highest = before.max()
        joint[now] = np.log(np.exp(before - highest) @ transition) + highest + log_density[now]
    return joint


def backward(log_density: Floats, transition: Floats) -> Floats:
    """Log probability (T, K) of the observations after each time, given the state then; arguments as `forward`."""
    after = np.zeros_like(log_density)
    onward = transition.T.copy()
    for now in range(len(after) - 2, -1, -1):
        ahead = after[now + 1] + log_density[now + 1]
        highest = ahead.max()
        after[now] = np.log(np.exp(ahead - highest) @ onward) + highest
    return after


def smooth(log_density: Floats, transition: Floats) -> Smoothed:
    """Forward and backward together; arguments as `forward`."""
    before, after = forward(log_density, transition), backward(log_density, transition)
    log_likelihood = float(np.logaddexp.reduce(before[-1]))
    states = np.exp(before + after - log_likelihood)
    states /= states.sum(axis=1, keepdims=True)
    return Smoothed(states, _steps(before, after, log_density, transition), log_likelihood)


def _steps(before: Floats, after: Floats, log_density: Floats, transition: Floats) -> Floats:
    """Expected transitions (K, K), summed over time."""
    leaving = _scaled(before[:-1])
    arriving = _scaled(log_density[1:] + after[1:])
    total = np.einsum("tj,jk,tk->t", leaving, transition, arriving, optimize=True)
    steps: Floats = transition * ((leaving / total[:, None]).T @ arriving)
    return steps


def _scaled(logs: Floats) -> Floats:
    """Exponentials (T, K), each row up to a factor that makes its largest 1."""
    scaled: Floats = np.exp(logs - logs.max(axis=1, keepdims=True))
    return scaled


def most_probable_path(log_density: Floats, transition: Floats) -> NDArray[np.int64]:
    """The most probable states (T,), all together; arguments as `forward`."""
    steps = np.log(transition)
    best_before = np.zeros(log_density.shape, dtype=np.int64)
    best = log_density[0]
    states = np.arange(len(transition))
    for now in range(1, len(log_density)):
        ways = best[:, None] + steps
        best_before[now] = ways.argmax(axis=0)
        best = ways[best_before[now], states] + log_density[now]
    path = np.empty(len(log_density), dtype=np.int64)
    path[-1] = best.argmax()
    for now in range(len(path) - 1, 0, -1):
        path[now - 1] = best_before[now, path[now]]
    return path
