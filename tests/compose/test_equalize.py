"""Histogram equalisation is OpenCV's, bit for bit."""

import cv2
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from selfee_rt.compose.equalize import equalizing


@settings(deadline=None, max_examples=200)
@given(size=st.integers(1, 3000), levels=st.integers(1, 256), skew=st.floats(0.2, 5.0), seed=st.integers(0, 2**32 - 1))
@example(size=1, levels=1, skew=1.0, seed=0)
@example(size=500_000, levels=256, skew=3.0, seed=1)
def test_any_picture_is_equalised_as_by_opencv(size, levels, skew, seed):
    rng = np.random.default_rng(seed)
    picture = (rng.random((1, size)) ** skew * levels).astype(np.uint8)
    np.testing.assert_array_equal(equalizing(picture)[picture], cv2.equalizeHist(picture))


def test_a_picture_of_one_value_stays_as_it_is():
    picture = np.full((5, 5), 42, np.uint8)
    np.testing.assert_array_equal(equalizing(picture)[picture], picture)
