"""The river adapters: what they teach, what they refuse, and in which words."""

import numpy as np
import pytest

from selfee_rt.config import RiverAnomalyConfig, RiverClassifierConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.learners import RiverAnomaly, RiverClassifier
from tests.observe.support import make_reference, points


def classifier(model="river.naive_bayes.GaussianNB", *, reference=None, warm_up=10, **arguments):
    config = RiverClassifierConfig(model=model, arguments=arguments, warm_up=warm_up)
    return RiverClassifier(config, reference or make_reference())


def detector(model="river.anomaly.HalfSpaceTrees", *, warm_up=300, **arguments):
    return RiverAnomaly(RiverAnomalyConfig(name="x", model=model, arguments=arguments, warm_up=warm_up))


@pytest.mark.parametrize(
    "model",
    [
        "river.naive_bayes.GaussianNB",
        "river.linear_model.SoftmaxRegression",
        "river.linear_model.LogisticRegression",  # two labels at a time, wrapped
        "river.neighbors.KNNClassifier",
        "river.forest.ARFClassifier",
    ],
)
def test_a_classifier_tells_apart_what_the_reference_taught_it(model):
    reference = make_reference(rows=300)
    taught = classifier(model, reference=reference)
    right = [
        taught.probabilities(reference.project(vector.astype(np.float32))).argmax() == label
        for vector, label in zip(reference.embedding, reference.label_of, strict=True)
        if label >= 0
    ]
    assert np.mean(right) > 0.6


def test_the_labels_are_those_of_the_reference_in_its_order():
    assert classifier().labels == make_reference().labels


def test_examples_without_a_label_are_not_taught():
    reference = make_reference()
    labelled = int((reference.label_of >= 0).sum())
    classifier(reference=reference, warm_up=labelled)
    with pytest.raises(ConfigError, match=f"warm_up is {labelled + 1} examples, but the reference has {labelled}"):
        classifier(reference=reference, warm_up=labelled + 1)


def test_a_seed_is_given_to_models_that_take_one():
    reference = make_reference(rows=200)
    point = points(1)[0]
    first, second = (classifier("river.forest.ARFClassifier", reference=reference, n_models=3) for _ in range(2))
    np.testing.assert_array_equal(first.probabilities(point), second.probabilities(point))
    other = classifier("river.forest.ARFClassifier", reference=reference, n_models=3, seed=5)
    assert not np.array_equal(first.probabilities(point), other.probabilities(point))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("os.system", "'os.system' does not lie in river"),
        ("riverbed.forest.ARFClassifier", "does not lie in river"),
        ("ARFClassifier", "does not lie in river"),
        ("river.forest.NoSuchForest", "there is no 'river.forest.NoSuchForest'"),
        ("river.nowhere.Thing", "there is no 'river.nowhere.Thing'"),
        ("river.forest.aggregated_mondrian_forest.base", "is not a class of river derived from river.base.Classifier"),
        ("river.anomaly.HalfSpaceTrees", "is not a class of river derived from river.base.Classifier"),
        ("river.linear_model.LinearRegression", "is not a class of river derived from river.base.Classifier"),
        ("river.ensemble.BaggingClassifier", "needs the argument 'model'"),
        ("river.naive_bayes.ComplementNB", "does not work with these arguments"),
    ],
)
def test_a_model_that_is_no_classifier_of_river_is_refused(model, words):
    with pytest.raises(ConfigError, match=words):
        classifier(model)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("subprocess.Popen", "does not lie in river"),
        ("river.forest.ARFClassifier", "is not a class of river derived from river.base.AnomalyDetector"),
        ("river.anomaly.QuantileFilter", "is not a class of river derived from river.base.AnomalyDetector"),
        ("river.anomaly.GaussianScorer", "is not a class of river derived from river.base.AnomalyDetector"),
    ],
)
def test_a_model_that_is_no_detector_of_river_is_refused(model, words):
    with pytest.raises(ConfigError, match=words):
        detector(model)


def test_every_wrong_argument_is_named_at_once():
    with pytest.raises(ConfigError) as caught:
        detector(trees=3, depth=2)
    assert len(caught.value.problems) == 2
    assert "no argument 'trees'; it takes n_trees, height, window_size, limits, seed" in caught.value.problems[0]


@pytest.mark.parametrize("arguments", [{"n_trees": "many"}, {"height": -1}, {"limits": 1.0}])
def test_an_argument_of_the_wrong_kind_is_found_before_the_session(arguments):
    with pytest.raises(ConfigError, match=r"observe.detector 'x': .*does not work with these arguments"):
        detector(**arguments)


def test_half_space_trees_must_have_seen_their_first_window():
    with pytest.raises(ConfigError, match=r"warm_up is 100, but river\.anomaly\.HalfSpaceTrees answers 0 until"):
        detector(warm_up=100)
    detector(warm_up=100, window_size=100)


def test_what_leaves_the_range_seen_so_far_is_stranger_at_any_scale():
    for scale in (1, 1e-3, 1e4):
        each = detector()
        for point in points(400):
            each.observe(point * np.float32(scale))
        assert each.score(np.full(5, 30 * scale, np.float32)) > each.score(np.zeros(5, np.float32)) + 0.1


def test_a_score_that_is_not_a_number_is_unknown():
    each = detector("river.anomaly.OneClassSVM", warm_up=1)
    each.observe(points(1)[0])
    each.observe(points(2)[1])
    assert each.score(np.full(5, np.inf, np.float32)) is None
