"""Syllables that are known are found again, whatever the seed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from selfee_rt.workbench.analyses.arhmm import ArhmmSettings, fit_arhmm
from selfee_rt.workbench.analyses.chain import smooth
from selfee_rt.workbench.analyses.dynamics import Prior, fitted, lagged, log_density
from tests.workbench.analyses.simulated import OFFSETS, TRANSITION, VARIANCES, WEIGHTS, syllables

SETTINGS = ArhmmSettings(states=3, lags=1, prior=Prior(noise=0.1), starts=2)


@pytest.fixture(scope="module")
def simulated():
    return [syllables(3000, seed) for seed in (0, 1)]


def in_true_order(model, simulated):
    """The model with its states named as the true ones that they mostly are, and the share of times they agree."""
    found = np.concatenate([model.states(points) for points, _ in simulated])
    truth = np.concatenate([states[model.lags :] for _, states in simulated])
    together = np.array([[np.mean((truth == true) & (found == state)) for state in range(3)] for true in range(3)])
    rows, columns = linear_sum_assignment(-together)
    return model.reordered(columns), together[rows, columns].sum()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_known_syllables_are_recovered_up_to_their_order(simulated, seed):
    fit = fit_arhmm([points for points, _ in simulated], replace(SETTINGS, seed=seed))
    model, agreement = in_true_order(fit, simulated)
    assert agreement > 0.98
    np.testing.assert_allclose(model.transition, TRANSITION, atol=0.02)
    for state in range(3):
        np.testing.assert_allclose(model.dynamics.weights[state][:, :2], WEIGHTS[state], atol=0.06)
        np.testing.assert_allclose(model.dynamics.weights[state][:, 2], OFFSETS[state], atol=0.06)
        np.testing.assert_allclose(model.dynamics.noise[state], VARIANCES[state] * np.eye(2), atol=0.02)
    assert model.converged


@pytest.mark.parametrize("stickiness", [0.0, 3000.0])
@pytest.mark.parametrize("lags", [1, 3])
def test_what_is_maximised_never_falls(simulated, stickiness, lags):
    settings = replace(SETTINGS, states=4, lags=lags, stickiness=stickiness, most_steps=20, enough=-np.inf)
    fit = fit_arhmm([points[:600] for points, _ in simulated], settings)
    assert len(fit.objective) == 1 + SETTINGS.first_steps + 20
    assert (np.diff(fit.objective) >= -1e-7 * abs(fit.objective[-1])).all()


def test_the_likelihood_never_falls_but_for_the_little_that_a_weak_prior_pulls(simulated):
    points = [points[:600] for points, _ in simulated]
    likelihoods = [
        fit_arhmm(
            points, replace(SETTINGS, prior=Prior(0.1, 0.0, 1e-9), first_steps=0, most_steps=steps)
        ).log_likelihood
        for steps in range(1, 9)
    ]
    assert (np.diff(likelihoods) >= -0.01).all()
    assert likelihoods[-1] > likelihoods[0]


def test_the_same_seed_gives_the_same_model_bit_for_bit(simulated):
    points = [points[:500] for points, _ in simulated]
    first, second = (fit_arhmm(points, replace(SETTINGS, seed=7)) for _ in range(2))
    np.testing.assert_array_equal(first.dynamics.weights, second.dynamics.weights)
    assert first.objective == second.objective


def test_stickiness_makes_bouts_longer(simulated):
    points = [points[:1000] for points, _ in simulated]
    loose, sticky = (fit_arhmm(points, replace(SETTINGS, stickiness=pseudo)) for pseudo in (0.0, 1e6))
    assert (np.diag(sticky.transition) > 0.999).all()
    changes = [np.count_nonzero(np.diff(model.states(points[0]))) for model in (loose, sticky)]
    assert changes[1] < changes[0]


def test_one_state_is_a_plain_regression():
    points, _ = syllables(400, 3)
    fit = fit_arhmm([points], replace(SETTINGS, states=1, prior=Prior(0.1, 0.0, 1e-9)))
    past, following = lagged(points, 1)
    np.testing.assert_allclose(fit.dynamics.weights[0], np.linalg.lstsq(past, following)[0].T, atol=1e-6)
    np.testing.assert_array_equal(fit.states(points), 0)


def test_a_sequence_is_not_continued_by_the_next():
    past, following = lagged(np.arange(10.0)[:, None], 3)
    np.testing.assert_array_equal(past[0], [2, 1, 0, 1])
    np.testing.assert_array_equal(following[0], [3])
    points = [np.zeros((50, 1)), np.full((50, 1), 100.0)]
    rng = np.random.default_rng(0)
    noisy = [each + rng.normal(0, 0.1, each.shape) for each in points]
    fit = fit_arhmm(noisy, replace(SETTINGS, states=1))
    assert fit.dynamics.noise.max() < 1  # a step from 0 to 100 between the two would make it 100


def test_the_likelihood_is_that_of_the_model_over_all_sequences(simulated):
    points = [points[:300] for points, _ in simulated]
    fit = fit_arhmm(points, SETTINGS)
    densities = [log_density(fit.dynamics, *lagged(each, 1)) for each in points]
    again = sum(smooth(density, fit.transition).log_likelihood for density in densities)
    assert fit.log_likelihood == pytest.approx(again)


def test_the_density_is_that_of_a_normal_distribution():
    from scipy.stats import multivariate_normal

    points, states = syllables(200, 4)
    past, following = lagged(points, 2)
    dynamics = fitted(past, following, np.eye(3)[states[2:]], Prior(0.1))
    density = log_density(dynamics, past, following)
    for state, time in ((0, 5), (1, 90), (2, 197)):
        middle = dynamics.weights[state] @ past[time]
        expected = multivariate_normal(middle, dynamics.noise[state]).logpdf(following[time])
        assert density[time, state] == pytest.approx(expected)
