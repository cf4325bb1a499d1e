"""The background is the median of window averages, exactly, and an animal that moves is not in it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.compose.background import BackgroundMaker


def made(pictures, window):
    maker = BackgroundMaker(pictures[0].shape, window_exposures=window)
    for picture in pictures:
        maker.add(picture)
    return maker


@settings(deadline=None, max_examples=100)
@given(windows=st.integers(1, 12), window=st.integers(1, 7), extra=st.integers(0, 6), seed=st.integers(0, 2**32 - 1))
def test_it_is_the_median_of_averages_rounded_towards_the_animal(windows, window, extra, seed):
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (windows * window + min(extra, window - 1), 5, 6), np.uint8)
    sums = [pictures[i * window : (i + 1) * window].astype(int).sum(axis=0) for i in range(windows)]
    doubled = np.sort(sums, axis=0)[[(windows - 1) // 2, windows // 2]].sum(axis=0)  # whole numbers: 2 n x the median
    maker = made(pictures, window)
    assert maker.windows == windows
    np.testing.assert_array_equal(maker.picture("dark"), doubled // (2 * window))
    np.testing.assert_array_equal(maker.picture("bright"), (doubled + 2 * window - 1) // (2 * window))


def test_an_animal_that_is_in_a_place_for_less_than_half_of_the_windows_is_not_in_the_picture():
    ground = np.random.default_rng(0).integers(80, 200, (20, 100), np.uint8)
    pictures = []
    for at in range(100):
        picture = ground.copy()
        picture[5:15, at : at + 10] = 0
        pictures.append(picture)
    np.testing.assert_array_equal(made(pictures, 10).picture("dark"), ground)


def test_white_pictures_do_not_overflow():
    white = np.full((3, 3), 255, np.uint8)
    assert (made([white] * 3000, 300).picture("bright") == 255).all()


def test_without_a_complete_window_there_is_no_picture():
    with pytest.raises(ValueError, match="no window"):
        made([np.zeros((3, 3), np.uint8)] * 4, 5).picture("dark")
