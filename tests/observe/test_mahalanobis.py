"""The shrunk covariance is Ledoit and Wolf's, and the distance is Mahalanobis'."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import MahalanobisConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.mahalanobis import Mahalanobis, shrunk_covariance
from selfee_rt.observe.threshold import Threshold
from tests.observe.support import make_reference, points
from tests.support import need_module


def detector(reference=None, **changes):
    return Mahalanobis(reference or make_reference(), MahalanobisConfig(**changes), fps=30.0)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(2, 60), dim=st.integers(1, 12), seed=st.integers(0, 1000))
def test_the_shrinkage_is_that_of_an_independent_library(rows, dim, seed):
    covariance = need_module("sklearn.covariance")
    rng = np.random.default_rng(seed)
    centred = rng.standard_normal((rows, dim)) @ rng.standard_normal((dim, dim))
    expected, amount = covariance.ledoit_wolf(centred, assume_centered=True)
    got, shrinkage = shrunk_covariance(centred)
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-10)
    assert shrinkage == pytest.approx(amount, abs=1e-9) or dim == 1  # in one dimension there is nothing to shrink


def test_the_score_is_the_distance_in_units_of_the_spread():
    reference = make_reference()
    known = np.stack([reference.project(vector.astype(np.float32)) for vector in reference.embedding])
    mean = known.mean(axis=0)
    precision = np.linalg.inv(shrunk_covariance((known - mean).astype(np.float64))[0])
    for point in points(5):
        expected = np.sqrt((point - mean) @ precision @ (point - mean) / 5)
        assert detector(reference).score(point) == pytest.approx(expected, rel=1e-5)


def test_what_the_reference_holds_scores_about_one_and_what_is_far_more():
    reference = make_reference(rows=500)
    known = [reference.project(vector.astype(np.float32)) for vector in reference.embedding]
    scores = [detector(reference).score(point) for point in known]
    assert np.sqrt(np.mean(np.square(scores))) == pytest.approx(1, abs=0.05)
    assert detector(reference).score(known[0] * 20) > 5


def test_examples_that_are_all_the_same_are_refused():
    same = make_reference(labels=("a",))
    rows = np.repeat(same.embedding[:1], len(same.embedding), axis=0)
    alike = type(same)(same.model_id, same.labels, same.label_of, rows, same.mean, same.projection)
    with pytest.raises(ConfigError, match="60 examples do not spread enough"):
        detector(alike)


def test_its_threshold_is_the_configured_one_else_the_references():
    stored = {"mahalanobis": Threshold(2.5, "a control", {"fps": 30.0, "kind": "mahalanobis"})}
    reference = make_reference(thresholds=stored)
    assert detector(reference).threshold == 2.5
    assert detector(reference, threshold=4.0).threshold == 4.0
    assert detector().threshold is None
