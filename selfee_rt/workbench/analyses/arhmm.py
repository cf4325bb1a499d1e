"""An autoregressive hidden Markov model: behaviour as a sequence of short linear motions, the syllables.

Source: Wiltschko et al. 2015, Neuron 88:1121, as used on embeddings by Jia et al. 2022, eLife 11:e76218; fitted here
by expectation-maximisation of the posterior (Dempster, Laird and Rubin 1977) instead of by sampling. Transitions have
the sticky prior of Fox et al. 2011, Annals of Applied Statistics 5:1020.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.analyses.beginnings import Kind, beginning
from selfee_rt.workbench.analyses.chain import most_probable_path, smooth
from selfee_rt.workbench.analyses.dynamics import Dynamics, Floats, Prior, fitted, lagged, log_density, log_prior

NOTHING = 1e-3
"""Pseudo-count of every transition, which keeps each possible."""


@dataclass(frozen=True, slots=True)
class ArhmmSettings:
    """Shape of the model and how it is fitted."""

    states: int = 5
    lags: int = 3
    """Points before a point that it depends on."""
    stickiness: float = 0.0
    """Pseudo-count of staying in each state."""
    prior: Prior = field(default_factory=Prior)
    seed: int = 0
    starts: int = 4
    """Fits are begun from so many groupings of segments, by motion and by place in turn; the best is finished."""
    first_steps: int = 8
    """Steps after which the best beginning is chosen."""
    most_steps: int = 200
    enough: float = 1e-5
    """A step that gains less than this per exposure, in nats, is the last."""
    segment: int = 15
    """Exposures of the pieces that beginnings are made of."""


@dataclass(frozen=True, eq=False)
class Arhmm:
    """A fitted model of K states."""

    dynamics: Dynamics
    transition: Floats
    """(K, K), rows sum to 1."""
    lags: int
    objective: tuple[float, ...]
    """Log posterior, up to a constant, after each step; never falls."""
    log_likelihood: float
    """Of all points but the first `lags` of each sequence, in nats."""
    converged: bool

    def states(self, points: Floats) -> NDArray[np.int64]:
        """The most probable state of each point (T, d) but the first `lags`: (T - lags,)."""
        return most_probable_path(log_density(self.dynamics, *lagged(points, self.lags)), self.transition)

    def reordered(self, order: Sequence[int]) -> "Arhmm":
        """The same model with its states in another order."""
        places = list(order)
        dynamics = Dynamics(self.dynamics.weights[places], self.dynamics.noise[places])
        return replace(self, dynamics=dynamics, transition=self.transition[np.ix_(places, places)])


@dataclass(frozen=True, eq=False)
class _Data:
    """All sequences, end to end."""

    past: Floats
    points: Floats
    stops: list[int]
    """Where each sequence ends."""

    @property
    def ranges(self) -> list[slice]:
        return [slice(start, stop) for start, stop in zip([0, *self.stops[:-1]], self.stops, strict=True)]


@dataclass(frozen=True, eq=False)
class _Fit:
    """One estimate on its way, and what it makes of the data."""

    dynamics: Dynamics
    transition: Floats
    share: Floats
    """(T, K) probability of each state at each time."""
    transitions: Floats
    """(K, K) expected number of steps."""
    log_likelihood: float
    objective: tuple[float, ...]
    """Log posterior of this estimate, last, and of those it came from."""


def fit_arhmm(sequences: Sequence[Floats], settings: ArhmmSettings) -> Arhmm:
    """Fit to sequences of points (T, d), each longer than `lags`; the same input and seed give the same model."""
    data = _data(sequences, settings.lags)
    rng = np.random.default_rng(settings.seed)
    kinds: tuple[Kind, ...] = ("motion", "place")
    begun = (_begin(data, settings, kinds[start % len(kinds)], rng) for start in range(settings.starts))
    first = [_improved(fit, data, settings, settings.first_steps) for fit in begun]
    best = max(first, key=lambda fit: fit.objective[-1])
    done = _improved(best, data, settings, settings.most_steps)
    converged = _enough(done, data, settings)
    return Arhmm(done.dynamics, done.transition, settings.lags, done.objective, done.log_likelihood, converged)


def _data(sequences: Sequence[Floats], lags: int) -> _Data:
    pairs = [lagged(np.asarray(points, np.float64), lags) for points in sequences]
    stops = np.cumsum([len(points) for _, points in pairs]).tolist()
    return _Data(np.concatenate([past for past, _ in pairs]), np.concatenate([points for _, points in pairs]), stops)


def _improved(fit: _Fit, data: _Data, settings: ArhmmSettings, steps: int) -> _Fit:
    """Take at most so many steps."""
    for _ in range(steps):
        if _enough(fit, data, settings):
            break
        fit = _step(fit, data, settings)
    return fit


def _enough(fit: _Fit, data: _Data, settings: ArhmmSettings) -> bool:
    history = fit.objective
    return len(history) > 1 and history[-1] - history[-2] < settings.enough * len(data.points)


def _step(fit: _Fit, data: _Data, settings: ArhmmSettings) -> _Fit:
    """Take what the estimate makes of the data as true, and estimate anew."""
    dynamics = fitted(data.past, data.points, fit.share, settings.prior)
    transition = _rows(fit.transitions + _pseudo(settings))
    return _expected(dynamics, transition, data, settings, fit.objective)


def _expected(
    dynamics: Dynamics, transition: Floats, data: _Data, settings: ArhmmSettings, before: tuple[float, ...] = ()
) -> _Fit:
    density = log_density(dynamics, data.past, data.points)
    said = [smooth(density[each], transition) for each in data.ranges]
    likelihood = sum(each.log_likelihood for each in said)
    believed = log_prior(dynamics, settings.prior) + float((_pseudo(settings) * np.log(transition)).sum())
    return _Fit(
        dynamics=dynamics,
        transition=transition,
        share=np.concatenate([each.states for each in said]),
        transitions=np.sum([each.transitions for each in said], axis=0),
        log_likelihood=likelihood,
        objective=(*before, likelihood + believed),
    )


def _pseudo(settings: ArhmmSettings) -> Floats:
    return NOTHING + settings.stickiness * np.eye(settings.states)


def _rows(counts: Floats) -> Floats:
    rows: Floats = counts / counts.sum(axis=1, keepdims=True)
    return rows


def _begin(data: _Data, settings: ArhmmSettings, kind: Kind, rng: np.random.Generator) -> _Fit:
    starts = np.concatenate([np.arange(each.start, each.stop, settings.segment) for each in data.ranges])
    dynamics = beginning(data.past, data.points, starts, kind, settings.states, settings.prior, rng)
    leave = 1 / settings.segment
    stay = (1 - leave) * np.eye(settings.states)
    return _expected(dynamics, _rows(np.full_like(stay, leave) + stay), data, settings)
