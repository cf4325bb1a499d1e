"""The hidden Markov filter agrees with enumerating every sequence of labels."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.observe.smooth_hmm import Chain, HmmFilter
from selfee_rt.types import Guess

NAMES = ("a", "b", "c")


@st.composite
def worlds(draw):
    """A chain, a classifier's prior, and what it said of up to six exposures; some it did not know."""
    labels = draw(st.integers(2, 3))
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    transition = rng.dirichlet(np.ones(labels), labels) + 0.01
    chain = Chain(transition / transition.sum(axis=1, keepdims=True), rng.dirichlet(np.ones(labels)))
    prior = rng.dirichlet(np.ones(labels)) + 0.05
    known = draw(st.lists(st.booleans(), min_size=1, max_size=6))
    said = [rng.dirichlet(np.ones(labels) * 0.5) if each else None for each in known]
    return NAMES[:labels], chain, prior / prior.sum(), said


def enumerated(chain, prior, said, at):
    """Posterior of the label of exposure `at` given all of `said`: the weight of every sequence, summed."""
    labels = len(prior)
    posterior = np.zeros(labels)
    for sequence in itertools.product(range(labels), repeat=len(said)):
        weight = chain.start[sequence[0]]
        for before, after in itertools.pairwise(sequence):
            weight *= chain.transition[before, after]
        for label, probabilities in zip(sequence, said, strict=True):
            weight *= 1 if probabilities is None else probabilities[label] / prior[label]
        posterior[sequence[at]] += weight
    return posterior / posterior.sum()


def assert_says(guess, names, expected):
    np.testing.assert_allclose(guess.probabilities, expected, atol=1e-10)
    assert guess.label == names[int(np.argmax(guess.probabilities))]


@settings(max_examples=60, deadline=None)
@given(world=worlds())
def test_what_is_said_now_is_the_posterior_given_everything_so_far(world):
    names, chain, prior, said = world
    smooth = HmmFilter(names, chain, prior, lag=0)
    for at, probabilities in enumerate(said):
        guess = smooth.push(Guess(None, probabilities))
        if probabilities is None:
            assert (guess.label, guess.probabilities) == (None, None)
        else:
            assert_says(guess, names, enumerated(chain, prior, said[: at + 1], at))
        assert smooth.revised() is None
    assert smooth.finish() == ()


@settings(max_examples=60, deadline=None)
@given(world=worlds(), lag=st.integers(1, 4))
def test_what_is_said_later_is_the_posterior_given_so_many_more_exposures(world, lag):
    names, chain, prior, said = world
    smooth = HmmFilter(names, chain, prior, lag)
    revised = {}
    for at, probabilities in enumerate(said):
        smooth.push(Guess(None, probabilities))
        again = smooth.revised()
        if again is not None:
            ago, revised[at - lag] = again
            assert ago == lag
    for ago, guess in smooth.finish():
        assert len(said) - 1 - ago not in revised
        revised[len(said) - 1 - ago] = guess
    # All but the newest, of which no more is known, and those never observed.
    assert list(revised) == [at for at in range(len(said) - 1) if said[at] is not None]
    for at, guess in revised.items():
        assert_says(guess, names, enumerated(chain, prior, said[: at + lag + 1], at))


@given(world=worlds())
def test_a_reset_filter_is_a_new_filter(world):
    names, chain, prior, said = world
    used, new = HmmFilter(names, chain, prior, 2), HmmFilter(names, chain, prior, 2)
    for probabilities in said:
        used.push(Guess(None, probabilities))
    used.reset()
    assert used.finish() == ()
    for probabilities in said:
        first, second = (each.push(Guess(None, probabilities)) for each in (used, new))
        np.testing.assert_array_equal(first.probabilities, second.probabilities)


def test_transitions_are_shares_of_what_followed_and_the_start_is_what_they_keep():
    chain = Chain.counted(np.array([[97, 1], [3, 7]]), pseudo_count=1.0)
    np.testing.assert_allclose(chain.transition, [[98 / 100, 2 / 100], [4 / 12, 8 / 12]])
    np.testing.assert_allclose(chain.start @ chain.transition, chain.start)
    np.testing.assert_allclose(chain.start, np.array([1 / 3, 0.02]) / (1 / 3 + 0.02))


def test_a_label_that_was_never_left_can_be():
    chain = Chain.counted(np.array([[50, 0], [0, 50]]), pseudo_count=1.0)
    assert (chain.transition > 0).all()
    smooth = HmmFilter(("a", "b"), chain, np.array([0.5, 0.5]), 0)
    smooth.push(Guess("a", np.array([1.0, 0.0])))
    assert smooth.push(Guess("b", np.array([0.0, 1.0]))).label == "b"


def test_one_doubtful_exposure_does_not_interrupt_a_bout():
    chain = Chain.counted(np.array([[95, 5], [5, 95]]), pseudo_count=1.0)
    smooth = HmmFilter(("a", "b"), chain, np.array([0.5, 0.5]), 0)
    said = [smooth.push(Guess(None, np.array([p, 1 - p]))).label for p in (0.9, 0.9, 0.4, 0.9)]
    assert said == ["a"] * 4


def test_its_memory_is_that_of_its_lag():
    smooth = HmmFilter(("a", "b"), Chain.counted(np.array([[9, 1], [1, 9]]), 1.0), np.array([0.5, 0.5]), 3)
    for _ in range(1000):
        smooth.push(Guess(None, np.array([0.6, 0.4])))
    assert len(smooth._recent) == 4


def test_a_belief_is_as_strong_after_an_hour_as_after_a_minute():
    smooth = HmmFilter(("a", "b"), Chain.counted(np.array([[9, 1], [1, 9]]), 1.0), np.array([0.5, 0.5]), 0)
    said = [smooth.push(Guess(None, np.array([0.99, 0.01]))).probabilities[0] for _ in range(3000)]
    assert said[-1] == pytest.approx(said[60])
