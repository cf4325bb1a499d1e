"""The contract of `protocols.Classifier`, run over every implementation."""

import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt.config import KnnConfig, RiverClassifierConfig
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.learners import RiverClassifier
from tests.observe.support import make_reference, points


def river(model, **arguments):
    config = RiverClassifierConfig(model=f"river.{model}", arguments=arguments, warm_up=10)
    return RiverClassifier(config, make_reference())


IMPLEMENTATIONS = {
    "knn": lambda: Knn(make_reference(), KnnConfig(k=10)),
    "knn_unbalanced": lambda: Knn(make_reference(), KnnConfig(k=10, balance=False)),
    "SoftmaxRegression": lambda: river("linear_model.SoftmaxRegression"),
    "LogisticRegression": lambda: river("linear_model.LogisticRegression"),
    "GaussianNB": lambda: river("naive_bayes.GaussianNB"),
    "HoeffdingTreeClassifier": lambda: river("tree.HoeffdingTreeClassifier"),
    "ARFClassifier": lambda: river("forest.ARFClassifier", n_models=3),
    "KNNClassifier": lambda: river("neighbors.KNNClassifier"),
}


@pytest.fixture(params=IMPLEMENTATIONS, scope="module")
def make(request):
    return IMPLEMENTATIONS[request.param]


def state(classifier):
    """Everything it holds, as bytes; scratch memory that only a call uses is left out."""
    return pickle.dumps(
        {name: value for name, value in vars(classifier).items() if name not in ("_similarity", "_sorted")}
    )


def test_its_labels_are_those_of_the_reference(make):
    assert make().labels == ("chasing", "nothing", "winging")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1e-3, 1.0, 50.0]))
def test_probabilities_are_one_per_label_and_sum_to_one(shared, seed, scale):
    probabilities = shared.probabilities(points(1, seed=seed)[0] * np.float32(scale))
    assert probabilities.shape == (3,)
    assert probabilities.dtype == np.float64
    assert (probabilities >= 0).all()
    assert probabilities.sum() == pytest.approx(1)


@pytest.fixture(scope="module")
def shared(make):
    return make()


def test_asking_changes_nothing(make):
    classifier = make()
    classifier.probabilities(points(1)[0])
    before = state(classifier)
    first = [classifier.probabilities(point) for point in points(20, seed=3)]
    assert state(classifier) == before
    np.testing.assert_array_equal(first, [classifier.probabilities(point) for point in points(20, seed=3)])


def test_asking_does_not_change_the_point(make):
    point = points(1)[0]
    before = point.copy()
    point.flags.writeable = False
    make().probabilities(point)
    np.testing.assert_array_equal(point, before)


def test_an_answer_is_not_overwritten_by_the_next(make):
    classifier = make()
    first = classifier.probabilities(points(1, seed=1)[0])
    before = first.copy()
    classifier.probabilities(-points(1, seed=1)[0])
    np.testing.assert_array_equal(first, before)


def test_two_made_alike_answer_exactly_alike(make):
    first, second = make(), make()
    for point in points(20, seed=5):
        np.testing.assert_array_equal(first.probabilities(point), second.probabilities(point))
