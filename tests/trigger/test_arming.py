"""Arming lasts for its time, with a warning five minutes before the end."""

import pytest

from selfee_rt.trigger.arming import Arming

S = 10**9


def passed(arming, *seconds):
    """What comes of it when it is so late, without None."""
    return [(at, notice.action) for at in seconds if (notice := arming.advance(round(at * S))) is not None]


def test_it_warns_once_five_minutes_before_and_ends_once():
    arming = Arming("r", 1000 * S)
    arming.arm(0)
    said = passed(arming, 0, 699.9, 700, 701, 999.9, 1000, 1001)
    assert said == [(700, "arming_ends_soon"), (1000, "arming_ended")]
    assert not arming.armed
    assert arming.left_ns(1001 * S) is None


def test_what_lasts_no_longer_than_five_minutes_ends_without_a_warning():
    arming = Arming("r", 300 * S)
    arming.arm(0)
    assert passed(arming, 0, 1, 299, 300) == [(300, "arming_ended")]


def test_a_warning_says_what_is_left_even_if_nobody_looked_for_a_while():
    arming = Arming("r", 1000 * S)
    arming.arm(0)
    notice = arming.advance(800 * S)
    assert (notice.rule, notice.why) == ("r", "200 s are left of 1000 s")


def test_arming_again_begins_anew_with_another_warning():
    arming = Arming("r", 1000 * S)
    arming.arm(0)
    assert passed(arming, 700) == [(700, "arming_ends_soon")]
    arming.arm(800 * S)
    assert arming.left_ns(900 * S) == 900 * S
    assert passed(arming, 1000, 1500, 1800) == [(1500, "arming_ends_soon"), (1800, "arming_ended")]


@pytest.mark.parametrize("armed", [True, False])
def test_what_is_disarmed_says_nothing_more(armed):
    arming = Arming("r", 1000 * S)
    if armed:
        arming.arm(0)
    assert arming.disarm() is armed
    assert arming.disarm() is False
    assert passed(arming, 700, 1000) == []
    assert arming.end("for a reason") is None
