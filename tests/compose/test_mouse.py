"""The mouse preparation is the authors': their arithmetic in floating point, and OpenCV's own functions."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.acquire.video_file import VideoFile
from selfee_rt.compose.background import BackgroundMaker
from selfee_rt.compose.mouse import SelfeeMouse, working_px
from selfee_rt.compose.resize import Resizer
from selfee_rt.config import VideoFileConfig
from tests.support import need_data


def by_opencv(grey, background, contrast):
    """The steps as the authors' tool has them, on floating point; written from their description."""
    difference = grey.astype(np.float64) - background
    if contrast == "dark":
        difference = -difference
    difference[difference < 25] = 0
    blurred = cv2.medianBlur(difference.astype(np.uint8), 5)
    return cv2.medianBlur(255 - cv2.equalizeHist(blurred), 5)


def by_us(grey, background, contrast):
    """At the size that is worked on, so that nothing is resized; `background` is floating point."""
    mouse = SelfeeMouse(from_px=grey.shape, to_px=grey.shape, contrast=contrast)
    mouse.background = (np.floor if contrast == "dark" else np.ceil)(background).astype(np.uint8)
    out = np.empty_like(grey)
    mouse.prepare(grey, out)
    return out


@settings(deadline=None, max_examples=100)
@given(
    shape=st.tuples(st.integers(8, 40), st.integers(8, 40)),
    noise=st.integers(1, 120),
    contrast=st.sampled_from(["dark", "bright"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_whole_numbers_give_what_floating_point_gives(shape, noise, contrast, seed):
    rng = np.random.default_rng(seed)
    background = rng.uniform(0, 255, shape)
    background[::2] = background[::2].round()  # also exactly at the threshold
    grey = np.clip(background + rng.integers(-noise, noise + 1, shape), 0, 255).round().astype(np.uint8)
    np.testing.assert_array_equal(by_us(grey, background, contrast), by_opencv(grey, background, contrast))


def test_an_empty_arena_is_white_all_over():
    empty = np.random.default_rng(0).integers(0, 200, (40, 50), np.uint8)
    for contrast in ("dark", "bright"):
        assert (by_us(empty, empty.astype(np.float64), contrast) == 255).all()


def test_contrast_decides_which_animal_is_seen():
    ground = np.full((40, 50), 100, np.uint8)
    scene = ground.copy()
    scene[5:15, 5:15] = 20
    scene[25:35, 30:40] = 180
    for contrast, there, not_there in (("dark", (10, 10), (30, 35)), ("bright", (30, 35), (10, 10))):
        seen = by_us(scene, ground.astype(np.float64), contrast)
        assert (seen[there], seen[not_there]) == (0, 255)


def test_without_a_background_nothing_is_prepared():
    picture = np.zeros((20, 20), np.uint8)
    with pytest.raises(ValueError, match="no background yet"):
        SelfeeMouse(from_px=(20, 20), to_px=(8, 8), contrast="dark").prepare(picture, np.empty((8, 8), np.uint8))


@pytest.mark.parametrize(("name", "contrast"), [("mouse_open_field.mp4", "dark"), ("mouse_round_arena.mp4", "dark")])
def test_a_recording_is_prepared_as_by_opencv(name, contrast):
    """Background of the recording's own frames, at the size that is worked on, then at the network's size."""
    source = VideoFile(VideoFileConfig(path=need_data(name), speed="max"))
    info = source.open()
    px = (info.height_px, info.width_px)
    try:
        greys = [reduced(source.read(1.0).image, px) for _ in range(200)]
    finally:
        source.close()
    maker = BackgroundMaker(working_px(px), window_exposures=20)
    for grey in greys:
        maker.add(grey)
    averages = [np.mean(greys[start : start + 20], axis=0) for start in range(0, 200, 20)]
    for grey in greys[::40]:
        expected = by_opencv(grey, np.median(averages, axis=0), contrast)
        mouse = SelfeeMouse(from_px=grey.shape, to_px=grey.shape, contrast=contrast)
        mouse.background, whole = maker.picture(contrast), np.empty_like(grey)
        mouse.prepare(grey, whole)
        np.testing.assert_array_equal(whole, expected)
        assert 0.001 < (expected < 128).mean() < 0.2, "no animal is seen"
        network, small = np.empty((256, 192), np.uint8), np.empty((256, 192), np.uint8)
        mouse = SelfeeMouse(from_px=grey.shape, to_px=(256, 192), contrast=contrast)
        mouse.background = maker.picture(contrast)
        mouse.prepare(grey, network)
        Resizer(from_px=grey.shape, to_px=(256, 192)).resize(expected, small)
        np.testing.assert_array_equal(network, small)


def reduced(image, px):
    out = np.empty(working_px(px), np.uint8)
    Resizer(from_px=px, to_px=working_px(px)).resize(image, out)
    return out


def test_what_is_measured_is_the_plain_picture_whatever_the_preparation_makes_of_it():
    picture = np.random.default_rng(1).integers(0, 256, (60, 80), np.uint8)
    mouse = SelfeeMouse(from_px=(60, 80), to_px=(16, 24), contrast="dark")
    mouse.background = picture
    plain = np.empty((16, 24), np.uint8)
    Resizer(from_px=(60, 80), to_px=(16, 24)).resize(picture, plain)
    np.testing.assert_array_equal(mouse.prepare(picture, np.empty((16, 24), np.uint8)), plain)
