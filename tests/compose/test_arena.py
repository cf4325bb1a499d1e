"""An arena is a region of the picture, in grey, at the model's size, inverted if asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import ArenaConfig, Region
from selfee_rt.errors import ConfigError, SourceError
from tests.compose.arenas import preparer


def picture(height=90, width=120, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)


def prepared(image, size_px=(32, 40), **arena):
    out = np.empty(size_px, np.uint8)
    preparer(ArenaConfig(name="left", **arena), size_px, image.shape[:2]).prepare(image, out)
    return out


@settings(deadline=None, max_examples=50)
@given(x=st.integers(0, 112), y=st.integers(0, 82), data=st.data())
def test_only_the_pixels_of_the_region_matter(x, y, data):
    region = Region(x=x, y=y, width=data.draw(st.integers(8, 120 - x)), height=data.draw(st.integers(8, 90 - y)))
    image = picture()
    masked = np.full_like(image, 7)
    part = (slice(y, y + region.height), slice(x, x + region.width))
    masked[part] = image[part]
    found = prepared(image, region=region)
    np.testing.assert_array_equal(found, prepared(masked, region=region))
    np.testing.assert_array_equal(found, prepared(image[part]))


def test_inversion_is_255_minus_the_value():
    np.testing.assert_array_equal(prepared(picture(), invert=True), 255 - prepared(picture()))


def test_no_region_is_the_whole_picture():
    np.testing.assert_array_equal(
        prepared(picture()), prepared(picture(), region=Region(x=0, y=0, width=120, height=90))
    )


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (Region(x=60, y=0, width=61, height=8), "x 60..120 .* 120x90 px; .*up to 119"),
        (Region(x=0, y=83, width=8, height=8), "y 83..90, .* 120x90 px; .*up to 89"),
        (Region(x=500, y=500, width=8, height=8), "left"),
    ],
)
def test_a_region_outside_the_picture_is_refused_with_numbers(region, words):
    with pytest.raises(ConfigError, match=words):
        prepared(picture(), region=region)


def test_a_region_up_to_the_last_pixel_is_allowed():
    prepared(picture(), region=Region(x=60, y=40, width=60, height=50))


def test_a_picture_of_another_size_than_the_source_stated_is_refused():
    left = preparer(ArenaConfig(name="left"), (8, 8), (90, 120))
    with pytest.raises(SourceError, match=r"'left'.*121x90 px arrived, expected 120x90"):
        left.prepare(picture(90, 121), np.empty((8, 8), np.uint8))
