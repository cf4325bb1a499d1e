"""Intervals draw whole units; where there are too few, there is none and it says why."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.workbench.evaluate.bootstrap import Estimate, estimate, resamples
from selfee_rt.workbench.evaluate.metrics import (
    average_precision,
    confusion,
    f1,
    f1_of_confusion,
    weighted_average_precision,
)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_f1_of_a_confusion_table_is_that_of_the_exposures(seed):
    rng = np.random.default_rng(seed)
    truth, predicted = rng.integers(0, 3, 60), rng.integers(-1, 3, 60)
    table = confusion(truth, predicted, rng.integers(0, 4, 60), 4, 3).sum(axis=0)
    assert table.sum() == 60
    for label in range(3):
        assert f1_of_confusion(table)[label] == pytest.approx(f1(truth == label, predicted == label))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_weighted_average_precision_is_that_of_the_exposures_written_out_as_often_as_drawn(seed):
    rng = np.random.default_rng(seed)
    truth, score, unit = rng.random(40) < 0.4, rng.integers(0, 6, 40) / 6, rng.integers(0, 5, 40)
    weights = resamples(5, "blocks", {}, 8, seed).weights
    got = weighted_average_precision(truth, score, unit, weights)
    for value, weight in zip(got, weights, strict=True):
        rows = np.repeat(np.arange(40), weight[unit])
        if truth[rows].any():
            assert value == pytest.approx(average_precision(truth[rows], score[rows]))
        else:
            assert np.isnan(value)


def test_every_resample_has_as_many_units_and_the_seed_decides():
    first, again, other = (resamples(7, "blocks", {}, 20, seed).weights for seed in (1, 1, 2))
    assert (first.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_too_few_units_or_bouts_give_no_interval_and_say_so():
    assert resamples(5, "videos", {"wing": 5}, 2, 0).why_none is None
    assert resamples(4, "videos", {"wing": 5}, 2, 0).why_none == "there are 4 videos, an interval needs at least 5"
    assert "'wing' has 4" in resamples(5, "videos", {"wing": 4, "still": 9}, 2, 0).why_none
    assert estimate(0.5, np.array([0.1, 0.9]), "there are 4 videos") == Estimate(0.5, why="there are 4 videos")
    assert str(Estimate(0.5)) == "0.50"


def test_an_interval_leaves_out_resamples_in_which_a_label_does_not_occur():
    found = estimate(0.5, np.array([0.4, np.nan, 0.6]), None)
    assert 0.4 <= found.low <= 0.41
    assert 0.59 <= found.high <= 0.6
    assert estimate(float("nan"), np.array([np.nan]), None).value is None
