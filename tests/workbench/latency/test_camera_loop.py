"""The camera loop, from stories whose latencies are known."""

import pytest

from selfee_rt.workbench.latency.camera_loop import measure_camera_loop
from selfee_rt.workbench.latency.measurement import Tally
from tests.workbench.latency.stories import Story

LIGHTS = {100: 1_000_000, 200: 2_000_000, 300: 3_000_000}
"""Exposures at which a light was ordered, and the device's clock when it shone."""
SEEN_AFTER = 4
"""Exposures later it was in the picture and decided about."""


def lit(**changes):
    story = Story()
    for index, device_us in LIGHTS.items():
        story.answered(index, origin="schedule", **({"device_us": device_us} | changes))
    return story


def answered(took_us=50_000):
    story = lit()
    for index, device_us in LIGHTS.items():
        story.answered(index + SEEN_AFTER, device_us=device_us + took_us)
    return story


def measured(story, **given):
    options = {"window_ms": 500.0, "exposure_us": None} | given
    return measure_camera_loop(story.told(), **({"learned_from": 0} | options))


def test_the_total_is_between_two_edges_on_the_devices_clock():
    found = measured(answered(took_us=50_125))
    assert found.tally == Tally(answered=3, undetected=0, unfired=0, unconfirmed=0)
    assert found.totals[0].values_ms == (50.125,) * 3
    assert found.flaws == ()


def test_the_total_is_hops_lookahead_and_what_was_before_the_time_stamp():
    found = measured(answered())
    lookahead, before = found.apart
    parts = [lookahead.values_ms[0], before.values_ms[0], *(hop.values_ms[0] for hop in found.hops)]
    assert sum(parts) == pytest.approx(found.totals[0].values_ms[0])
    assert lookahead.values_ms == (20.0,) * 3


def test_a_light_that_nobody_saw_is_undetected():
    story = answered()
    story.triggers.pop()
    assert measured(story).tally == Tally(answered=2, undetected=1, unfired=0, unconfirmed=0)


def test_a_light_that_was_never_made_is_no_probe_and_is_told():
    story = answered()
    story.answered(400, origin="schedule", device_us=None, outcome="refused", acknowledged_ns=None)
    found = measured(story)
    assert found.tally.probes == 3
    assert "1 lights were ordered and not made; they are no probes." in found.notes


def test_lights_that_showed_how_bright_they_are_are_no_probes():
    story = lit()
    story.answered(300 + SEEN_AFTER, device_us=3_050_000)
    assert measured(story, learned_from=2).tally == Tally(answered=1, undetected=0, unfired=0, unconfirmed=0)


def test_an_answer_that_comes_too_late_to_be_told_from_one_to_the_next_light_is_none():
    story = lit()
    story.answered(100 + SEEN_AFTER, device_us=1_050_000)
    found = measured(story, window_ms=30.0)
    assert (found.tally.answered, found.tally.undetected, found.tally.unasked) == (0, 3, 1)


def test_a_mark_before_any_light_was_not_asked_for():
    story = answered()
    story.answered(50, device_us=500_000)
    assert measured(story).tally.unasked == 1


def test_a_second_mark_after_one_light_is_told():
    story = answered()
    story.answered(110, device_us=1_150_000)
    found = measured(story)
    assert found.tally.doubled == 1
    assert found.totals[0].values_ms == (50.0,) * 3


def test_a_mark_that_was_never_confirmed_is_no_answer():
    story = lit()
    for index in LIGHTS:
        story.answered(index + SEEN_AFTER, outcome="failed", why="no answer within 50 ms", acknowledged_ns=None)
    found = measured(story)
    assert found.tally == Tally(answered=0, undetected=0, unfired=0, unconfirmed=3)
    assert "3 responses were not carried out, failed: no answer within 50 ms." in found.notes


@pytest.mark.parametrize(("exposure_us", "said"), [(None, "not known"), (4000.0, "exposure time is 4000 µs")])
def test_the_exposure_time_is_told_where_it_is_known(exposure_us, said):
    assert any(said in note for note in measured(answered(), exposure_us=exposure_us).notes)
