"""The median of 5x5 pixels is OpenCV's, bit for bit, up to the last pixel."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.compose import median
from selfee_rt.compose.median import MedianFilter


def filtered(picture):
    out = np.empty_like(picture)
    MedianFilter(picture.shape).filter(picture, out)
    return out


@settings(deadline=None, max_examples=150)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    levels=st.sampled_from([2, 3, 20, 256]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_picture_is_filtered_as_by_opencv(height, width, levels, seed):
    rng = np.random.default_rng(seed)
    picture = rng.choice(rng.integers(0, 256, levels, np.uint8), (height, width))
    np.testing.assert_array_equal(filtered(picture), cv2.medianBlur(picture, 5))


@pytest.mark.parametrize("rows_at_once", [1, 2, 7, 30, 31])
def test_it_does_not_matter_how_many_rows_are_worked_on_at_a_time(monkeypatch, rows_at_once):
    monkeypatch.setattr(median, "_STRIP_BYTES", rows_at_once * 44)
    picture = np.random.default_rng(3).integers(0, 256, (30, 40), np.uint8)
    np.testing.assert_array_equal(filtered(picture), cv2.medianBlur(picture, 5))


def test_a_picture_may_be_filtered_in_place_and_the_next_one_knows_nothing_of_it():
    first, second = np.random.default_rng(0).integers(0, 256, (2, 50, 60), np.uint8)
    expected = cv2.medianBlur(first, 5), cv2.medianBlur(second, 5)
    reused = MedianFilter((50, 60))
    reused.filter(first, first)
    reused.filter(second, second)
    np.testing.assert_array_equal(first, expected[0])
    np.testing.assert_array_equal(second, expected[1])
