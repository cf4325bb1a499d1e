"""The paper's score equals one written down independently, and the live form's departure is measured."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import SelfeeAnomalyConfig
from selfee_rt.errors import ConfigError
from selfee_rt.workbench import offline_anomaly
from selfee_rt.workbench.fit import choose_examples, make_reference
from selfee_rt.workbench.offline_anomaly import cohen_kappa, departure, offline_scores, offline_threshold
from tests.workbench.test_fit import embedded


@pytest.fixture(scope="module")
def reference():
    return make_reference(choose_examples([embedded(range(80))], [None], []), "5" * 64, 3, 100)


def independent(reference, recording, mask=50):
    """Ten lines that share nothing with the package: whole matrices of cosine distances in double precision."""
    mean, axes = reference.mean.astype(float), reference.projection.astype(float)
    own = (recording.embedding.astype(float) - mean) @ axes
    normal = (reference.embedding.astype(float) - mean) @ axes
    own /= np.linalg.norm(own, axis=1)[:, None]
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    within = 1 - own @ own.T
    within[np.abs(recording.frame_index[:, None] - recording.frame_index[None]) <= mask] = np.inf
    return (1 - own @ normal.T).min(axis=1) - within.min(axis=1)


def test_the_score_of_a_long_recording_is_that_of_the_independent_version(reference):
    recording = embedded(range(3000), seed=4)
    np.testing.assert_allclose(offline_scores(reference, recording), independent(reference, recording), atol=2e-6)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.integers(1, 9), min_size=1, max_size=60), mask=st.integers(0, 60), seed=st.integers(0, 1000))
def test_masking_goes_by_exposures_also_where_some_were_dropped(reference, steps, mask, seed):
    recording = embedded(np.cumsum(steps), seed=seed)
    expected = independent(reference, recording, mask)
    got = offline_scores(reference, recording, mask_exposures=mask)
    np.testing.assert_allclose(got, np.where(np.isinf(expected), np.nan, expected), atol=2e-6)


def test_a_recording_too_long_to_be_done_at_once_is_refused_and_chunks_change_nothing(reference, monkeypatch):
    recording = embedded(range(120), seed=3)
    whole = offline_scores(reference, recording)
    monkeypatch.setattr(offline_anomaly, "LONGEST_EXPOSURES", 11)
    with pytest.raises(ConfigError, match="has 120 live frames, expected at most 11"):
        offline_scores(reference, recording)
    np.testing.assert_allclose(offline_scores(reference, recording, in_chunks=True), whole, atol=1e-6)


def test_the_threshold_is_the_highest_score_of_the_negative_controls(reference):
    controls = [embedded(range(90), seed=seed) for seed in (5, 6)]
    expected = max(np.where(np.isinf(s := independent(reference, each)), -9, s).max() for each in controls)
    assert offline_threshold(reference, controls) == pytest.approx(expected, abs=2e-6)
    with pytest.raises(ConfigError, match="got 51 live frames, expected more than 51"):
        offline_threshold(reference, [embedded(range(51))])
    with pytest.raises(ConfigError, match="no negative control"):
        offline_threshold(reference, [])


def test_the_causal_form_is_the_offline_one_where_the_past_holds_all_there_is(reference):
    """A recording that is played twice: the second time the past knows what the offline score knows, and no more."""
    once = embedded(range(300), seed=7)
    config = SelfeeAnomalyConfig(past_s=1000, skip_exposures=50, warm_up_exposures=1)
    found = departure(reference, once, config)
    assert found.compared == 249
    assert found.mean_difference < 0
    assert 0.3 < found.rank_correlation < 1
    last = offline_anomaly.score_recording(reference, once, config)[-1]
    assert last == pytest.approx(offline_scores(reference, once)[-1], abs=1e-6)


def test_alarms_are_counted_apart_and_together(reference):
    recording = embedded(range(400), seed=8)
    config = SelfeeAnomalyConfig(past_s=1000, skip_exposures=50, warm_up_exposures=100)
    never = departure(reference, recording, config, (9.0, 9.0))
    assert (never.alarms_live, never.alarms_offline, never.alarms_both, never.kappa) == (0, 0, 0, None)
    always = departure(reference, recording, config, (-9.0, 9.0))
    assert (always.alarms_live, always.alarms_offline, always.alarms_both) == (250, 0, 0)
    with pytest.raises(ConfigError, match=r"a\.mp4 is too short to compare"):
        departure(reference, replace(recording, embedding=recording.embedding[:90], frame_index=np.arange(90)), config)


def test_kappa_is_one_for_full_agreement_and_nothing_for_chance():
    first = np.array([True, True, False, False])
    assert cohen_kappa(first, first) == 1
    assert cohen_kappa(first, np.array([True, False, True, False])) == 0
    assert cohen_kappa(first, ~first) == -1
    assert cohen_kappa(np.zeros(4, bool), np.zeros(4, bool)) is None
