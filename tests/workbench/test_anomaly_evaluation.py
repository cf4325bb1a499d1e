"""Detectors against known events: areas, events found, delays and false alarms, on scores that are written by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError, LabelsError
from selfee_rt.workbench.anomaly_evaluation import Scored, evaluate_anomaly
from selfee_rt.workbench.anomaly_recordings import Event, Watched, events_of, read_events, synthetic_config
from selfee_rt.workbench.roc import auc, roc
from tests.workbench.test_fit import embedded

SCORES = st.lists(st.integers(0, 5), min_size=1, max_size=15)


@settings(deadline=None)  # the first call imports scipy
@given(strange=SCORES, normal=SCORES)
def test_the_area_is_the_chance_that_the_stranger_scores_higher(strange, normal):
    pairs = [(s > n) + (s == n) / 2 for s, n in product(strange, normal)]
    assert auc(np.array(strange, float), np.array(normal, float)) == pytest.approx(np.mean(pairs))


@settings(deadline=None)  # the first call imports scipy
@given(strange=SCORES, normal=SCORES)
def test_the_area_under_the_curve_is_that_area(strange, normal):
    strange, normal = np.array(strange, float), np.array(normal, float)
    curve = roc(strange, normal)
    area = np.sum(np.diff(curve[:, 0]) * (curve[1:, 1] + curve[:-1, 1]) / 2)
    assert area == pytest.approx(auc(strange, normal))
    assert (np.diff(curve, axis=0) >= 0).all()


def watched(count=200, events=((50, 59), (120, 129)), fps=10.0):
    kinds = ("third_fly", "freezing")
    return Watched(
        embedded(range(count), fps=fps), tuple(Event(what, *at) for what, at in zip(kinds, events, strict=True))
    )


def scored(*above, threshold=1.0, count=200, unknown=20):
    """A score of 0, nothing for the first exposures, and 2 at the exposures named."""
    scores = np.zeros(count)
    scores[list(above)] = 2
    scores[:unknown] = np.nan
    return Scored("by_hand", threshold, (scores,))


def test_what_is_near_an_event_is_neither_strange_nor_normal():
    truth = watched().truth(guard_exposures=5)
    assert truth[44:46].tolist() == [0, -1]
    assert truth[49:51].tolist() == [-1, 1]
    assert truth[59:61].tolist() == [1, -1]
    assert truth[64:66].tolist() == [-1, 0]
    assert (truth == 1).sum() == 20


def test_the_guard_of_one_event_does_not_hide_another():
    assert (watched(events=((50, 59), (61, 70))).truth(5) == 1).sum() == 20


def test_an_event_is_found_at_its_first_alarm_and_the_delay_counts_from_its_start():
    found = evaluate_anomaly([watched()], scored(53, 57, 90), merge_s=1.0).found
    assert [(each.event.what, each.delay_s) for each in found] == [("third_fly", 0.3), ("freezing", None)]


def test_false_alarms_are_those_at_normal_exposures_merged_over_the_time_that_was_scored():
    # Guards are 30 exposures: 90 to 99 are normal, 70 and 150 are not; 180 and 185 are one alarm, 10 has no score.
    alarms = (10, 53, 70, 90, 150, 180, 185)
    counted = evaluate_anomaly([watched(events=((50, 59), (130, 139)))], scored(*alarms), merge_s=1.0).false_alarms
    assert counted.count == 2
    # 90 to 99 and 170 to 199 are normal and scored: 40 exposures of a tenth of a second.
    assert counted.hours == pytest.approx(4 / 3600)


def test_an_event_before_the_first_score_is_not_counted_as_missed():
    found = evaluate_anomaly([watched()], scored(125, unknown=80)).found
    assert [each.event.what for each in found] == ["freezing"]


def test_areas_are_given_for_each_kind_of_event_alone():
    result = evaluate_anomaly([watched()], scored(*range(50, 60)))
    assert result.auc_of == {"freezing": 0.5, "third_fly": 1.0}
    assert result.auc.value == pytest.approx(0.75)
    assert result.auc.low <= 0.75 <= result.auc.high
    assert result.median_delay_s == 0


def test_the_curve_by_event_rises_with_false_alarms_and_ends_before_they_run_into_one_another():
    rng = np.random.default_rng(0)
    scores = rng.standard_normal(200)
    scores[50:60] += 1
    curve = evaluate_anomaly([watched()], Scored("x", None, (scores,)), merge_s=1.0).by_event
    assert (np.diff(curve[:, 1]) >= 0).all()
    assert curve[0].tolist() == [0, 0]
    assert curve[-1, 0] == curve[:, 0].max() > 0
    assert curve[-1, 1] > 0


def test_without_a_threshold_nothing_is_found_or_false():
    result = evaluate_anomaly([watched()], scored(53, threshold=None))
    assert (result.found, result.false_alarms, result.median_delay_s) == ((), None, None)


def test_recordings_without_a_strange_or_a_normal_exposure_that_was_scored_are_refused():
    with pytest.raises(ConfigError, match="'by_hand' scored no strange exposure"):
        evaluate_anomaly([watched()], scored(unknown=130))
    with pytest.raises(ConfigError, match="'by_hand' scored no normal exposure"):
        evaluate_anomaly([watched(events=((0, 99), (100, 199)))], scored())


def test_events_are_read_from_a_file(tmp_path):
    (tmp_path / "e.csv").write_text("what,start,stop\nthird fly,3,9\nlamp,12,12\n")
    assert read_events(tmp_path / "e.csv") == (Event("third fly", 3, 9), Event("lamp", 12, 12))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: got nothing, expected the columns what,start,stop"),
        ("frame,label\n", "line 1: got frame,label, expected"),
        ("what,start,stop\na,1\n", "line 2: got 'a,1', expected a name and two exposures"),
        ("what,start,stop\na,1,2\nb,-1,2\n", "line 3: got 'b,-1,2'"),
        ("what,start,stop\na,5,4\n", "line 2: the event ends with exposure 4, before it starts with 5"),
    ],
)
def test_a_malformed_event_file_is_refused_by_line(tmp_path, text, words):
    (tmp_path / "e.csv").write_text(text)
    with pytest.raises(LabelsError, match=words):
        read_events(tmp_path / "e.csv")


def test_an_event_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(LabelsError, match="cannot read the events"):
        read_events(tmp_path / "gone.csv")


def test_the_events_of_the_synthetic_arena_are_the_exposures_at_which_it_shows_them():
    from selfee_rt.acquire.synthetic_script import Script

    config = synthetic_config(seed=3, seconds=300.0, fps=15.0)
    script = Script(config.seed, config.anomalies)
    shown = [script.anomaly(index / config.fps) for index in range(300 * 15)]
    known = [None] * len(shown)
    for event in events_of(config):
        known[event.start_index : event.stop_index + 1] = [event.what] * (event.stop_index + 1 - event.start_index)
    assert known == shown
    assert len(config.anomalies) == 4
    assert config == synthetic_config(seed=3, seconds=300.0, fps=15.0)
