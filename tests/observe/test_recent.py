"""What is remembered for labelling: exactly what was observed, no longer than promised, and never silently less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import ControlError
from selfee_rt.observe.recent import Recent
from tests.observe.teaching_support import PERIOD_NS, observed, remember, vector

ARENAS = ("left", "right")
seen_indices = st.sets(st.integers(0, 200), min_size=1, max_size=60).map(sorted)


@given(indices=seen_indices, capacity=st.integers(1, 60), first=st.integers(0, 210), length=st.integers(-2, 80))
def test_a_span_gives_what_was_observed_in_it_or_says_why_not(indices, capacity, first, length):
    recent = remember(indices, capacity, ARENAS)
    last = first + length - 1
    kept = indices[-capacity:]
    inside = [index for index in indices if first <= index <= last]
    try:
        stretch = recent.stretch("right", first, last)
    except ControlError:
        forgotten = len(kept) == capacity and first < kept[0]
        assert not inside or last > indices[-1] or forgotten
        return
    assert inside == [index for index in kept if first <= index <= last]
    np.testing.assert_array_equal(stretch.embedding, [vector(index, 1) for index in inside])
    assert (stretch.start_index, stretch.stop_index) == (inside[0], inside[-1])
    assert (stretch.start_media_ns, stretch.stop_media_ns) == (inside[0] * PERIOD_NS, inside[-1] * PERIOD_NS)
    assert stretch.embedding.dtype == np.float16


@given(indices=seen_indices, seconds=st.integers(1, 100).map(lambda periods: periods * PERIOD_NS / 1e9))
def test_the_last_seconds_are_counted_back_from_the_newest_on_the_streams_own_clock(indices, seconds):
    first, last = remember(indices).last(seconds)
    wanted = [index for index in indices if index * PERIOD_NS > indices[-1] * PERIOD_NS - round(seconds * 1e9)]
    assert (first, last) == (wanted[0], wanted[-1])


def test_memory_is_bounded():
    recent = remember(range(1000), capacity=10)
    assert len(recent) == 10


def test_what_was_forgotten_is_refused_and_not_taught_in_part():
    recent = remember(range(100), capacity=10)
    with pytest.raises(ControlError, match=r"got the exposures 89 to 95, expected none before 90.*teach_s"):
        recent.stretch("left", 89, 95)
    with pytest.raises(ControlError, match=r"got last_s 60, expected less than the 0.36 s"):
        recent.last(60)
    assert recent.stretch("left", 90, 95).start_index == 90


def test_before_anything_is_forgotten_more_may_be_asked_for_than_there_was():
    recent = remember(range(3, 8), capacity=10)
    assert recent.last(60) == (3, 7)
    assert recent.stretch("left", 0, 7).start_index == 3


def test_the_future_a_span_backwards_and_nothing_at_all_are_refused():
    recent = remember(range(10))
    with pytest.raises(ControlError, match=r"expected none after 9, the newest observed"):
        recent.stretch("left", 5, 10)
    with pytest.raises(ControlError, match=r"not before the first; swap them"):
        recent.stretch("left", 5, 4)
    with pytest.raises(ControlError, match="nothing has been observed yet"):
        Recent(("left",), 5).last(1)


def test_a_span_that_was_lost_is_refused():
    recent = remember([1, 2, 9])
    with pytest.raises(ControlError, match=r"none of the exposures 3 to 8 can be taught: 0 were observed"):
        recent.stretch("left", 3, 8)


def test_exposures_during_a_stimulus_are_left_out():
    recent = remember(range(4))
    for index in (4, 5):
        recent.push(*observed(index, stimulus="on"))
    recent.push(*observed(6, stimulus="after"))
    stretch = recent.stretch("left", 3, 6)
    np.testing.assert_array_equal(stretch.embedding, [vector(3)])
    with pytest.raises(ControlError, match=r"3 were observed, 3 of them during or just after a stimulus"):
        recent.stretch("left", 4, 6)


def test_with_labels_for_the_newest_exposure_the_span_means_those():
    recent = remember(range(10), align="newest")
    stretch = recent.stretch("left", 5, 6)
    np.testing.assert_array_equal(stretch.embedding, [vector(3), vector(4)])
    assert (stretch.start_media_ns, stretch.stop_media_ns) == (5 * PERIOD_NS, 6 * PERIOD_NS)
    assert recent.last(PERIOD_NS / 1e9) == (11, 11)


@given(indices=seen_indices, index=st.integers(0, 210))
def test_forgetting_by_hand_keeps_the_rest(indices, index):
    recent = remember(indices)
    recent.forget_before(index)
    assert len(recent) == sum(each >= index for each in indices)
