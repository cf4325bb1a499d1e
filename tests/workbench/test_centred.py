"""Centred cosines say what rows without a direction mean, and hide nothing."""

import numpy as np
import pytest

from selfee_rt.workbench.centred import centred_cosines

EXPECTED = np.array([[3, 1], [1, 1], [2, 1]], np.float32)
"""Their mean is (2, 1): the last row is at it."""


@pytest.mark.parametrize("both_at_mean", [0, 1])
def test_the_caller_says_what_two_rows_at_the_mean_are(both_at_mean):
    assert centred_cosines(EXPECTED, EXPECTED, both_at_mean=both_at_mean).tolist() == [1, 1, both_at_mean]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_row_at_the_mean_does_not_agree_with_one_that_is_not(swapped):
    other = EXPECTED.copy()
    other[0 if swapped else 2] = (2, 1) if swapped else (5, 1)
    assert centred_cosines(EXPECTED, other, both_at_mean=1).tolist() == [0 if swapped else 1, 1, 1 if swapped else 0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_finite_number_agrees_with_nothing(value):
    got = EXPECTED.copy()
    got[1, 0] = value
    assert centred_cosines(EXPECTED, got, both_at_mean=1).tolist() == [1, 0, 1]
    assert centred_cosines(got, got, both_at_mean=1).tolist() == [0, 0, 0]


def test_a_common_offset_hides_nothing_and_scale_does_not_matter():
    rng = np.random.default_rng(0)
    rows = (100 + rng.normal(size=(40, 8))).astype(np.float32)
    mean = rows.mean(axis=0, dtype=np.float64)
    assert centred_cosines(rows, 2 * (rows - mean) + mean, both_at_mean=0) == pytest.approx(1)
    assert centred_cosines(rows, mean - (rows - mean), both_at_mean=0) == pytest.approx(-1)
