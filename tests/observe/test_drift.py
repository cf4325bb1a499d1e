"""Drift is what changes and stays; what comes and goes is none, and neither is what the tolerance allows."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from selfee_rt.config import DriftConfig
from selfee_rt.observe.drift import Blocks, SlowStatistic, SlowWatch, spread_of
from selfee_rt.types import ImageStats

FPS = 10.0
QUICK = DriftConfig(warm_up_s=40, persist_s=20)
BLOCKS = Blocks.of(QUICK, FPS)
RNG = np.random.default_rng(0)


def statistic(tolerance=0.1):
    return SlowStatistic("grey", tolerance, BLOCKS, relative=True)


def fed(values, watched=None):
    """What is said after each of the values, one per block of ten exposures."""
    watched = watched or statistic()
    said = []
    for number, value in enumerate(values):
        watched.update(value, 10 * number + 9)
        said.append(watched.drift)
    return said


def test_a_lasting_change_is_drift_once_it_has_lasted():
    said = fed([100.0] * 200 + [80.0] * 60)
    assert not any(said[:219])
    noticed = next(drift for drift in said if drift)
    assert 10 * 219 + 9 <= noticed.since_index <= 10 * 225 + 9
    assert (noticed.statistic, noticed.expected) == ("grey", 100.0)
    assert noticed.value == pytest.approx(80.0, abs=0.01)
    assert said[-1] == noticed


def test_right_after_the_warm_up_it_takes_half_as_long_again_at_most():
    said = fed([100.0] * 40 + [80.0] * 30)
    assert not said[58]
    assert said[-1]


@settings(max_examples=50, deadline=None)
@given(
    before=st.integers(1, 200),
    burst=st.integers(1, 19),
    strength=st.floats(-100, 1e6, allow_nan=False),
    after=st.integers(0, 100),
)
def test_what_lasts_less_than_that_is_none_however_strong(before, burst, strength, after):
    assert not any(fed([100.0] * max(before, 40) + [100.0 + strength] * burst + [100.0] * after))


def test_bursts_that_come_now_and_then_do_not_add_up():
    assert not any(fed(([100.0] * 32 + [150.0] * 8) * 50))


def test_too_much_and_then_too_little_do_not_add_up():
    assert not any(fed(([100.0] * 70 + [150.0] * 15 + [50.0] * 15) * 20))


def test_what_is_inside_the_tolerance_is_none_for_ever():
    assert not any(fed([100.0] * 100 + [109.0] * 2000))


def test_a_slow_change_is_drift_too():
    said = fed(np.linspace(100, 160, 2000).tolist())
    assert any(said)
    assert next(drift for drift in said if drift).expected > 100


def test_drift_is_over_when_the_old_value_is_back_and_may_come_again():
    said = [bool(drift) for drift in fed([100.0] * 100 + [80.0] * 50 + [100.0] * 100 + [125.0] * 100)]
    assert (said[149], said[190], said[240], said[-1]) == (True, False, False, True)


def test_while_it_lasts_the_value_follows_and_the_expectation_stands():
    said = fed([100.0] * 100 + [80.0] * 40 + [60.0] * 100)
    assert said[-1].value == pytest.approx(60.0)
    assert said[-1].expected == 100.0
    assert said[-1].since_index == next(drift for drift in said if drift).since_index


VIEW, OTHER_VIEW = np.linspace(0.5, 1.5, 64), np.linspace(1.5, 0.5, 64)


def exposures(count, grey, contrast=10.0, sharpness=1.0, view=VIEW, vector=(0.0, 0.0)):
    """Statistics (S,) and embedding (D,) of exposures with a little noise; `view` (64,) is of a mean of 1."""
    for _ in range(count):
        stats = np.empty(ImageStats.COUNT, np.float32)
        stats[ImageStats.MEAN], stats[ImageStats.DEVIATION] = [grey, contrast] + RNG.standard_normal(2) * 0.5
        stats[ImageStats.SHARPNESS] = sharpness + RNG.standard_normal() * 0.03
        stats[ImageStats.CELLS] = stats[ImageStats.MEAN] * view + RNG.standard_normal(64) * 0.5
        yield stats, np.array(vector, np.float32)


def watched(watch, *stretches):
    index = 0
    for stretch in stretches:
        for stats, vector in stretch:
            watch.observe(stats, vector, index)
            index += 1
    return {drift.statistic: drift for drift in watch.state()}


def test_grey_and_contrast_are_told_apart():
    seconds = 10
    quiet = list(exposures(60 * seconds, 50))
    assert set(watched(SlowWatch(QUICK, FPS), quiet, exposures(40 * seconds, 40))) == {"grey"}
    assert set(watched(SlowWatch(QUICK, FPS), quiet, exposures(40 * seconds, 50, 7))) == {"contrast"}
    assert set(watched(SlowWatch(QUICK, FPS), quiet, exposures(40 * seconds, 40, 7))) == {"contrast", "grey"}
    assert not watched(SlowWatch(QUICK, FPS), quiet, exposures(40 * seconds, 50))


def test_focus_and_scene_are_told_apart_from_each_other_and_from_light():
    quiet = list(exposures(600, 50))
    assert set(watched(SlowWatch(QUICK, FPS), quiet, exposures(400, 50, sharpness=0.85))) == {"focus"}
    assert set(watched(SlowWatch(QUICK, FPS), quiet, exposures(400, 50, sharpness=1.15))) == {"focus"}
    assert set(watched(SlowWatch(QUICK, FPS), quiet, exposures(400, 50, view=OTHER_VIEW))) == {"scene"}
    assert set(watched(SlowWatch(QUICK, FPS), quiet, exposures(400, 35))) == {"grey"}


def test_the_scene_is_the_share_of_cells_that_changed():
    quiet = list(exposures(600, 50))
    for changed, drifts in ((12, False), (14, True)):
        view = VIEW.copy()
        view[:changed] += 0.5
        drift = watched(SlowWatch(QUICK, FPS), quiet, exposures(400, 50, view=view)).get("scene")
        assert (drift is not None) == drifts
    assert drift.value > 0.2
    assert type(drift.value) is type(drift.expected) is float, "numpy's floats cannot be published"
    assert drift.expected == pytest.approx(0, abs=0.01)


def test_a_camera_that_is_put_back_is_no_drift_any_more():
    away = [list(exposures(600, 50)), list(exposures(400, 50, view=OTHER_VIEW))]
    assert set(watched(SlowWatch(QUICK, FPS), *away)) == {"scene"}
    assert not watched(SlowWatch(QUICK, FPS), *away, exposures(400, 50))


@settings(max_examples=10, deadline=None)
@given(seconds=st.integers(1, 19), before=st.integers(40, 80))
@example(seconds=19, before=80)
def test_a_hand_in_the_picture_for_a_short_while_is_none(seconds, before):
    stretches = (exposures(before * 10, 50), exposures(seconds * 10, 50, 10, 0.5, OTHER_VIEW), exposures(400, 50))
    watch, index = SlowWatch(QUICK, FPS), 0
    for stretch in stretches:
        for stats, vector in stretch:
            watch.observe(stats, vector, index)
            index += 1
            assert not watch.state()


def test_the_embedding_is_watched_as_far_as_the_reference_says_what_is_far():
    quiet = list(exposures(600, 50, vector=(1, 0)))
    strange = list(exposures(400, 50, vector=(9, 0)))
    centre = np.zeros(2, np.float32)
    drift = watched(SlowWatch(QUICK, FPS, centre, 2.0), quiet, strange)["embedding"]
    assert (drift.value, drift.expected) == (pytest.approx(4.5), pytest.approx(0.5))
    assert not watched(SlowWatch(QUICK, FPS, centre, 8.0), quiet, strange)
    assert not watched(SlowWatch(QUICK, FPS), quiet, strange)


def test_without_pictures_only_the_embedding_is_watched():
    watch = SlowWatch(QUICK, FPS, np.zeros(2, np.float32), 1.0)
    for index in range(1000):
        watch.observe(None, np.full(2, 0 if index < 600 else 9, np.float32), index)
    assert [drift.statistic for drift in watch.state()] == ["embedding"]


def test_the_spread_is_the_root_mean_square_distance():
    rows = np.array([[3, 4], [0, 0]], np.float16)
    assert spread_of(rows, np.zeros(2, np.float32)) == pytest.approx(np.sqrt(12.5))


def test_a_warm_up_shorter_than_twice_the_persistence_is_refused():
    with pytest.raises(ValueError, match="at least twice the persist_s of 30"):
        DriftConfig(warm_up_s=45)


def test_blocks_are_whole_exposures():
    assert Blocks.of(DriftConfig(block_s=1.0), 0.4) == Blocks(1, 24, 12)
    assert Blocks.of(DriftConfig(), 29.97) == Blocks(30, 60, 30)


def test_memory_does_not_grow():
    watch = SlowWatch(QUICK, FPS, np.zeros(64, np.float32), 1.0)
    ((stats, _),) = exposures(1, 50)
    vector = np.ones(64, np.float32)
    tracemalloc.start()
    for index in range(2000):
        watch.observe(stats, vector, index)
    before = tracemalloc.get_traced_memory()[0]
    for index in range(2000, 8000):
        watch.observe(stats, vector, index)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2_000
