"""The software loop, from stories whose latencies are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.workbench.latency.measurement import Tally
from selfee_rt.workbench.latency.software_loop import first_lit_ns, measure_software_loop
from tests.workbench.latency.stories import Story

AT_S, ON_MS = (1.0, 2.004, 3.0), 50.0


def measured(story, **losses):
    return measure_software_loop(story.told(**losses), "seen", AT_S, ON_MS)


def in_time():
    story = Story(last_index=990)
    for index in (100, 201, 300):
        story.answered(index)
    return story


def test_a_response_in_time_is_taken_apart_into_hops_that_add_up():
    found = measured(in_time())
    assert found.tally == Tally(answered=3, undetected=0, unfired=0, unconfirmed=0)
    assert [hop.values_ms for hop in found.hops] == [(1.0,) * 3, (4.0,) * 3, (0.5,) * 3, (0.25,) * 3, (2.25,) * 3]
    added, from_light = found.totals
    assert added.values_ms == (8.0,) * 3 == tuple(map(sum, zip(*(hop.values_ms for hop in found.hops), strict=True)))
    assert found.apart[0].values_ms == (20.0,) * 3
    assert from_light.values_ms == (28.0,) * 3
    assert found.flaws == ()


def test_the_light_counts_from_the_first_exposure_that_shows_it_even_if_a_later_one_was_answered():
    story = Story(last_index=990)
    for index in (100, 203, 300):
        story.answered(index)
    found = measured(story)
    assert found.tally.late_exposures == 1
    assert found.totals[1].values_ms == (28.0, 48.0, 28.0)
    assert found.totals[0].values_ms == (8.0,) * 3
    assert "1 of 3 probes were not answered by the first exposure that they lit" in found.flaws


def test_a_probe_without_a_decision_is_undetected_and_weighs_on_the_percentiles():
    story = Story(last_index=990)
    story.answered(100)
    found = measured(story)
    assert found.tally == Tally(answered=1, undetected=2, unfired=0, unconfirmed=0)
    assert found.summary(found.totals[0]).p50_ms is None
    assert "2 of 3 probes were not detected" in found.flaws


@pytest.mark.parametrize(
    ("changes", "unfired", "unconfirmed"),
    [
        ({"outcome": "late", "sent_ns": None, "acknowledged_ns": None}, 1, 0),
        ({"outcome": "disarmed", "sent_ns": None, "acknowledged_ns": None}, 1, 0),
        ({"outcome": "failed", "acknowledged_ns": None}, 0, 1),
        ({"outcome": "refused"}, 1, 0),
    ],
)
def test_a_trial_that_made_no_confirmed_light_is_no_answer(changes, unfired, unconfirmed):
    story = Story(last_index=990)
    story.answered(100)
    story.answered(201, **changes)
    story.answered(300)
    assert measured(story).tally == Tally(answered=2, undetected=0, unfired=unfired, unconfirmed=unconfirmed)


def test_of_a_device_that_confirms_nothing_the_time_ends_with_the_command_and_that_is_told():
    story = Story(last_index=990)
    for index in (100, 201, 300):
        story.answered(index, outcome="sent", acknowledged_ns=None)
    found = measured(story)
    assert found.tally == Tally(answered=3, undetected=0, unfired=0, unconfirmed=0)
    assert found.totals[0].values_ms == (5.75,) * 3
    assert "device" not in [hop.name for hop in found.hops]
    assert any("confirms nothing" in note for note in found.notes)


def test_flashes_after_the_end_of_the_session_are_no_probes():
    story = Story()
    story.answered(100)
    story.answered(201)
    story.observed(304)
    found = measured(story)
    assert found.tally == Tally(answered=2, undetected=0, unfired=0, unconfirmed=0)
    assert any("before 1 more flashes were over" in note for note in found.notes)


@pytest.mark.parametrize("verdict", ["late", "limited", "refractory", "disarmed"])
def test_a_decision_not_to_fire_is_no_answer(verdict):
    story = in_time()
    story.deliveries.pop(2)
    story.triggers[1] = story.triggers[0].__class__(
        **{name: getattr(story.triggers[1], name) for name in story.triggers[1].__slots__} | {"verdict": verdict}
    )
    found = measured(story)
    assert found.tally == Tally(answered=2, undetected=0, unfired=1, unconfirmed=0)
    assert found.flaws == ("1 of 3 probes were decided about but not answered: late, limited or refused",)


def test_a_second_answer_to_one_probe_is_told_and_the_first_one_counts():
    story = in_time()
    story.answered(102, slower_ms=100)
    found = measured(story)
    assert (found.tally.answered, found.tally.doubled, found.tally.unasked) == (3, 1, 0)
    assert max(found.totals[0].values_ms) == 8.0


@pytest.mark.parametrize("index", [50, 99, 105, 150, 200, 206, 305])
def test_a_response_about_an_exposure_without_light_was_not_asked_for(index):
    story = in_time()
    story.answered(index)
    found = measured(story)
    assert (found.tally.answered, found.tally.doubled, found.tally.unasked) == (3, 0, 1)
    assert found.flaws == ("1 responses came without a probe",)


def test_other_rules_are_left_out():
    story = in_time()
    story.answered(150, rule="other")
    assert measured(story).flaws == ()


def test_losses_are_told_apart_from_the_edges_that_every_recording_has():
    assert measured(in_time(), edge=4, gap=2, source=1).flaws == (
        "2 of 1,000 exposures were lost: gap",
        "1 of 1,000 exposures were lost: source",
    )


@given(st.integers(0, 10**12), st.floats(1, 1000))
def test_the_first_lit_exposure_is_never_before_the_light_and_the_one_before_it_always_is(start_ns, fps):
    first = first_lit_ns(start_ns, fps)
    index = round(first * fps / 1e9)
    assert round(index * 1e9 / fps) == first
    assert first >= start_ns > round((index - 1) * 1e9 / fps)
