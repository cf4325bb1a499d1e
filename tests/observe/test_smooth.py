"""Each filter agrees with computing its window anew at each step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.observe.smooth import MeanFilter, ModeFilter, Unsmoothed
from selfee_rt.types import Guess

LABELS = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=40)
PROBABILITIES = st.lists(st.none() | st.integers(1, 98).map(lambda n: np.array([n, 99 - n]) / 99), max_size=40)


def push(smooth, label):
    return smooth.push(Guess(label, None)).label


def by_definition(labels, n):
    known = [label for label in labels[-n:] if label is not None]
    for label in reversed(known):
        if known.count(label) == max(known.count(other) for other in known):
            return label
    return None


@given(labels=LABELS, n=st.integers(1, 9))
def test_the_result_is_the_most_frequent_of_the_last_n_and_the_newest_of_those(labels, n):
    smooth = ModeFilter(n)
    for position, label in enumerate(labels):
        assert push(smooth, label) == by_definition(labels[: position + 1], n)


@given(labels=LABELS)
def test_a_filter_over_one_label_changes_nothing(labels):
    smooth = ModeFilter(1)
    assert [push(smooth, label) for label in labels] == labels


def test_the_mode_leaves_probabilities_as_they_are():
    smooth, probabilities = ModeFilter(3), np.array([0.2, 0.8])
    smooth.push(Guess("a", np.array([0.9, 0.1])))
    smooth.push(Guess("a", np.array([0.9, 0.1])))
    smoothed = smooth.push(Guess("b", probabilities))
    assert (smoothed.label, smoothed.probabilities.tolist()) == ("a", [0.2, 0.8])


@given(stream=PROBABILITIES, n=st.integers(1, 9))
def test_the_mean_is_that_of_the_known_among_the_last_n(stream, n):
    smooth = MeanFilter(("a", "b"), n)
    for position, probabilities in enumerate(stream):
        smoothed = smooth.push(Guess("a", probabilities))
        known = [each for each in stream[max(position + 1 - n, 0) : position + 1] if each is not None]
        if not known:
            assert (smoothed.label, smoothed.probabilities) == (None, None)
            continue
        np.testing.assert_allclose(smoothed.probabilities, sum(known) / len(known))
        assert smoothed.label == ("a", "b")[int(np.argmax(smoothed.probabilities))]


@given(labels=LABELS, n=st.integers(1, 9))
def test_a_reset_mode_filter_is_a_new_filter(labels, n):
    used, new = ModeFilter(n), ModeFilter(n)
    for label in labels:
        push(used, label)
    used.reset()
    assert [push(used, label) for label in labels] == [push(new, label) for label in labels]


def test_a_reset_mean_is_a_new_mean():
    smooth = MeanFilter(("a", "b"), 5)
    smooth.push(Guess("a", np.array([0.9, 0.1])))
    smooth.reset()
    assert smooth.push(Guess(None, None)).label is None


def test_time_passes_while_the_label_is_unknown():
    smooth = ModeFilter(3)
    assert [push(smooth, label) for label in ("a", "a", None, None, None, "b")] == ["a", "a", "a", "a", None, "b"]


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda: ModeFilter(0), "a mode filter over 0 labels"), (lambda: MeanFilter(("a",), 0), "a mean over 0")],
)
def test_a_filter_over_nothing_is_refused(make, words):
    with pytest.raises(ValueError, match=f"{words}.*; expected at least 1"):
        make()


@pytest.mark.parametrize("smooth", [Unsmoothed(), ModeFilter(3), MeanFilter(("a", "b"), 3)])
def test_a_filter_without_a_lag_never_judges_again(smooth):
    smooth.push(Guess("a", np.array([0.6, 0.4])))
    assert (smooth.lag, smooth.revised(), smooth.finish()) == (0, None, ())


def test_no_smoothing_gives_back_the_same_guess():
    guess = Guess("a", np.array([0.6, 0.4]))
    assert Unsmoothed().push(guess) is guess
