"""Pacing: when a recorded frame is due, and when it is too late for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.acquire.pacing import Pace, tolerance_ns
from selfee_rt.clock import NS_PER_MS, NS_PER_S
from tests.acquire.hosts import Host


def pace(host, speed=1.0, tolerance=100 * NS_PER_MS):
    return Pace(speed, tolerance_ns=tolerance, now=host.now, sleep=host.sleep)


def test_the_first_frame_is_due_at_once_whatever_its_media_time():
    host = Host()
    assert pace(host).due_ns(77 * NS_PER_S) == host.ns


@given(
    speed=st.floats(0.01, 100),
    first=st.integers(0, 10**15),
    steps=st.lists(st.integers(1, 10**10), min_size=1, max_size=20),
)
def test_media_time_is_mapped_to_the_host_clock_by_the_speed(speed, first, steps):
    host = Host()
    subject = pace(host, speed)
    anchor = subject.due_ns(first)
    media = first
    for step in steps:
        media += step
        host.busy(0.5)
        assert subject.due_ns(media) == pytest.approx(anchor + (media - first) / speed, abs=1)


def test_waiting_sleeps_exactly_until_the_frame_is_due():
    host = Host()
    subject = pace(host, 2.0)
    subject.due_ns(0)
    due = subject.due_ns(NS_PER_S)
    assert subject.wait(due, timeout_s=10)
    assert host.ns == due
    assert host.slept == [0.5]


def test_waiting_gives_up_when_the_timeout_comes_first():
    host = Host()
    subject = pace(host)
    start = subject.due_ns(0)
    assert not subject.wait(start + NS_PER_S, timeout_s=0.25)
    assert host.ns == start + NS_PER_S // 4


def test_a_frame_that_was_due_earlier_is_not_waited_for():
    host = Host()
    subject = pace(host)
    due = subject.due_ns(0)
    host.busy(3)
    assert subject.wait(due, timeout_s=0)
    assert host.slept == []


def test_a_sleep_that_wakes_early_is_slept_again():
    host = Host()
    subject = Pace(1.0, tolerance_ns=1, now=host.now, sleep=lambda s: host.sleep(max(s / 2, 1e-9)))
    start = subject.due_ns(0)
    assert subject.wait(start + NS_PER_S, timeout_s=2)
    assert host.ns >= start + NS_PER_S


def test_a_frame_is_too_late_only_beyond_the_tolerance():
    host = Host()
    subject = pace(host, tolerance=100)
    due = subject.due_ns(0)
    host.ns = due + 100
    assert not subject.too_late(due)
    host.ns += 1
    assert subject.too_late(due)


def test_media_time_that_is_due_follows_the_host_clock():
    host = Host()
    subject = pace(host, 4.0)
    assert subject.media_due_ns() is None
    subject.due_ns(1000)
    host.busy(1.5)
    assert subject.media_due_ns() == 1000 + 6 * NS_PER_S


def test_at_max_nothing_is_due():
    host = Host()
    subject = pace(host, "max")
    assert subject.due_ns(0) is None
    assert subject.media_due_ns() is None


@pytest.mark.parametrize(
    ("fps", "speed", "expected_ms"), [(30, 1.0, 100), (10, 1.0, 200), (10, 4.0, 100), (100, 0.1, 200), (30, "max", 100)]
)
def test_the_tolerance_is_100_ms_or_two_periods(fps, speed, expected_ms):
    assert tolerance_ns(fps, speed) == expected_ms * NS_PER_MS
