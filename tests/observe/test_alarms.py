"""Alarms as events: what is merged, and that no short stretch holds two beginnings."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.observe.alarms import AlarmCounter

S = 1_000_000_000


def begins(merge_s, said):
    counter = AlarmCounter(merge_s)
    return [counter.push(alarm, at) for at, alarm in said], counter.count


@given(
    said=st.lists(st.tuples(st.integers(1, 40), st.sampled_from([True, False, None])), max_size=60),
    merge_s=st.integers(1, 30),
)
def test_an_alarm_begins_where_the_last_alarming_exposure_is_far_enough_back(said, merge_s):
    now, series = 0, []
    for step, alarm in said:
        now += step * S
        series.append((now, alarm))
    alarming = [at for at, alarm in series if alarm]
    expected = [at for i, at in enumerate(alarming) if i == 0 or at - alarming[i - 1] >= merge_s * S]
    flags, count = begins(merge_s, series)
    starts = [at for (at, _), flag in zip(series, flags, strict=True) if flag]
    assert starts == expected
    assert count == len(expected)
    assert all(b - a >= merge_s * S for a, b in pairwise(starts))


def test_no_alarm_and_nothing_known_are_no_alarm():
    assert begins(10, [(0, False), (S, None)]) == ([False, False], 0)


def test_a_merging_time_of_nothing_is_refused():
    with pytest.raises(ValueError, match="merged within 0 s"):
        AlarmCounter(0)
