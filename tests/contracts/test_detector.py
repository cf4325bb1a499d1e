"""The contract of `protocols.Detector`, run over every implementation."""

import io
import pickle
import tracemalloc

import numpy as np
import pytest

from selfee_rt.config import MahalanobisConfig, RiverAnomalyConfig, SelfeeAnomalyConfig
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.learners import RiverAnomaly
from selfee_rt.observe.mahalanobis import Mahalanobis
from tests.observe.support import make_reference, points

WARM_UP = 30


def selfee():
    config = SelfeeAnomalyConfig(past_s=10, skip_exposures=10, warm_up_exposures=20, threshold=0.5)
    return SelfeeAnomaly(make_reference(), config, fps=10.0)


def river(model, **arguments):
    config = RiverAnomalyConfig(
        name="selfee", model=f"river.anomaly.{model}", arguments=arguments, warm_up=WARM_UP, threshold=0.5
    )
    return RiverAnomaly(config)


def mahalanobis():
    return Mahalanobis(make_reference(), MahalanobisConfig(name="selfee", threshold=0.5), fps=10.0)


LEARNING = {
    "selfee": selfee,
    "HalfSpaceTrees": lambda: river("HalfSpaceTrees", window_size=WARM_UP, n_trees=3, height=4),
    "LODA": lambda: river("LODA", n_random_cuts=5),
    "OneClassSVM": lambda: river("OneClassSVM"),
    "LocalOutlierFactor": lambda: river("LocalOutlierFactor", n_neighbors=3),
}
"""Those that learn from the session, and know nothing at first."""

IMPLEMENTATIONS = {**LEARNING, "mahalanobis": mahalanobis}


@pytest.fixture(params=IMPLEMENTATIONS)
def make(request):
    return IMPLEMENTATIONS[request.param]


@pytest.fixture(params=LEARNING)
def make_learning(request):
    return LEARNING[request.param]


def state(detector):
    """Everything it holds, as bytes; scratch memory that only a call uses is left out."""
    kept = {name: value for name, value in vars(detector).items() if name != "_similarity"}
    past = kept.pop("_past", None)
    if past is not None:
        kept |= {name: value for name, value in vars(past).items() if name != "_similarity"}
    file = io.BytesIO()
    pickle.dump({name: value for name, value in kept.items() if name not in ("_reference", "_bank")}, file)
    return file.getvalue()


def fed(detector, count, seed=1):
    for point in points(count, seed=seed):
        detector.observe(point)
    return detector


def test_it_has_a_name_and_a_threshold(make):
    assert (make().name, make().threshold) == ("selfee", 0.5)


def test_it_knows_nothing_while_warming_up_and_something_ever_after(make_learning):
    detector = make_learning()
    for point in points(WARM_UP):
        assert detector.score(point) is None
        detector.observe(point)
    for point in points(20, seed=2):
        score = detector.score(point)
        assert isinstance(score, float)
        assert np.isfinite(score)
        detector.observe(point)


def test_scoring_changes_nothing(make):
    detector = fed(make(), WARM_UP + 5)
    before = state(detector)
    scores = [detector.score(point) for point in points(20, seed=3)]
    assert state(detector) == before
    assert [detector.score(point) for point in points(20, seed=3)] == scores


def test_observing_changes_the_state(make_learning):
    detector = fed(make_learning(), WARM_UP + 5)
    before = state(detector)
    assert state(fed(detector, 1, seed=4)) != before


def test_neither_scoring_nor_observing_changes_the_point(make):
    detector = fed(make(), WARM_UP)
    point = points(1, seed=5)[0]
    point.flags.writeable = False
    before = point.copy()
    detector.score(point)
    detector.observe(point)
    np.testing.assert_array_equal(point, before)


def test_a_point_that_is_reused_by_the_caller_is_not_kept(make):
    reused, kept = make(), make()
    buffer = np.empty(5, np.float32)
    for point in points(WARM_UP + 15):
        buffer[:] = point
        reused.observe(buffer)
        kept.observe(point)
    buffer[:] = 0
    probe = points(1, seed=6)[0]
    assert reused.score(probe) == kept.score(probe)


def test_the_same_points_give_exactly_the_same_scores(make):
    probe = points(10, seed=7)
    first, second = fed(make(), 60), fed(make(), 60)
    assert [first.score(point) for point in probe] == [second.score(point) for point in probe]


def test_a_fresh_copy_is_untaught_and_apart(make):
    detector = fed(make(), WARM_UP + 5)
    before = state(detector)
    copy = detector.fresh()
    assert (copy.name, copy.threshold) == (detector.name, detector.threshold)
    assert state(copy) == state(make())
    fed(copy, WARM_UP)
    assert state(detector) == before


def test_a_fresh_copy_of_a_learning_one_knows_nothing(make_learning):
    assert fed(make_learning(), WARM_UP + 5).fresh().score(points(1)[0]) is None


def test_one_that_does_not_learn_knows_from_the_first_exposure_and_never_changes():
    detector = mahalanobis()
    before = detector.score(points(1)[0])
    assert isinstance(before, float)
    assert fed(detector, WARM_UP).score(points(1)[0]) == before


def test_a_fresh_copy_repeats_its_original(make):
    detector = make()
    copy = fed(detector, 20, seed=8).fresh()
    assert fed(copy, 60).score(points(1)[0]) == fed(make(), 60).score(points(1)[0])


def test_it_goes_on_after_a_reset(make):
    detector = fed(make(), WARM_UP)
    detector.reset("exposures 3 to 90 are missing")
    fed(detector, WARM_UP)
    assert detector.score(points(1)[0]) is not None


def test_its_memory_does_not_grow_with_time(make):
    tracemalloc.start()
    try:
        detector = fed(make(), 1600)
        before = tracemalloc.get_traced_memory()[0]
        fed(detector, 600)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 60_000
