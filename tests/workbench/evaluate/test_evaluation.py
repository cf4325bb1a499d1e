"""The whole evaluation: what it finds, what it says of its own limits, and that it repeats."""

import json
from dataclasses import replace

import numpy as np
import pytest

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.evaluate.document import document
from selfee_rt.workbench.evaluate.evaluation import evaluate
from selfee_rt.workbench.evaluate.metrics import average_precision, f1, macro
from selfee_rt.workbench.evaluate.reliability import reliability
from selfee_rt.workbench.evaluate.training import Preparation
from selfee_rt.workbench.evaluate.variants import classifier_of, smoothing_of
from tests.workbench.evaluate.material import inputs, labelled, settings, silent, turns


def by(found, **wanted):
    """The only variant with these properties."""
    (variant,) = [
        each for each in found.variants if all(getattr(each, name) == value for name, value in wanted.items())
    ]
    return variant


def test_every_classifier_meets_every_smoothing_at_every_lookahead(tmp_path):
    given = settings(
        inputs(tmp_path, a=labelled(turns(240))),
        classifiers=("knn:5", "probe"),
        smoothings=("none", "mode:5", "mean:5", "hmm", "hmm:3"),
        lags=(0, 2),
    )
    found = evaluate(given, progress=silent)
    expected = []
    for classifier in ("knn:5", "probe"):
        for smoothing, late in (("none", 0), ("mode:5", 0), ("mean:5", 0), ("hmm", 0), ("hmm:3", 3)):
            expected += [(classifier, smoothing, "newest", late), (classifier, smoothing, "current", 2 + late)]
            if smoothing in ("mode:5", "mean:5"):
                expected.append((classifier, smoothing, "centred", 4))
    got = [(each.classifier, each.smoothing, each.window, each.lookahead_exposures) for each in found.variants]
    assert sorted(got) == sorted(expected)
    assert [(point.classifier, point.lag_exposures) for point in found.lags] == [
        (classifier, lag) for classifier in ("knn:5", "probe") for lag in (0, 2)
    ]
    hmm = by(found, classifier="probe", smoothing="hmm", window="current")
    assert found.lags[2].macro_f1 == hmm.scores.macro_f1


def test_scores_are_those_of_all_held_out_exposures_together(tmp_path):
    recording = labelled(turns(240), seed=5)
    found = evaluate(settings(inputs(tmp_path, a=recording), classifiers=("knn:5",)), progress=silent)
    variant = by(found, smoothing="none", window="current")
    truth, said, chances = [], [], []
    for piece, each in zip(found.pieces, variant.said, strict=True):
        truth += piece.truth[piece.scored].tolist()
        said += each.label_of[piece.scored].tolist()
        chances += each.probabilities[piece.scored].tolist()
    truth, said, chances = np.array(truth), np.array(said), np.array(chances)
    np.testing.assert_array_equal(truth, recording.label_of[2:238])
    expected_f1, expected_precision = macro(truth, chances)
    assert variant.scores.macro_f1.value == pytest.approx(expected_f1)
    assert variant.scores.mean_average_precision.value == pytest.approx(expected_precision)
    for label, name in enumerate(found.labels):
        assert variant.scores.per_label[name].f1.value == pytest.approx(f1(truth == label, said == label))
        assert variant.scores.per_label[name].bouts == 4
    assert variant.scores.confusion.sum() == len(truth) == 236


def test_videos_are_drawn_again_where_there_are_five_and_blocks_where_there_are_fewer(tmp_path):
    for count, drawn in ((5, "whole recordings"), (3, "blocks of 30 exposures (1.2 s)")):
        folder = tmp_path / str(count)
        folder.mkdir()
        recordings = {name: labelled(turns(130), name=name, seed=seed) for seed, name in enumerate("abcde"[:count])}
        given = settings(inputs(folder, **recordings), classifiers=("knn:5",), smoothings=("none",))
        found = evaluate(given, progress=silent)
        assert found.drawn == drawn
        assert any("not of other animals" in note for note in found.notes) == (count == 3)
        assert [part.name for part in found.folds] == list("abcde"[:count])
        low, high = found.variants[0].scores.macro_f1.low, found.variants[0].scores.macro_f1.high
        assert low <= found.variants[0].scores.macro_f1.value <= high


def test_too_few_bouts_give_numbers_without_intervals_and_a_note(tmp_path):
    label_of = turns(240, labels=2)
    label_of[30:36] = label_of[150:156] = 2
    found = evaluate(settings(inputs(tmp_path, a=labelled(label_of)), classifiers=("knn:5",)), progress=silent)
    estimate = by(found, smoothing="none", window="current").scores.macro_f1
    assert estimate.value is not None
    assert estimate.low is None
    assert "'wing' has 2" in estimate.why
    assert any(note.startswith("No interval:") and "'wing' has 2" in note for note in found.notes)


def test_a_classifier_that_warms_up_leaves_exposures_unknown_which_count_as_missed(tmp_path):
    pytest.importorskip("lightgbm")
    label_of = turns(300, bout=25)
    given = settings(
        inputs(tmp_path, a=labelled(label_of)),
        classifiers=("lightgbm",),
        smoothings=("none",),
        gap_exposures=8,
        preparation=Preparation(project=4, window_exposures=8),
    )
    found = evaluate(given, progress=silent)
    scores = by(found, window="current").scores
    assert scores.unknown == 7
    assert scores.confusion[:, -1].sum() == 7
    truth = np.concatenate([piece.truth[piece.scored] for piece in found.pieces])
    said = by(found, window="current").said
    chances = [each.probabilities[piece.scored] for piece, each in zip(found.pieces, said, strict=True)]
    last = np.nan_to_num(np.concatenate(chances), nan=-1.0)
    expected = np.mean([average_precision(truth == label, last[:, label]) for label in range(3)])
    assert scores.mean_average_precision.value == pytest.approx(expected)
    assert sum("lightgbm: nothing was said about 7 of 296 exposures" in note for note in found.notes) == 1
    with pytest.raises(ConfigError, match="shorter than LightGBM's window of 8"):
        evaluate(replace(given, gap_exposures=7), progress=silent)


def test_calibration_changes_probabilities_and_says_which_was_chosen(tmp_path):
    rng = np.random.default_rng(0)
    recording = labelled(turns(300))
    vague = replace(recording, embedding=rng.standard_normal(recording.embedding.shape).astype(np.float16))
    given = settings(inputs(tmp_path, a=vague), classifiers=("knn:3",), smoothings=("none",), calibrate="temperature")
    (chances,) = evaluate(given, progress=silent).chances
    assert chances.methods == ("temperature",) * 6
    assert chances.calibrated.negative_log_likelihood < chances.raw.negative_log_likelihood
    (plain,) = evaluate(replace(given, calibrate="none"), progress=silent).chances
    assert plain.calibrated is None
    assert plain.raw.negative_log_likelihood == chances.raw.negative_log_likelihood


def test_the_same_settings_give_the_same_numbers_and_json_holds_them(tmp_path):
    given = settings(inputs(tmp_path, a=labelled(turns(240))), classifiers=("knn:5",), smoothings=("none", "hmm"))
    first, again = (json.dumps(document(evaluate(given, progress=silent), "x"), allow_nan=False) for _ in range(2))
    assert first == again
    told = json.loads(first)
    assert told["recordings"][0]["identity"] == "sha of a"
    assert told["settings"]["seed"] == 0
    assert [each["lookahead_ms"] for each in told["variants"]] == [0, 0, 80, 80]


def test_reliability_of_probabilities_that_mean_what_they_say_is_none_off():
    truth = np.array([0] * 8 + [1] * 2 + [1] * 5)
    given = np.array([[0.8, 0.2]] * 10 + [[0.0, 1.0]] * 5)
    found = reliability(truth, given)
    assert found.calibration_error == pytest.approx(0)
    assert found.count.tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 10, 5]
    assert found.negative_log_likelihood == pytest.approx(-(8 * np.log(0.8) + 2 * np.log(0.2)) / 15)
    assert found.brier == pytest.approx((8 * 0.08 + 2 * 1.28) / 15)
    assert reliability(truth, np.full((15, 2), np.nan)) is None


@pytest.mark.parametrize("name", ["kn", "knn:0", "knn:x", "river:", "probe:3", ""])
def test_a_classifier_that_is_none_is_refused_with_those_that_are(name):
    with pytest.raises(ConfigError, match="there is no such classifier; expected one of: knn"):
        classifier_of(name)


@pytest.mark.parametrize("name", ["mode", "mode:4", "mode:0", "mean:-1", "hmm:x", "hmm:251", "median:3"])
def test_a_smoothing_that_is_none_is_refused_with_those_that_are(name):
    with pytest.raises(ConfigError, match="there is no such smoothing; expected one of: none"):
        smoothing_of(name)


def test_settings_that_mean_nothing_are_refused_all_at_once(tmp_path):
    given = settings(
        inputs(tmp_path, a=labelled(turns(240))), classifiers=("knn", "knn"), smoothings=(), bout_overlap=0
    )
    with pytest.raises(ConfigError) as refused:
        evaluate(given, progress=silent)
    assert len(refused.value.problems) == 3


def test_more_neighbours_than_a_fold_has_examples_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="k is 5000, but the reference has"):
        evaluate(settings(inputs(tmp_path, a=labelled(turns(240))), classifiers=("knn:5000",)), progress=silent)
