"""Times that are known before lead to one onset each."""

from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import ScheduleConfig
from selfee_rt.trigger.schedule import times_ns
from tests.trigger.exposures import MS, Camera, S, rule, rule_set, trigger_of, verdicts


@given(st.integers(0, 2**64), st.floats(0.01, 10), st.floats(0, 0.999), st.integers(1, 30))
def test_jittered_times_rise_and_are_moved_later_by_less_than_the_jitter(seed, every_s, part, count):
    schedule = ScheduleConfig(start_s=1, every_s=every_s, count=count, jitter_s=part * every_s)
    times = times_ns(schedule, seed)
    assert list(times) == sorted(times)
    assert len(times) == count
    assert all(
        round((1 + number * every_s) * S) - 1 <= at_ns <= (1 + (number + part) * every_s) * S + 1
        for number, at_ns in enumerate(times)
    )
    assert times == times_ns(schedule, seed)


def test_times_that_are_given_are_not_moved_and_seeds_move_others_differently():
    assert times_ns(ScheduleConfig(at_s=(0.5, 2)), seed=3) == (500 * MS, 2 * S)
    jittered = ScheduleConfig(start_s=0, every_s=2, count=3, jitter_s=1)
    assert times_ns(jittered, seed=1) != times_ns(jittered, seed=2)


def test_a_planned_time_is_decided_at_the_first_exposure_at_or_after_it():
    camera = Camera(rule_set(rule(schedule={"at_s": (0, 0.25, 0.3, 0.75)}, on_ms=10)))
    camera.rules.arm()
    said = [trigger_of(each) for each in camera.show(*["no"] * 10)]
    assert [(each.evidence["planned_ns"], each.newest_index - 2) for each in said] == [
        (0, 0),
        (250 * MS, 3),
        (300 * MS, 3),
        (750 * MS, 8),
    ]
    assert verdicts(said) == ["fired", "fired", "refractory", "fired"]
    assert {each.origin for each in said} == {"schedule"}


def test_a_planned_time_in_a_gap_is_followed_if_that_is_soon_enough_and_else_late():
    camera = Camera(rule_set(rule(schedule={"at_s": (0.5, 0.95)}, on_ms=10, max_age_ms=50)))
    camera.rules.arm()
    camera.show("no")
    said = camera.show("no", step_ms=1000)
    assert verdicts(said) == ["late", "fired"]
    assert said[0].why == "nothing was observed for 500 ms after its time, max_age_ms 50"


def test_where_no_exposure_was_missed_a_planned_time_is_not_late_however_slow_the_camera():
    camera = Camera(rule_set(rule(schedule={"at_s": (0.51,)}, max_age_ms=20)))
    camera.rules.arm()
    assert verdicts(camera.show(*["no"] * 8)) == ["fired"]


def test_planned_times_that_pass_while_disarmed_are_each_said_to_be():
    camera = Camera(rule_set(rule(schedule={"at_s": (0.1, 0.2, 0.4)})))
    camera.show("no", "no", "no")
    camera.rules.arm()
    camera.show("no", "no")
    assert verdicts(camera.said) == ["disarmed", "disarmed", "fired"]


def test_a_yoked_rule_follows_the_times_that_it_is_given():
    yoked = rule(yoked={"session": "there"})
    camera = Camera(rule_set(yoked, yoked={"r": (150 * MS, 420 * MS)}))
    camera.rules.arm()
    said = camera.show(*["no"] * 6)
    assert [(trigger_of(each).origin, trigger_of(each).evidence["planned_ns"]) for each in said] == [
        ("yoked", 150 * MS),
        ("yoked", 420 * MS),
    ]


def test_nothing_is_left_after_the_last_time():
    camera = Camera(rule_set(rule(schedule={"at_s": (0.1,)})))
    assert len(camera.show(*["no"] * 5)) == 1
