"""Thresholds of every detector from controls, their way into the reference file, and a session's use of them."""

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import MahalanobisConfig, RiverAnomalyConfig, SelfeeAnomalyConfig, SessionConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.workbench.fit import choose_examples, make_reference
from selfee_rt.workbench.thresholds import ThresholdSettings, control_thresholds, score_recording
from tests.workbench.test_fit import embedded

FPS = 10.0
SELFEE = SelfeeAnomalyConfig(past_s=6, skip_exposures=5, warm_up_exposures=10)
MAHALANOBIS = MahalanobisConfig()
TREES = RiverAnomalyConfig(
    name="trees",
    model="river.anomaly.HalfSpaceTrees",
    arguments={"n_trees": 3, "height": 4, "window_size": 30},
    warm_up=30,
)
MACHINE = RiverAnomalyConfig(name="machine", model="river.anomaly.OneClassSVM", warm_up=30)
ALL = (SELFEE, MAHALANOBIS, TREES, MACHINE)


@pytest.fixture(scope="module")
def reference():
    return make_reference(choose_examples([embedded(range(80))], [None], []), "5" * 64, 3, 100)


def controls(count=200, number=2):
    return [embedded(range(count), seed=seed + 1, fps=FPS, name=f"c{seed}.mp4") for seed in range(number)]


def asked(*detectors, **changes):
    return ThresholdSettings(detectors=detectors or ALL, block_s=1.0, **changes)


def test_every_detector_gets_the_highest_score_of_its_own_over_the_controls(reference):
    found = control_thresholds(reference, controls(), asked())
    assert list(found) == ["selfee", "mahalanobis", "trees", "machine"]
    for config in ALL:
        highest = max(np.nanmax(score_recording(reference, control, config)) for control in controls())
        assert found[config.name].value == highest


def test_the_rate_counts_only_blocks_after_the_past_is_full(reference):
    found = control_thresholds(reference, controls(), asked())
    # 200 exposures at 10 a second: 20 s, less 6 s of own past, or 3 s of warm-up, twice.
    assert found["selfee"].rate.blocks == 28
    assert found["mahalanobis"].rate.blocks == 40
    assert found["trees"].rate.blocks == 34
    assert found["selfee"].rate.per_hour == pytest.approx(3600 / 29)


def test_a_past_that_is_never_full_leaves_the_rate_unknown(reference):
    found = control_thresholds(reference, controls(65), asked(SELFEE))
    assert found["selfee"].rate is None
    assert np.isfinite(found["selfee"].value)


def test_a_threshold_by_rate_is_below_the_highest_and_says_how(reference):
    by_rate = control_thresholds(reference, controls(1000), asked(SELFEE, MAHALANOBIS, false_alarms_per_hour=200))
    highest = control_thresholds(reference, controls(1000), asked(SELFEE, MAHALANOBIS))
    for name, rank, blocks in (("selfee", 10, 188), ("mahalanobis", 11, 200)):
        assert by_rate[name].value < highest[name].value
        assert by_rate[name].how == (
            f"{rank}. highest of {blocks} block maxima of the same causal detector over 2 control recordings: "
            "c0.mp4, c1.mp4"
        )


def test_controls_too_short_for_the_rate_are_refused_by_detector(reference):
    with pytest.raises(ConfigError, match="detector 'selfee': the controls are too short for 200 false alarms"):
        control_thresholds(reference, controls(), asked(SELFEE, false_alarms_per_hour=200))


def test_a_control_shorter_than_a_warm_up_is_refused(reference):
    with pytest.raises(ConfigError, match="too short for a score of 'trees': got 30 live frames, expected more than"):
        control_thresholds(reference, controls(30), asked(TREES))


@pytest.fixture
def fitted(reference, tmp_path):
    thresholds = control_thresholds(reference, controls(), asked())
    bare = reference
    made = Reference(
        bare.model_id, bare.labels, bare.label_of, bare.embedding, bare.mean, bare.projection, thresholds=thresholds
    )
    made.save(tmp_path / "r.npz")
    loaded = Reference.load(tmp_path / "r.npz")
    assert loaded.thresholds == thresholds
    return loaded


def session(*detectors, **observe):
    observe = {"detector": detectors, "classifier": {"kind": "none"}, **observe}
    return SessionConfig.model_validate({"source": {"kind": "synthetic"}, "observe": observe})


def test_a_session_takes_every_threshold_from_the_reference(fitted):
    arena = build.observers(session(*ALL), fitted, FPS, 8)[0]
    assert arena.thresholds == {name: threshold.value for name, threshold in fitted.thresholds.items()}


def test_a_configured_threshold_wins(fitted):
    configured = [config.model_copy(update={"threshold": 7.0}) for config in ALL]
    assert set(build.observers(session(*configured), fitted, FPS, 8)[0].thresholds.values()) == {7.0}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (TREES.model_copy(update={"arguments": {"n_trees": 4, "window_size": 30}}), "arguments: got "),
        (TREES.model_copy(update={"model": "river.anomaly.LODA", "arguments": {}}), "model: got river.anomaly.LODA"),
        (TREES.model_copy(update={"warm_up": 31}), "warm_up: got 31, expected 30"),
        (MAHALANOBIS.model_copy(update={"name": "trees"}), "kind: got mahalanobis, expected None"),
    ],
)
def test_a_threshold_for_another_detector_is_refused(fitted, config, words):
    with pytest.raises(ConfigError, match=words):
        build.observers(session(config), fitted, FPS, 8)


def test_counting_alarms_more_finely_than_the_rate_does_is_refused(fitted):
    assert build.observers(session(SELFEE, alarm_merge_s=1.0), fitted, FPS, 8)
    with pytest.raises(ConfigError, match=r"alarm_merge_s: got 0\.5, .* 'selfee' promises its rate .* within 1 s"):
        build.observers(session(SELFEE, alarm_merge_s=0.5), fitted, FPS, 8)
