"""Rules are armed for a time, disarmed at any time, and tested by people."""

import pytest

from selfee_rt.errors import ControlError
from tests.trigger.exposures import (
    UNSEEN,
    Camera,
    armed,
    rule,
    rule_set,
    trigger_of,
    verdicts,
)


def test_a_session_starts_disarmed():
    assert verdicts(Camera(rule_set(rule())).show("yes")) == ["disarmed"]


def test_rules_are_armed_by_name_or_all():
    rules = rule_set(rule("one"), rule("two"))
    assert rules.arm(["two"]) == ("two",)
    assert {name: state.armed for name, state in rules.state().items()} == {"one": False, "two": True}
    assert rules.arm() == ("one", "two")
    assert rules.disarm(["one"]) == ("one",)
    assert rules.disarm() == ("two",)


def test_an_unknown_name_changes_nothing():
    rules = rule_set(rule("one"))
    with pytest.raises(ControlError, match="no rule is called 'three'; expected one of: one"):
        rules.arm(["one", "three"])
    assert not rules.state()["one"].armed
    rules.arm()
    with pytest.raises(ControlError):
        rules.disarm(["one", "three"])
    assert rules.state()["one"].armed


def test_it_ends_by_itself_and_says_so():
    camera = armed(rule("one"), rule("two"), arm_for_s=301)
    camera.show("no")
    camera.show("no", step_ms=1000)
    assert [(each.action, each.rule) for each in camera.rules.take_notices()] == [
        ("arming_ends_soon", "one"),
        ("arming_ends_soon", "two"),
    ]
    assert camera.rules.take_notices() == ()
    assert verdicts(camera.show("yes", step_ms=300_000)) == ["disarmed", "disarmed"]
    assert [(each.action, each.why) for each in camera.rules.take_notices()] == [
        ("arming_ended", "it was armed for 301 s")
    ] * 2


def test_what_remains_is_media_time():
    camera = armed(rule(), arm_for_s=10)
    camera.show("no", "no")
    assert camera.rules.state()["r"].remaining_s == 9.9


def test_a_clock_that_goes_back_disarms_and_never_gives_time_back():
    camera = armed(rule(refractory_ms=1000))
    camera.show("yes", *["no"] * 6)
    assert verdicts(camera.show("yes", step_ms=-5000)) == ["disarmed"]
    (notice,) = camera.rules.take_notices()
    assert notice.why == "the stream's clock went back by 5 s: how much time has passed is not known"
    camera.rules.arm()
    camera.show("no", "no")
    assert camera.rules.state()["r"].refractory_left_s == pytest.approx(0.1)
    assert camera.rules.take_notices() == ()


def test_a_test_is_the_next_exposures_and_counts_but_is_no_trial():
    camera = armed(rule(sham_fraction=1, refractory_ms=300, limits={"per_minute": 2}, **UNSEEN), blind=True)
    camera.rules.test_fire("r")
    (order,) = camera.show("no")
    trigger = order.trigger
    assert (trigger.verdict, trigger.origin, trigger.trial, order.withheld) == ("fired", "test", None, False)
    assert trigger.evidence == {"age_ms": 5.0, "stimulus": "off"}
    camera.show("yes", "no", "no", "yes", "no", "no", "no", "yes")
    assert verdicts(camera.said) == ["fired", "refractory", "blinded", "limited"]
    assert camera.said[2].trigger.trial == 1
    assert camera.rules.state()["r"].trials == 1
    assert camera.rules.state()["r"].light_s == 0.1


def test_its_light_blanks():
    camera = armed(rule())
    camera.rules.test_fire("r")
    camera.show("no", "no")
    assert camera.stimuli[-1] == {"a": "on"}


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"refractory_ms": 5000}, "4.9 s of 5 s refractory time left"),
        ({"limits": {"per_minute": 1}}, "1 trials in the last 60 s, limit 1"),
        ({"between_s": ((0, 0.1),)}, "0.1 s is outside between_s"),
    ],
)
def test_it_is_refused_where_a_trial_would_be(settings, why):
    camera = armed(rule(**settings))
    camera.show("yes", "no")
    with pytest.raises(ControlError, match=f"the rule 'r' may not be tested now: {why}"):
        camera.rules.test_fire("r")
    assert camera.show("no") == []


def test_it_is_refused_while_disarmed_or_while_one_waits_or_of_no_rule():
    rules = rule_set(rule())
    with pytest.raises(ControlError, match="it is not armed"):
        rules.test_fire("r")
    rules.arm()
    rules.test_fire("r")
    with pytest.raises(ControlError, match="waits for the next exposure already"):
        rules.test_fire("r")
    with pytest.raises(ControlError, match="no rule is called 'x'"):
        rules.test_fire("x")


def test_disarming_wins_over_a_test_that_waits_even_if_armed_again():
    camera = armed(rule())
    camera.rules.test_fire("r")
    camera.rules.disarm()
    camera.rules.arm()
    (trigger,) = camera.show("no")
    assert (trigger.verdict, trigger.origin) == ("disarmed", "test")
    assert trigger.why == "it was disarmed after the test was asked for"


def test_a_test_at_a_late_exposure_is_late():
    camera = armed(rule())
    camera.rules.test_fire("r")
    assert verdicts(camera.show("no", age_ms=500)) == ["late"]


def test_tests_come_before_the_onsets_of_their_exposure():
    camera = armed(rule("one"), rule("two", schedule={"at_s": (50,)}), subject_limits={"per_minute": 1})
    camera.rules.test_fire("two")
    assert [(trigger_of(each).rule, trigger_of(each).verdict) for each in camera.show("yes")] == [
        ("two", "fired"),
        ("one", "limited"),
    ]
