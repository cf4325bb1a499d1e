"""Groups compared: against scipy's own corrections, and against what no test may claim."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, mannwhitneyu

from selfee_rt.workbench.analyses.compare import benjamini_hochberg, differences, least_p


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_correction_is_that_of_scipy(p):
    np.testing.assert_allclose(benjamini_hochberg(np.array(p)), false_discovery_control(p, method="bh"), atol=1e-12)


def test_every_pair_of_groups_is_compared_in_every_quantity_and_all_count_in_the_correction():
    values = np.random.default_rng(0).normal(size=(12, 3))
    values[8:, 1] += 9
    groups = {"wt": [0, 1, 2, 3], "het": [4, 5, 6, 7], "mutant": [8, 9, 10, 11]}
    found = differences(values, groups)
    assert [each.groups for each in found] == [("wt", "het")] * 3 + [("wt", "mutant")] * 3 + [("het", "mutant")] * 3
    assert [each.quantity for each in found] == [0, 1, 2] * 3
    for each in found:
        first, second = (values[groups[name], each.quantity] for name in each.groups)
        expected = mannwhitneyu(first, second, alternative="two-sided")
        assert (each.u, each.p) == (expected.statistic, expected.pvalue)
    corrected = false_discovery_control([each.p for each in found])
    np.testing.assert_allclose([each.q for each in found], corrected)
    strange = [each for each in found if "mutant" in each.groups and each.quantity == 1]
    assert all(each.u == 0 and each.p == pytest.approx(least_p(4, 4)) for each in strange)


def test_a_quantity_that_is_the_same_in_all_animals_is_no_difference():
    (found,) = differences(np.zeros((7, 1)), {"a": [0, 1, 2], "b": [3, 4, 5, 6]})
    assert (found.u, found.p, found.q) == (6.0, 1.0, 1.0)


def test_groups_drawn_alike_are_seldom_called_different():
    rng = np.random.default_rng(1)
    groups = {"a": list(range(8)), "b": list(range(8, 16))}
    wrong = [min(each.q for each in differences(rng.normal(size=(16, 5)), groups)) < 0.05 for _ in range(200)]
    assert np.mean(wrong) < 0.09


@pytest.mark.parametrize(("first", "second"), [(3, 3), (4, 4), (3, 6)])
def test_the_least_p_is_that_of_complete_separation(first, second):
    expected = mannwhitneyu(range(first), range(10, 10 + second), method="exact").pvalue
    assert least_p(first, second) == pytest.approx(expected)
