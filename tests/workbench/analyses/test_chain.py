"""The hidden Markov chain against every path, one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.workbench.analyses.chain import backward, forward, most_probable_path, smooth


def chain(length, states, seed, *, spread=2.0):
    rng = np.random.default_rng(seed)
    transition = rng.dirichlet(np.ones(states), size=states) + 1e-6
    return spread * rng.standard_normal((length, states)), transition / transition.sum(axis=1, keepdims=True)


def every_path(log_density, transition):
    """Each path, with the log of its joint probability with the observations."""
    length, states = log_density.shape
    paths = np.array(list(product(range(states), repeat=length)))
    logs = log_density[np.arange(length), paths].sum(axis=1) - np.log(states)
    logs += np.log(transition[paths[:, :-1], paths[:, 1:]]).sum(axis=1)
    return paths, logs


SIZES = {"length": st.integers(1, 5), "states": st.integers(1, 4), "seed": st.integers(0, 10_000)}


@given(**SIZES)
def test_likelihood_states_and_steps_are_those_summed_over_every_path(length, states, seed):
    log_density, transition = chain(length, states, seed)
    paths, logs = every_path(log_density, transition)
    said = smooth(log_density, transition)
    assert said.log_likelihood == pytest.approx(np.logaddexp.reduce(logs))
    weight = np.exp(logs - np.logaddexp.reduce(logs))
    for now in range(length):
        expected = np.bincount(paths[:, now], weights=weight, minlength=states)
        np.testing.assert_allclose(said.states[now], expected, atol=1e-12)
    steps = np.zeros((states, states))
    for path, share in zip(paths, weight, strict=True):
        np.add.at(steps, (path[:-1], path[1:]), share)
    np.testing.assert_allclose(said.transitions, steps, atol=1e-12)


@given(**SIZES)
def test_the_most_probable_path_is_the_best_of_all(length, states, seed):
    log_density, transition = chain(length, states, seed)
    paths, logs = every_path(log_density, transition)
    np.testing.assert_array_equal(most_probable_path(log_density, transition), paths[logs.argmax()])


@given(length=st.integers(1, 60), states=st.integers(1, 5), seed=st.integers(0, 10_000))
def test_forward_and_backward_agree_at_every_time(length, states, seed):
    log_density, transition = chain(length, states, seed)
    both = np.logaddexp.reduce(forward(log_density, transition) + backward(log_density, transition), axis=1)
    np.testing.assert_allclose(both, both[0], rtol=1e-10)


@pytest.mark.parametrize("offset", [-1e5, 1e5])
def test_densities_far_beyond_what_a_number_holds_change_nothing_but_the_likelihood(offset):
    log_density, transition = chain(200, 3, 1)
    near, far = smooth(log_density, transition), smooth(log_density + offset, transition)
    np.testing.assert_allclose(far.states, near.states, atol=1e-6)
    np.testing.assert_allclose(far.transitions, near.transitions, atol=1e-5)
    assert far.log_likelihood == pytest.approx(near.log_likelihood + 200 * offset)


def test_observations_that_all_but_exclude_a_state_leave_finite_numbers():
    log_density, transition = chain(50, 3, 2)
    log_density[::2, 0] -= 1e6
    log_density[1::2, 1:] -= 1e6
    said = smooth(log_density, transition)
    assert np.isfinite(said.log_likelihood)
    np.testing.assert_allclose(said.states[::2, 0], 0)
    np.testing.assert_allclose(said.states[1::2, 0], 1)
