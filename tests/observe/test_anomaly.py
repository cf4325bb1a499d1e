"""The causal anomaly score agrees with its definition, written out a second time over the whole history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import SelfeeAnomalyConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.anomaly import OwnPast, SelfeeAnomaly
from selfee_rt.observe.threshold import threshold_for, threshold_settings
from tests.observe.support import make_reference, points, threshold


def normalised(rows):
    rows = np.asarray(rows, np.float64)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def by_definition(reference, history, point, window, skip, warm_up):
    """Score of `point` after `history`, from all of it."""
    own = history[-window:]
    own = own[: max(len(own) - skip, 0)]
    if len(own) < warm_up:
        return None
    query = normalised(point)
    return (1 - (normalised(reference.bank) @ query).max()) - (1 - (normalised(own) @ query).max())


@settings(max_examples=60, deadline=None)
@given(
    window=st.integers(1, 30),
    skip=st.integers(0, 12),
    warm_up=st.integers(1, 12),
    length=st.integers(0, 80),
    seed=st.integers(0, 1000),
)
def test_every_score_is_that_of_the_definition(window, skip, warm_up, length, seed):
    if window - skip < warm_up:
        return
    reference = make_reference(seed=seed)
    config = SelfeeAnomalyConfig(past_s=window / 10, skip_exposures=skip, warm_up_exposures=warm_up)
    detector = SelfeeAnomaly(reference, config, fps=10.0)
    stream = points(length, seed=seed)
    for position, point in enumerate(stream):
        # The window of `past_s` ends at the present; what precedes `point` is all that has been observed.
        expected = by_definition(reference, stream[:position], point, window, skip, warm_up)
        got = detector.score(point)
        assert (got is None) == (expected is None)
        if expected is not None:
            assert got == pytest.approx(expected, abs=1e-5)
        detector.observe(point)


def test_what_the_reference_knows_scores_below_zero_and_what_only_the_animal_does_above():
    reference = make_reference()
    config = SelfeeAnomalyConfig(past_s=100, skip_exposures=0, warm_up_exposures=1)
    detector = SelfeeAnomaly(reference, config, fps=1.0)
    detector.observe(-reference.bank[0])
    assert detector.score(reference.bank[0]) < 0
    habit = points(1, seed=9)[0]
    before = detector.score(habit)
    detector.observe(habit)
    assert detector.score(habit) > before
    assert detector.score(habit) >= 0


def test_the_newest_exposures_are_not_compared_with():
    past = OwnPast(capacity=3, skip=2, dim=1)
    compared = []
    for value in (1, 2, 3, 4, 5, 6, 7):
        past.push(np.array([value], np.float32))
        compared.append(past.similarity(np.ones(1, np.float32)) if len(past) else None)
    assert compared == [None, None, 1, 2, 3, 4, 5]


def test_what_is_older_than_the_past_is_forgotten():
    past = OwnPast(capacity=3, skip=0, dim=1)
    for value in (9, 1, 2, 3):
        past.push(np.array([value], np.float32))
    assert (past.similarity(np.ones(1, np.float32)), len(past)) == (3, 3)


def test_a_break_does_not_shorten_the_past():
    detector = SelfeeAnomaly(make_reference(), SelfeeAnomalyConfig(warm_up_exposures=1, skip_exposures=0), 30.0)
    detector.observe(points(1)[0])
    before = detector.score(points(1)[0])
    detector.reset("exposures 1 to 100 are missing")
    assert detector.score(points(1)[0]) == before is not None


def test_a_past_too_short_for_its_warm_up_is_refused():
    config = SelfeeAnomalyConfig(past_s=10, skip_exposures=50, warm_up_exposures=500)
    with pytest.raises(
        ConfigError, match=r"a past of 10 s at 30 fps without 50 exposures holds 250, expected at least the 500"
    ):
        SelfeeAnomaly(make_reference(), config, 30.0)


def test_the_configured_threshold_wins_over_the_stored_one():
    reference = make_reference(thresholds={"selfee": threshold(0.5, fps=1.0)})
    assert threshold_for(reference.thresholds, SelfeeAnomalyConfig(threshold=0.1), 30.0) == 0.1


def test_the_stored_threshold_is_taken_under_its_own_settings():
    reference = make_reference(thresholds={"selfee": threshold(0.5)})
    assert SelfeeAnomaly(reference, SelfeeAnomalyConfig(), 30.0).threshold == 0.5
    assert SelfeeAnomaly(reference, SelfeeAnomalyConfig(), 29.97).threshold == 0.5


def test_a_reference_without_a_threshold_gives_none():
    assert SelfeeAnomaly(make_reference(), SelfeeAnomalyConfig(), 30.0).threshold is None
    other = make_reference(thresholds={"other": threshold()})
    assert threshold_for(other.thresholds, SelfeeAnomalyConfig(), 30.0) is None


@pytest.mark.parametrize(
    ("config", "fps", "words"),
    [
        (SelfeeAnomalyConfig(past_s=300), 30.0, "past_s: got 300, expected 600"),
        (SelfeeAnomalyConfig(past_s=599), 30.0, "past_s: got 599, expected 600"),
        (SelfeeAnomalyConfig(skip_exposures=51), 30.0, "skip_exposures: got 51, expected 50"),
        (SelfeeAnomalyConfig(skip_exposures=10), 30.0, "skip_exposures: got 10, expected 50"),
        (SelfeeAnomalyConfig(warm_up_exposures=100), 30.0, "warm_up_exposures: got 100, expected 500"),
        (SelfeeAnomalyConfig(), 100.0, "fps: got 100, expected 30"),
    ],
)
def test_a_threshold_for_other_settings_is_refused(config, fps, words):
    reference = make_reference(thresholds={"selfee": threshold()})
    with pytest.raises(ConfigError, match=words):
        SelfeeAnomaly(reference, config, fps)


def test_a_threshold_that_depends_on_something_unknown_is_refused():
    reference = make_reference(thresholds={"selfee": threshold(k=3)})
    with pytest.raises(ConfigError, match="k: got None, expected 3"):
        threshold_for(reference.thresholds, SelfeeAnomalyConfig(), 30.0)


def test_the_settings_of_a_threshold_survive_the_file(tmp_path):
    config = SelfeeAnomalyConfig(past_s=12.5, skip_exposures=3, warm_up_exposures=7)
    stored = threshold(0.25, **threshold_settings(config, 24.0))
    make_reference(thresholds={"selfee": stored}).save(tmp_path / "r.npz")
    loaded = type(make_reference()).load(tmp_path / "r.npz")
    assert threshold_for(loaded.thresholds, config, 24.0) == 0.25
