"""What rules hand on: to a session that continues this one, to people, to devices."""

import pytest

from selfee_rt.errors import ConfigError
from selfee_rt.trigger.history import Earlier, History
from tests.trigger.exposures import (
    FIRST_MEDIA_NS,
    MS,
    S,
    armed,
    orders,
    rule,
    rule_set,
    trigger_of,
    verdicts,
)
from tests.trigger.recall import recall


def test_trials_of_a_minute_ago_still_count():
    earlier = Earlier(trials=3, light_us=150_000, began_ns=(-59 * S, -30 * S, -1 * S))
    settings = {"limits": {"per_minute": 3, "total_on_s": 0.2}, "refractory_ms": 1300}
    camera = armed(rule(**settings), history=History({"r": earlier}))
    camera.show("yes", "no")
    camera.show("yes", "no", step_ms=200)
    camera.show("yes", "no", step_ms=1000)
    camera.show("yes", "no", step_ms=30_000)
    assert [(trigger_of(each).verdict, trigger_of(each).why[:9]) for each in camera.said] == [
        ("refractory", "0.3 s of "),
        ("limited", "3 trials "),
        ("fired", ""),
        ("limited", "0.2 s of "),
    ]
    assert orders(camera.said)[0].trigger.trial == 4


def test_subjects_are_counted_over_all_rules():
    rules = [rule("one", arena="a"), rule("two", arena="b")]
    history = History({name: Earlier(trials=1, light_us=50_000, began_ns=(-S,)) for name in ("one", "two")})
    limits = {"total_on_s": 0.12}
    camera = armed(*rules, subjects={"a": "fly", "b": "fly"}, subject_limits=limits, history=history)
    camera.show(a="yes", b="no")
    assert camera.said[0].why.startswith("the subject 'fly' over all rules: 0.1 s of light so far")


def test_a_schedule_goes_on_where_it_was():
    planned = rule(schedule={"at_s": (1, 2, 99, 101, 102)}, on_ms=1)
    history = History({"r": Earlier(0, 0, (), planned=2)}, elapsed_ns=100 * S)
    camera = armed(planned, history=history)
    camera.show(*["no"] * 15)
    assert [trigger_of(each).evidence["planned_ns"] // S for each in camera.said] == [99, 101]
    assert verdicts(camera.said) == ["late", "fired"]


def test_a_rule_that_there_is_no_more_is_refused():
    with pytest.raises(ConfigError, match="had a trigger 'gone', this one has none"):
        rule_set(rule(), history=History({"gone": Earlier(0, 0, ())}))


def test_a_session_is_recalled_from_its_decisions():
    rules = [
        rule("one", sham_fraction=0.5),
        rule("two", schedule={"at_s": (0.2, 0.3, 99)}, on_ms=80, refractory_ms=300),
    ]
    camera = armed(*rules)
    camera.show("yes", "no", "no", "no")
    camera.rules.disarm(["one"])
    camera.show(*["no"] * 6, "yes")
    camera.rules.arm()
    camera.rules.test_fire("one")
    camera.show("no")
    decisions = [trigger_of(each) for each in camera.said]
    recalled = recall(decisions, rules, start_media_ns=FIRST_MEDIA_NS + 2 * S)
    assert recalled["one"] == Earlier(trials=1, light_us=100_000, began_ns=(-2 * S, -900 * MS))
    assert recalled["two"] == Earlier(trials=1, light_us=80_000, began_ns=(-1800 * MS,), planned=2)
    with pytest.raises(ValueError, match="expected before the session"):
        recall(decisions, rules, start_media_ns=FIRST_MEDIA_NS)


def test_a_history_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="below 0"):
        Earlier(trials=1, light_us=1, began_ns=(-5, 0))
    with pytest.raises(ValueError, match="no time"):
        Earlier(trials=1, light_us=1, began_ns=())


def test_a_state_says_what_is_left():
    camera = armed(
        rule(limits={"per_minute": 3, "total_on_s": 1}, refractory_ms=400),
        subject_limits={"per_minute": 2, "total_on_s": 5},
        arm_for_s=100,
    )
    camera.show("yes", "no", "yes")
    state = camera.rules.state()["r"]
    assert (state.armed, state.remaining_s, state.trials, state.light_s) == (True, 99.8, 1, 0.05)
    assert (state.refractory_left_s, state.left_in_minute, state.light_left_s) == (0.2, 1, 0.95)
    assert state.verdicts == {"fired": 1}


def test_a_device_is_told_to_enforce_what_is_left_with_room_for_how_late_a_trial_may_come():
    camera = armed(rule(on_ms=50, refractory_ms=1000, limits={"total_on_s": 0.12}, max_age_ms=100), arm_for_s=10)
    limits = camera.rules.device_limits("r")
    assert (limits.arm_for_ms, limits.light_budget_us, limits.refractory_us) == (10_000, 120_000, 900_000)
    camera.show("yes")
    assert camera.rules.device_limits("r").light_budget_us == 70_000


def test_without_a_limit_the_devices_light_is_bounded_by_refractory_time_and_arming():
    camera = armed(rule(on_ms=50, refractory_ms=1000, max_age_ms=100), arm_for_s=9)
    assert camera.rules.device_limits("r").light_budget_us == 11 * 50_000
    assert armed(rule(on_ms=50), arm_for_s=1).rules.device_limits("r").refractory_us == 50_000
