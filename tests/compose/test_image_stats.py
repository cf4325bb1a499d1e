"""The statistics of a picture are what their description says, whatever its size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from selfee_rt.compose.image_stats import PictureMeter
from selfee_rt.types import ImageStats

RNG = np.random.default_rng(0)


def measured(picture):
    out = np.full(ImageStats.COUNT, np.nan, np.float32)
    PictureMeter(picture.shape).measure(picture, out)
    return out


def plain_sharpness(picture):
    rows = picture[::2].astype(float)
    first, second = np.diff(rows, axis=1), np.diff(rows, n=2, axis=1)
    if not first.any() or not second.any():
        return 0.0
    return np.sqrt((second**2).mean() / (first**2).mean())


def plain_cells(picture):
    height, width = picture.shape
    means = []
    for down in range(8):
        for across in range(8):
            top, left = down * height // 8, across * width // 8
            bottom, right = max(top + 1, (down + 1) * height // 8), max(left + 1, (across + 1) * width // 8)
            means.append(picture[top:bottom, left:right].mean())
    return means


@settings(deadline=None, max_examples=150)
@given(
    height=st.integers(1, 40), width=st.integers(1, 40), top=st.sampled_from([1, 2, 256]), seed=st.integers(0, 10**6)
)
def test_they_are_those_of_plain_numpy(height, width, top, seed):
    picture = np.random.default_rng(seed).integers(0, top, (height, width)).astype(np.uint8)
    stats = measured(picture)
    assert stats[ImageStats.MEAN] == pytest.approx(picture.mean(), abs=1e-3)
    assert stats[ImageStats.DEVIATION] == pytest.approx(picture.std(), abs=1e-3)
    assert stats[ImageStats.SHARPNESS] == pytest.approx(plain_sharpness(picture), abs=1e-3)
    np.testing.assert_allclose(stats[ImageStats.CELLS], plain_cells(picture), atol=1e-3)


def test_every_place_of_the_array_has_one_meaning():
    places = list(range(ImageStats.COUNT))
    named = [ImageStats.MEAN, ImageStats.DEVIATION, ImageStats.SHARPNESS, *places[ImageStats.CELLS]]
    assert named == places
    assert len(places[ImageStats.CELLS]) == ImageStats.CELLS_DOWN * ImageStats.CELLS_ACROSS


def test_a_small_deviation_on_a_bright_large_picture_is_not_lost_in_rounding():
    picture = RNG.integers(250, 253, (512, 512)).astype(np.uint8)
    assert measured(picture)[ImageStats.DEVIATION] == pytest.approx(picture.std(), rel=1e-4)


def test_blur_lowers_the_sharpness_and_neither_light_nor_the_number_of_animals_does():
    animal = np.zeros((128, 128))
    animal[30:42, 20:38] = 100
    pair = animal + np.roll(animal, 50, axis=1)
    sharpness = {
        name: measured(picture.round().astype(np.uint8))[ImageStats.SHARPNESS]
        for name, picture in {
            "one": 20 + animal,
            "two": 20 + pair,
            "dimmed": 0.5 * (20 + animal),
            "blurred": 20 + gaussian_filter(animal, 0.6),
        }.items()
    }
    assert sharpness["two"] == pytest.approx(sharpness["one"], rel=1e-3)
    assert sharpness["dimmed"] == pytest.approx(sharpness["one"], rel=1e-3)
    assert sharpness["blurred"] < 0.85 * sharpness["one"]
    assert measured(RNG.integers(0, 256, (128, 128)).astype(np.uint8))[ImageStats.SHARPNESS] == pytest.approx(
        3**0.5, rel=0.02
    )


def test_what_was_measured_before_leaves_no_trace():
    meter = PictureMeter((16, 16))
    pictures = RNG.integers(0, 256, (3, 16, 16)).astype(np.uint8)
    out = np.empty((3, ImageStats.COUNT), np.float32)
    for picture, stats in zip(pictures, out, strict=True):
        meter.measure(picture, stats)
    np.testing.assert_array_equal(out, [measured(picture) for picture in pictures])
