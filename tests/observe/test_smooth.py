"""The mode filter agrees with counting the window anew at each step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.observe.smooth import ModeFilter
from selfee_rt.types import Guess

LABELS = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=40)


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


@given(labels=LABELS, n=st.integers(1, 9))
def test_a_reset_filter_is_a_new_filter(labels, n):
    used, new = ModeFilter(n), ModeFilter(n)
    for label in labels:
        push(used, label)
    used.reset()
    assert [push(used, label) for label in labels] == [push(new, label) for label in labels]


def test_time_passes_while_the_label_is_unknown():
    smooth = ModeFilter(3)
    assert [push(smooth, label) for label in ("a", "a", None, None, None, "b")] == ["a", "a", "a", "a", None, "b"]


def test_a_filter_over_no_labels_is_refused():
    with pytest.raises(ValueError, match="over 0 labels; expected at least 1"):
        ModeFilter(0)
