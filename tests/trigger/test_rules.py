"""What becomes of onsets, told as short stories; ten exposures are a second."""

import pytest

from selfee_rt.stimuli import Train
from tests.trigger.exposures import (
    FIRST_MEDIA_NS,
    MS,
    UNSEEN,
    Camera,
    armed,
    orders,
    rule,
    rule_set,
    trigger_of,
    verdicts,
)


def test_an_onset_becomes_an_order_that_says_all_about_it():
    camera = armed(rule(max_age_ms=50, on_ms=20))
    (order,) = camera.show("no", "yes")
    trigger = order.trigger
    assert (trigger.trigger_id, trigger.rule, trigger.arena, trigger.device) == (1, "r", "a", "led_r")
    assert (trigger.frame_index, trigger.newest_index) == (2, 3)
    assert trigger.media_ns == FIRST_MEDIA_NS + 100 * MS
    assert trigger.decided_ns - trigger.newest_captured_ns == 5 * MS
    assert (trigger.verdict, trigger.why, trigger.origin, trigger.trial) == ("fired", "", "when", 1)
    assert trigger.evidence == {
        "label is yes": True,
        "held_since_ns": trigger.media_ns,
        "age_ms": 5.0,
        "stimulus": "off",
    }
    assert (order.train, order.withheld) == (Train(20_000, 20_000, 1), False)
    assert order.expires_ns == trigger.newest_captured_ns + 50 * MS


def test_input_that_is_not_paced_is_never_late_and_its_orders_do_not_expire():
    camera = armed(rule(max_age_ms=50), paced=False)
    (order,) = camera.show("yes", age_ms=10_000)
    assert (order.trigger.verdict, order.expires_ns, order.trigger.evidence["age_ms"]) == ("fired", None, None)


def test_a_decision_about_an_old_exposure_is_late_and_costs_nothing():
    camera = armed(rule(max_age_ms=50, refractory_ms=1000, limits={"per_minute": 1}, sham_fraction=0.5))
    (late,) = camera.show("yes", age_ms=50.001)
    assert (late.verdict, late.why) == ("late", "the exposure was 50.001 ms old, max_age_ms 50")
    camera.show("no")
    (order,) = camera.show("yes", age_ms=50)
    assert order.trigger.trial == 1


@pytest.mark.parametrize(
    ("labels", "onsets"),
    [
        (("yes", "yes", "yes"), [0]),
        (("no", "yes", "yes", "no", "yes"), [1, 4]),
        (("yes", None, "yes"), [0, 2]),
        ((None, "no", None), []),
    ],
)
def test_an_onset_is_the_exposure_at_which_the_condition_becomes_true(labels, onsets):
    camera = armed(rule(on_ms=1, **UNSEEN))
    said = camera.show(*labels)
    assert [trigger_of(each).frame_index - 1 for each in said] == onsets


def test_what_holds_before_and_after_a_gap_has_a_new_onset():
    camera = armed(rule(on_ms=1, **UNSEEN))
    camera.show("yes", "yes")
    assert camera.show("yes", step_ms=200) == []
    assert len(camera.show("yes", step_ms=201)) == 1


def test_its_own_light_blanks_a_rule_and_what_holds_afterwards_is_a_new_onset():
    """Light until 0.1 s (age) + 0.15 s (pulse) after the trial, its last live frame 0.2 s later, 0.2 s of blanking."""
    camera = armed(rule(on_ms=150, blank_ms=200))
    camera.show(*["yes"] * 8)
    assert [each["a"] for each in camera.stimuli] == ["off", "on", "on", "on", "on", "after", "after", "off"]
    assert [trigger_of(each).frame_index - 1 for each in camera.said] == [0, 7]


def test_light_blanks_the_arenas_in_which_it_is_seen_and_no_other():
    camera = armed(rule(arena="a", seen_in=("b", "c")), subjects={"a": None, "b": None, "c": None, "d": None})
    camera.show(a="yes", b="no", c="no", d="no")
    camera.show(a="yes", b="no", c="no", d="no")
    assert camera.stimuli[-1] == {"a": "off", "b": "on", "c": "on", "d": "off"}


def test_a_sham_blanks_rests_and_counts_as_if_it_had_light():
    settings = {"refractory_ms": 300, "limits": {"per_minute": 2}}
    real, sham = (armed(rule(**settings, sham_fraction=part)) for part in (0, 1))
    labels = ["yes", "no", "no", "no", "no", "no", "yes", "no"] * 4
    assert [verdict.replace("sham", "fired") for verdict in verdicts(sham.show(*labels))] == verdicts(
        real.show(*labels)
    )
    assert {order.withheld for order in orders(sham.said)} == {True}
    assert real.stimuli == sham.stimuli
    assert real.rules.state()["r"].light_left_s == sham.rules.state()["r"].light_left_s


def test_checks_come_in_their_order():
    settings = {
        "refractory_ms": 5000,
        "limits": {"per_minute": 1, "total_on_s": 0.05},
        "between_s": ((0, 2), (10, 1000)),
        "max_age_ms": 20,
        **UNSEEN,
    }
    camera = Camera(rule_set(rule(**settings), subject_limits={"per_minute": 1}))
    camera.show("yes", "no", age_ms=30)
    camera.rules.arm()
    camera.show("yes", "no")
    camera.show("yes", "no", age_ms=30)
    camera.show("yes", "no")
    camera.show("yes", "no", step_ms=1000)
    camera.show("yes", "no", step_ms=4000)
    camera.show("yes", "no", step_ms=60_000)
    whys = [(trigger_of(each).verdict, trigger_of(each).why) for each in camera.said]
    assert whys == [
        ("disarmed", "it is not armed"),
        ("fired", ""),
        ("late", "the exposure was 30 ms old, max_age_ms 20"),
        ("refractory", "4.6 s of 5 s refractory time left"),
        ("refractory", "3.5 s of 5 s refractory time left"),
        ("limited", "6.7 s is outside between_s"),
        ("limited", "0.05 s of light so far, 0.05 s more would exceed the limit of 0.05 s"),
    ]


def test_a_subject_is_bounded_over_all_its_arenas():
    rules = [rule(name, arena=arena, on_ms=1) for name, arena in (("one", "a"), ("two", "b"), ("three", "c"))]
    camera = armed(*rules, subjects={"a": "fly", "b": "fly", "c": "wasp"}, subject_limits={"per_minute": 1})
    camera.show(a="yes", b="yes", c="yes")
    assert verdicts(camera.said) == ["fired", "limited", "fired"]
    assert camera.said[1].why == "the subject 'fly' over all rules: 1 trials in the last 60 s, limit 1"


def test_refractory_time_is_never_less_than_the_train():
    camera = armed(rule(on_ms=1000, **UNSEEN))
    camera.show(*["yes", "no"] * 6)
    assert verdicts(camera.said) == ["fired", "refractory", "refractory", "refractory", "refractory", "fired"]


def test_rules_without_any_rule_say_nothing():
    camera = Camera(rule_set(arm_for_s=None))
    assert camera.show("yes") == []
    assert camera.rules.arm() == ()
    assert camera.rules.state() == {}


def test_a_condition_that_stays_true_is_an_onset_again_when_the_refractory_time_is_over():
    camera = armed(rule(repeat=True, refractory_ms=300, **UNSEEN))
    camera.show(*["yes"] * 8)
    assert [(each.trigger.frame_index - 1, each.trigger.verdict) for each in camera.said] == [
        (0, "fired"),
        (3, "fired"),
        (6, "fired"),
    ]


def test_after_a_refractory_onset_it_is_repeated_when_the_refractory_time_is_over():
    camera = armed(rule(repeat=True, refractory_ms=300, **UNSEEN))
    camera.show("yes", "no", "yes", "yes", "yes")
    assert [(trigger_of(each).frame_index - 1, trigger_of(each).verdict) for each in camera.said] == [
        (0, "fired"),
        (2, "refractory"),
        (3, "fired"),
    ]


def test_what_is_not_allowed_is_tried_again_a_refractory_time_later_not_at_each_exposure():
    camera = Camera(rule_set(rule(repeat=True, refractory_ms=300, **UNSEEN)))
    camera.show(*["yes"] * 5)
    camera.rules.arm()
    camera.show(*["yes"] * 3)
    assert [(trigger_of(each).frame_index - 1, trigger_of(each).verdict) for each in camera.said] == [
        (0, "disarmed"),
        (3, "disarmed"),
        (6, "fired"),
    ]
