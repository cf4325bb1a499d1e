"""The contract of `protocols.Classifier`, run over every implementation."""

import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt.config import KnnConfig, ProbeConfig, RiverClassifierConfig
from selfee_rt.errors import ControlError
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.calibrate import Calibrated
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.learners import RiverClassifier
from selfee_rt.observe.probe import Probe
from selfee_rt.observe.reference_parts import Calibration, Curve
from selfee_rt.types import Examples
from tests.observe.support import boosted_reference, make_reference, points, taught_examples
from tests.support import need_module

WARM_UP = 12
"""Exposures after which every implementation knows something."""


def river(model, **arguments):
    config = RiverClassifierConfig(model=f"river.{model}", arguments=arguments, warm_up=10)
    return RiverClassifier(config, make_reference())


def knn(**changes):
    return Knn(make_reference(), KnnConfig(k=10, **changes))


def sharing_knn():
    reference = make_reference()
    return Knn(reference, KnnConfig(k=10), bank=Bank(reference.bank))


def lightgbm():
    need_module("lightgbm")
    from selfee_rt.observe.boosted import BoostedClassifier

    return BoostedClassifier(boosted_reference(), fps=30.0)


def isotonic(classifier):
    curve = Curve((0.0, 0.3, 0.8), (0.1, 0.4, 0.9))
    return Calibrated(classifier, Calibration("isotonic", "by hand", {}, curves=(curve,) * 3))


def cooled(classifier):
    return Calibrated(classifier, Calibration("temperature", "by hand", {}, temperature=2.5))


IMPLEMENTATIONS = {
    "knn": knn,
    "knn_unbalanced": lambda: knn(balance=False),
    "knn_sharing_its_bank": sharing_knn,
    "knn_taught": lambda: knn().taught(taught_examples(seed=1)),
    "probe": lambda: Probe(make_reference(), ProbeConfig()),
    "probe_unbalanced": lambda: Probe(make_reference(), ProbeConfig(balance=False)),
    "lightgbm": lightgbm,
    "temperature": lambda: cooled(knn()),
    "isotonic": lambda: isotonic(knn()),
    "lightgbm_isotonic": lambda: isotonic(lightgbm()),
    "SoftmaxRegression": lambda: river("linear_model.SoftmaxRegression"),
    "LogisticRegression": lambda: river("linear_model.LogisticRegression"),
    "GaussianNB": lambda: river("naive_bayes.GaussianNB"),
    "HoeffdingTreeClassifier": lambda: river("tree.HoeffdingTreeClassifier"),
    "ARFClassifier": lambda: river("forest.ARFClassifier", n_models=3),
    "KNNClassifier": lambda: river("neighbors.KNNClassifier"),
}
CANNOT_BE_TAUGHT = ("lightgbm", "lightgbm_isotonic")
TEACHABLE = [kind for kind in IMPLEMENTATIONS if kind not in CANNOT_BE_TAUGHT]


@pytest.fixture(params=IMPLEMENTATIONS, scope="module")
def make(request):
    return IMPLEMENTATIONS[request.param]


@pytest.fixture(scope="module")
def shared(make):
    return warm(make())


def warm(classifier, seed=11):
    """Let its windows fill."""
    for point in points(WARM_UP, seed=seed):
        classifier.observe(point)
    return classifier


def answers(classifier, count=20, seed=5):
    """What it says of a stream of points, as a session asks; None where it knows nothing."""
    said = []
    for point in points(count, seed=seed):
        probabilities = classifier.probabilities(point)
        said.append(None if probabilities is None else probabilities.tolist())
        classifier.observe(point)
    return said


SCRATCH = ("_similarity", "_answered", "_window")
"""Memory that only a call uses, as far as it is not compared below."""


def state(classifier):
    """Everything it holds, as bytes."""

    def held(each):
        parts = vars(each) if hasattr(each, "__dict__") and type(each).__module__.startswith("selfee_rt") else None
        if parts is None or type(each).__name__ == "Reference":
            return pickle.dumps(each)
        past = each._window[:-1].tobytes() if hasattr(each, "_window") else b""
        return past, {name: held(value) for name, value in parts.items() if name not in SCRATCH}

    return held(classifier)


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


def test_asking_changes_nothing(make):
    classifier = warm(make())
    classifier.probabilities(points(1)[0])
    before = state(classifier)
    first = [classifier.probabilities(point) for point in points(20, seed=3)]
    assert state(classifier) == before
    np.testing.assert_array_equal(first, [classifier.probabilities(point) for point in points(20, seed=3)])


def test_asking_does_not_change_the_point(make):
    classifier, point = warm(make()), points(1)[0]
    before = point.copy()
    point.flags.writeable = False
    classifier.probabilities(point)
    classifier.observe(point)
    np.testing.assert_array_equal(point, before)


def test_an_answer_is_not_overwritten_by_the_next(make):
    classifier = warm(make())
    first = classifier.probabilities(points(1, seed=1)[0])
    before = first.copy()
    classifier.observe(points(1, seed=1)[0])
    classifier.probabilities(-points(1, seed=1)[0])
    np.testing.assert_array_equal(first, before)


def test_a_point_whose_memory_is_used_again_is_a_new_point(make):
    classifier, other = warm(make()), warm(make())
    memory = points(1, seed=1)[0]
    classifier.probabilities(memory)
    memory[:] = points(1, seed=2)[0]
    np.testing.assert_array_equal(classifier.probabilities(memory), other.probabilities(points(1, seed=2)[0]))


def test_two_made_alike_answer_exactly_alike(make):
    assert answers(make()) == answers(make())


def test_it_answers_exactly_alike_however_often_it_is_asked_beside(make):
    plain, asked = make(), make()
    said = []
    for point in points(20, seed=5):
        asked.probabilities(-point)
        said.append(None if (given := asked.probabilities(point)) is None else given.tolist())
        asked.observe(point)
    assert said == answers(plain)


def test_after_a_break_it_answers_as_if_nothing_had_been(make):
    used, new = warm(make()), make()
    used.reset("exposures 3 to 90 are missing")
    assert answers(used) == answers(new)


@pytest.mark.parametrize("kind", TEACHABLE)
def test_it_is_taught_aside_and_stays_as_it_was(kind):
    make = IMPLEMENTATIONS[kind]
    classifier, untaught = make(), make()
    before = state(classifier)
    taught = classifier.taught(taught_examples())
    assert state(classifier) == before
    assert answers(classifier) == answers(untaught)
    assert taught.labels == classifier.labels
    assert answers(taught) != answers(make())


@pytest.mark.parametrize("kind", TEACHABLE)
def test_what_it_knows_depends_on_what_was_taught_and_on_nothing_else(kind):
    make = IMPLEMENTATIONS[kind]
    once = make().taught(taught_examples())
    again = warm(make()).taught(taught_examples(seed=2)).taught(taught_examples())
    assert answers(once) == answers(again)


@pytest.mark.parametrize("kind", [kind for kind in TEACHABLE if kind != "knn_taught"])
def test_taught_nothing_it_answers_as_before(kind):
    make = IMPLEMENTATIONS[kind]
    nothing = Examples(np.empty((0, 5), np.float32), np.empty(0, np.int64))
    assert answers(make().taught(nothing)) == answers(make())


@pytest.mark.parametrize("kind", CANNOT_BE_TAUGHT)
def test_one_that_cannot_be_taught_says_what_to_use(kind):
    with pytest.raises(ControlError, match='cannot be taught during a session; use kind = "knn"'):
        IMPLEMENTATIONS[kind]().taught(taught_examples())
