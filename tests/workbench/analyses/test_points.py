"""Common axes of several recordings."""

import numpy as np
import pytest

from selfee_rt.workbench.analyses.points import common_points
from tests.workbench.analyses.simulated import recording


def test_points_are_centred_uncorrelated_and_in_order_of_their_variance():
    rng = np.random.default_rng(0)
    first, second = (rng.normal(place, (3.0, 1.0), (count, 2)) for place, count in ((5, 300), (-2, 100)))
    points = common_points([recording(first), recording(second)], 2)
    assert [each.shape for each in points.of] == [(300, 2), (100, 2)]
    every = np.concatenate(points.of)
    np.testing.assert_allclose(every.mean(axis=0), 0, atol=0.01)
    covariance = np.cov(every.T)
    assert abs(covariance[0, 1]) < 0.01
    assert covariance[0, 0] > covariance[1, 1]
    assert points.explained == pytest.approx(1, abs=1e-3)
    truth = np.concatenate([first, second])
    np.testing.assert_allclose(covariance.trace(), np.cov(truth.T).trace(), rtol=0.01)
    one = common_points([recording(first), recording(second)], 1)
    assert one.explained == pytest.approx(covariance[0, 0] / covariance.trace(), abs=1e-3)
