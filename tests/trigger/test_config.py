"""Rules that cannot do what they say are refused before a session starts, with a sentence that names the way out."""

from pathlib import Path

import pytest

from selfee_rt.config import PulseConfig, parse
from selfee_rt.errors import ConfigError

SOURCE = {"kind": "synthetic"}


def trigger(**settings):
    """A rule, as TOML gives it; a setting of None leaves it out."""
    whole = {"name": "r", "when": "alarm", "device": "led", "pulse": {"on_ms": 500}, **settings}
    return {key: value for key, value in whole.items() if value is not None}


def planned(**settings):
    """A rule with a schedule."""
    return trigger(when=None, **settings)


def session(*triggers, devices=("led", "led_2"), arenas=("a",), stimulation=None, **settings):
    """A session with these rules."""
    return parse(
        {
            "source": SOURCE,
            "arena": [{"name": name} for name in arenas],
            "device": [{"kind": "null", "name": name} for name in devices],
            "trigger": list(triggers),
            "stimulation": {"arm_for_s": 3600} if stimulation is None else stimulation,
            **settings,
        },
        where="s.toml",
        base=Path(),
    )


def refused(*triggers, **settings):
    """What is said of a session that must not start."""
    with pytest.raises(ConfigError) as caught:
        session(*triggers, **settings)
    return str(caught.value)


def test_a_rule_as_the_documentation_has_it_is_accepted():
    config = session(
        trigger(
            when="winging > 0.8 for 200 ms",
            pulse={"on_ms": 500, "frequency_hz": 40, "width_ms": 5},
            refractory_ms=2000,
            limits={"per_minute": 6, "total_on_s": 120},
            sham_fraction=0.5,
            max_age_ms=50,
        )
    )
    (rule,) = config.trigger
    assert (rule.pulse.width_us, rule.pulse.period_us, rule.pulse.pulses, rule.pulse.light_s) == (5000, 25_000, 20, 0.1)


@pytest.mark.parametrize(
    ("pulse", "said"),
    [
        ({"on_ms": 0}, "greater than or equal to 0.001"),
        ({"on_ms": float("inf")}, "less than or equal to 3600000"),
        ({"on_ms": 500, "frequency_hz": 40}, "a train needs both frequency_hz and width_ms"),
        ({"on_ms": 500, "width_ms": 5}, "a train needs both"),
        ({"on_ms": 4, "frequency_hz": 40, "width_ms": 5}, "width_ms 5 is longer than on_ms 4"),
        ({"on_ms": 500, "frequency_hz": 40, "width_ms": 25}, "leave no pause; expected width_ms below 25"),
        ({"on_ms": 500, "frequency_hz": 40, "width_ms": 24.9999}, "leave no pause"),
    ],
)
def test_a_pulse_that_no_device_can_make(pulse, said):
    assert said in refused(trigger(pulse=pulse))


def test_pulses_count_from_the_first_and_the_last_one_ends_in_time():
    assert PulseConfig(on_ms=100, frequency_hz=10, width_ms=5).pulses == 1
    assert PulseConfig(on_ms=105, frequency_hz=10, width_ms=5).pulses == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"schedule": {"at_s": [1]}}, "exactly one of when, schedule and yoked"),
        ({"when": None}, "exactly one of when, schedule and yoked"),
        ({"when": None, "yoked": {"session": "s"}, "repeat": True}, "repeat belongs to when"),
        ({"sham_fraction": 0.5, "sham_block": 3}, "is 1.5 trials, expected a whole number; change sham_block"),
        ({"sham_fraction": 1.5}, "less than or equal to 1"),
        ({"between_s": [[5, 5]]}, "got (5, 5), expected start < stop"),
        ({"between_s": [[5, float("inf")]]}, "finite number"),
        ({"between_s": [[10, 20], [0, 5]]}, "a window ends at 20 s and the next starts at 0 s; sort them"),
        ({"between_s": [[0, 20], [10, 30]]}, "join what overlaps"),
        ({"limits": {"total_on_s": 0.4}}, "total_on_s 0.4 is less than one stimulus of 0.5 s; raise it"),
        ({"limits": {"per_minute": 0}}, "greater than or equal to 1"),
        ({"refractory_ms": float("nan")}, "refractory_ms"),
        ({"blank_ms": float("inf")}, "finite number"),
        ({"max_age_ms": 0}, "greater than 0"),
        ({"name": ""}, "at least 1 character"),
    ],
)
def test_a_rule_that_contradicts_itself(settings, said):
    assert said in refused(trigger(**settings))


def test_a_fraction_of_shams_is_not_refused_for_its_rounding():
    assert session(trigger(sham_fraction=0.1, sham_block=30)).trigger[0].sham_block == 30


def test_light_of_a_train_is_that_of_all_its_pulses():
    pulse = {"on_ms": 1000, "frequency_hz": 10, "width_ms": 50}
    assert "less than one stimulus of 0.5 s" in refused(trigger(pulse=pulse, limits={"total_on_s": 0.4}))
    assert session(trigger(pulse=pulse, limits={"total_on_s": 0.5}))


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({}, "a schedule needs at_s, or all of start_s, every_s and count"),
        ({"start_s": 0, "every_s": 5}, "a schedule needs at_s, or all of"),
        ({"at_s": [1], "count": 3}, "either at_s, or start_s, every_s and count"),
        ({"at_s": [1], "jitter_s": 1}, "either at_s, or"),
        ({"at_s": [5, 1]}, "at_s must rise"),
        ({"at_s": [1, 1]}, "at_s must rise"),
        ({"at_s": [-1]}, "greater than or equal to 0"),
        ({"start_s": 0, "every_s": 5, "count": 2, "jitter_s": 5}, "jitter_s 5 is not below every_s 5"),
    ],
)
def test_a_schedule_that_is_none(schedule, said):
    assert said in refused(planned(schedule=schedule))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"schedule": {"at_s": [1, 1.55]}}, "1 s and 1.55 s are too close, expected at least 0.6 s between them"),
        ({"schedule": {"at_s": [1, 3]}, "refractory_ms": 2000}, "too close, expected at least 2.1 s"),
        (
            {"schedule": {"start_s": 0, "every_s": 2, "count": 3, "jitter_s": 1.5}},
            "0 s and 2 s are too close, expected at least 2.1 s between them: 0.5 s for refractory time or pulse, and "
            "1.6 s for max_age_ms and jitter",
        ),
        ({"schedule": {"at_s": [5, 15]}, "between_s": [[0, 10]]}, "15 s and up to 0.1 s later is not within between_s"),
        ({"schedule": {"at_s": [9.95]}, "between_s": [[0, 10]]}, "9.95 s and up to 0.1 s later is not within"),
        (
            {"schedule": {"start_s": 0, "every_s": 20, "count": 9}, "limits": {"per_minute": 3}},
            "from 0 s to 60 s are 4, limits.per_minute is 3",
        ),
        (
            {"schedule": {"start_s": 0, "every_s": 20, "count": 9}, "limits": {"total_on_s": 4}},
            "it makes 4.5 s of light, limits.total_on_s is 4",
        ),
    ],
)
def test_planned_stimuli_that_could_not_all_be_given(settings, said):
    assert said in refused(planned(**settings))


def test_planned_stimuli_with_room_between_them_are_accepted():
    schedule = {"start_s": 0, "every_s": 20.1, "count": 9}
    limits = {"per_minute": 3, "total_on_s": 4.5}
    assert session(planned(schedule=schedule, limits=limits, between_s=[[0, 161]], refractory_ms=20_000))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"between_s": [[0, 5], [60, 90]]}, "the window (60, 90) begins after the session of 60 s"),
        ({"when": None, "schedule": {"at_s": [1, 60]}}, "schedule: 60 s is after the session of 60 s"),
    ],
)
def test_what_lies_after_the_end_of_the_session(settings, said):
    assert said in refused(trigger(**settings), seconds=60)
    assert session(trigger(**settings), seconds=61)


def test_places_that_there_are_not():
    said = refused(
        trigger(name="one", device="laser", arena="b"),
        trigger(name="two", seen_in=["a", "c"]),
        devices=("led",),
        arenas=("a", "d"),
    )
    assert "trigger 'one': no arena is called 'b'; expected one of: a, d" in said
    assert "trigger 'one': no device is called 'laser'; expected one of: led" in said
    assert "trigger 'two': it names no arena; set arena to one of: a, d" in said
    assert "trigger 'two': no arena is called 'c'" in said
    assert "there is none, add [[device]]" in refused(trigger(), devices=())


def test_two_rules_on_one_device():
    said = refused(trigger(name="one"), trigger(name="two"), trigger(name="three", device="led_2"))
    assert "trigger 'two' and trigger 'one' use one device, 'led'" in said
    assert "three" not in said
    assert session(trigger(name="one"), trigger(name="two", device="led_2"))


def test_two_rules_of_one_name():
    assert "two triggers have the same name" in refused(trigger(), trigger(device="led_2"))


@pytest.mark.parametrize(
    ("own", "subject", "said"),
    [
        (
            {"per_minute": 6},
            {"per_minute": 4},
            "limits.per_minute 6 is more than stimulation.subject_limits.per_minute 4",
        ),
        (
            {"total_on_s": 9},
            {"total_on_s": 8},
            "limits.total_on_s 9 is more than stimulation.subject_limits.total_on_s 8",
        ),
        ({}, {"total_on_s": 0.4}, "one stimulus is 0.5 s of light, stimulation.subject_limits.total_on_s is 0.4"),
    ],
)
def test_limits_of_rule_and_subject_that_contradict_each_other(own, subject, said):
    assert said in refused(trigger(limits=own), stimulation={"arm_for_s": 60, "subject_limits": subject})


def test_limits_of_rule_and_subject_may_be_equal():
    limits = {"per_minute": 4, "total_on_s": 8}
    assert session(trigger(limits=limits), stimulation={"arm_for_s": 60, "subject_limits": limits})


def test_a_seed_that_would_unblind():
    stimulation = {"arm_for_s": 60, "blind": True}
    assert "trigger 'r': a seed in the configuration would unblind" in refused(trigger(seed=3), stimulation=stimulation)
    assert session(trigger(), stimulation=stimulation)


def test_arming_must_have_an_end():
    assert "stimulation.arm_for_s is required" in refused(trigger(), stimulation={})
    assert "arm_for_s" in refused(trigger(), stimulation={"arm_for_s": 8 * 24 * 3600})
    assert session(stimulation={}).trigger == ()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"publish": {"control": None}}, "nobody could arm"),
        ({"record": {"on_failure": "continue"}}, "must be recorded"),
    ],
)
def test_stimuli_without_a_record_or_without_a_way_to_disarm(settings, said):
    assert said in refused(trigger(), **settings)
    assert session(**settings)


def test_every_problem_is_said_at_once():
    said = refused(
        trigger(name="one", device="laser", seed=1), trigger(name="two", arena="b"), stimulation={"blind": True}
    )
    assert all(word in said for word in ("arm_for_s", "laser", "unblind", "'b'"))
