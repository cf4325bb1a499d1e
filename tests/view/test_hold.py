"""Holding a key takes a second; a tap does nothing."""

import pytest

from selfee_rt.view.hold import HOLD_S, Hold


@pytest.fixture
def at(monkeypatch):
    """Sets the clock, in seconds."""
    now = {"s": 0.0}
    monkeypatch.setattr("selfee_rt.view.hold.now_ns", lambda: round(now["s"] * 1e9))

    def set_clock(seconds):
        now["s"] = seconds

    return set_clock


def test_what_is_held_for_a_second_happens_once(at):
    done = []
    hold = Hold()
    at(10.0)
    hold.begin("arm", lambda: done.append(1))
    for seconds in (10.0, 10.5, 10.0 + HOLD_S - 0.001):
        at(seconds)
        hold.tick()
        assert done == []
    for seconds in (10.0 + HOLD_S, 20.0):
        at(seconds)
        hold.tick()
    assert done == [1]


def test_what_is_let_go_of_before_the_end_does_not_happen(at):
    done = []
    hold = Hold()
    hold.begin("arm", lambda: done.append(1))
    at(0.9 * HOLD_S)
    hold.tick()
    hold.release()
    at(100.0)
    hold.tick()
    assert (done, hold.progress) == ([], 0.0)
