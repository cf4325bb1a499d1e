"""What [observe] says becomes the observers that it names, or an error that says why not."""

import builtins
import dataclasses

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import SessionConfig
from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.observe.reference_parts import Calibration, Transitions
from selfee_rt.types import Guess
from tests.observe.support import boosted_reference, make_reference, points
from tests.support import need_module

TEMPERATURE = Calibration("temperature", "by hand", {"k": 10.0, "tau": 0.07, "balance": 1.0}, temperature=3.0)
TRANSITIONS = Transitions(((80, 1, 1), (1, 80, 1), (1, 1, 80)), (82, 82, 82), 30.0)
KNN = {"kind": "knn", "k": 10}


def observers(known, fps=30.0, **observe):
    config = SessionConfig.model_validate(
        {
            "source": {"kind": "synthetic"},
            "arena": [{"name": "left"}, {"name": "right"}],
            "observe": {"detector": [], **observe},
        }
    )
    return build.observers(config, known, fps, 8)


def reference(**parts):
    return dataclasses.replace(make_reference(), **parts)


@pytest.mark.parametrize(
    ("classifier", "name"),
    [
        (KNN, "Knn"),
        ({"kind": "probe"}, "Probe"),
        ({"kind": "lightgbm"}, "BoostedClassifier"),
        ({"kind": "river", "model": "river.naive_bayes.GaussianNB", "warm_up": 10}, "RiverClassifier"),
    ],
)
def test_each_kind_of_classifier_is_built_once_per_arena(classifier, name):
    if classifier["kind"] == "lightgbm":
        need_module("lightgbm")
    left, right = observers(
        boosted_reference() if classifier["kind"] == "lightgbm" else make_reference(), classifier=classifier
    )
    assert [type(each.classifier).__name__ for each in (left, right)] == [name, name]
    assert left.classifier is not right.classifier


@pytest.mark.parametrize("kind", ["probe", "lightgbm"])
def test_a_classifier_without_a_reference_is_refused(kind):
    if kind == "lightgbm":
        need_module("lightgbm")
    with pytest.raises(ConfigError, match=r"needs a reference, and there is none; set observe\.reference"):
        observers(None, classifier={"kind": kind})


def test_without_lightgbm_its_extra_is_named(monkeypatch):
    imported = builtins.__import__

    def absent(name, *rest):
        if name.startswith(("lightgbm", "selfee_rt.observe.boosted")):
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtra, match=r"pip install 'selfee-rt\[lightgbm\]'"):
        observers(make_reference(), classifier={"kind": "lightgbm"})


@pytest.mark.parametrize(
    ("smoothing", "name", "lag"),
    [
        ({"kind": "none"}, "Unsmoothed", 0),
        ({"kind": "mode", "exposures": 3}, "ModeFilter", 0),
        ({"kind": "mean", "exposures": 3}, "MeanFilter", 0),
        ({"kind": "hmm"}, "HmmFilter", 0),
        ({"kind": "hmm", "lag_exposures": 7}, "HmmFilter", 7),
    ],
)
def test_each_kind_of_smoothing_is_built(smoothing, name, lag):
    left, right = observers(reference(transitions=TRANSITIONS), classifier=KNN, smoothing=smoothing)
    assert (type(left.smoother).__name__, left.smoother.lag) == (name, lag)
    assert left.smoother is not right.smoother
    assert left.smoother.push(Guess("winging", np.array([0.1, 0.2, 0.7]))).label == "winging"


def test_a_hidden_markov_model_needs_transitions_at_this_frame_rate():
    hmm = {"classifier": KNN, "smoothing": {"kind": "hmm"}}
    with pytest.raises(ConfigError, match="the reference holds no transitions of labels; make it anew"):
        observers(make_reference(), **hmm)
    with pytest.raises(ConfigError, match="the transitions of the reference were learned at another frame rate"):
        observers(reference(transitions=TRANSITIONS), fps=90.0, **hmm)
    with pytest.raises(ConfigError, match="smoothing by a hidden Markov model needs a reference"):
        observers(None, smoothing={"kind": "hmm"})


def test_a_calibration_of_the_reference_is_applied_unless_it_is_not_wanted():
    known = reference(calibrations={"knn": TEMPERATURE})
    point = points(1)[0]
    calibrated, raw = (
        observers(known, classifier=KNN, **wanted)[0].classifier.probabilities(point)
        for wanted in ({}, {"calibrate": False})
    )
    expected = np.maximum(raw, 1e-6) ** (1 / 3)
    np.testing.assert_allclose(calibrated, expected / expected.sum())


def test_confidence_is_only_judged_where_it_is_calibrated():
    abstain = {"below_confidence": 0.5}
    with pytest.raises(ConfigError, match="below_confidence needs calibrated probabilities"):
        observers(make_reference(), classifier=KNN, abstain=abstain)
    left, _ = observers(reference(calibrations={"knn": TEMPERATURE}), classifier=KNN, abstain=abstain)
    assert left.abstain(points(1)[0], np.array([0.4, 0.3, 0.3]))
    assert not left.abstain(points(1)[0], np.array([0.6, 0.2, 0.2]))


def test_the_parts_of_an_arena_share_one_bank_and_arenas_do_not():
    left, right = observers(
        make_reference(),
        classifier=KNN,
        abstain={"beyond_distance": 0.5},
        detector=[{"kind": "selfee", "past_s": 5, "skip_exposures": 0, "warm_up_exposures": 1}],
    )
    assert left.classifier._bank is left.detectors[0]._bank is left.abstain._bank
    assert left.classifier._bank is not right.classifier._bank
