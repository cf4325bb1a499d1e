"""A source becomes small grey pictures, prepared as live ones are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.compose.arena import ArenaPreparer
from selfee_rt.compose.cutout import Cutout
from selfee_rt.compose.grey_resize import GreyResize
from selfee_rt.config import ArenaConfig, FirstSecondsBackgroundConfig, Region
from selfee_rt.errors import ConfigError, SourceError
from selfee_rt.workbench.dataset import read_recording
from tests.workbench.dataset.small import Pictures

REGION = ArenaConfig(name="left", region=Region(x=8, y=4, width=32, height=40), invert=True)


def noise(count: int = 3) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (count, 48, 64), dtype=np.uint8))


def test_a_source_is_read_to_its_end_as_small_grey_pictures_and_closed() -> None:
    grey = np.tile(np.arange(64, dtype=np.uint8) * 3, (48, 1))
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    source = Pictures([grey, colour, grey])
    recording = read_recording(source, "ramp", (24, 32))
    assert (recording.fps, recording.index.tolist(), recording.grey.shape) == (30.0, [0, 1, 2], (3, 24, 32))
    assert np.abs(recording.grey[0, 12].astype(int) - (np.arange(32) * 6 + 1.5)).max() <= 4
    assert np.abs(recording.grey[0].astype(int) - recording.grey[1]).max() <= 1
    assert (source.closed, recording.ended, recording.exposures) == (1, "done", 3)


def test_one_number_means_a_square() -> None:
    assert read_recording(Pictures(noise()), "square", 32).grey.shape == (3, 32, 32)


def test_pictures_are_prepared_as_a_session_prepares_them() -> None:
    images = noise()
    recording = read_recording(Pictures(images), "region", (24, 32), arena=REGION)
    live = np.empty((24, 32), np.uint8)
    cutout = Cutout(REGION, (48, 64))
    prepared = GreyResize(from_px=cutout.size_px, to_px=(24, 32), invert=True)
    ArenaPreparer(cutout, prepared).prepare(images[1], live)
    assert (recording.grey[1] == live).all()


def test_a_mouse_is_prepared_against_the_background_that_the_first_exposures_make() -> None:
    ground = np.full((48, 64), 200, np.uint8)
    mouse = ground.copy()
    mouse[20:30, 30:45] = 40
    arena = ArenaConfig(name="a", background=FirstSecondsBackgroundConfig(seconds=1, contrast="dark"))
    source = Pictures([ground] * 30 + [mouse] * 5)
    recording = read_recording(source, "mouse", (48, 64), arena=arena, preprocessing="selfee_mouse")
    assert recording.index.tolist() == [30, 31, 32, 33, 34]
    assert recording.exposures == 35
    assert recording.grey[0, 25, 38] < 50
    assert (recording.grey[0, :10] > 200).all()


def test_an_arena_that_does_not_suit_the_preparation_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no background"):
        read_recording(Pictures(noise()), "mouse", 32, preprocessing="selfee_mouse")


def test_reading_stops_at_the_number_asked_for() -> None:
    source = Pictures(noise(9))
    assert len(read_recording(source, "short", 32, most=4).grey) == 4
    assert source.closed == 1


@given(st.sets(st.integers(0, 40)))
def test_dropped_exposures_keep_their_place_and_only_runs_of_less_than_three_are_left_out(lost: set[int]) -> None:
    index = [i for i in range(45) if i not in lost]
    images = [np.full((48, 64), i, np.uint8) for i in index]
    recording = read_recording(Pictures(images, index=index), "gaps", 8)
    arrived = set(index)
    runs = [range(i, i + 3) for i in range(43) if {i, i + 1, i + 2} <= arrived]
    assert recording.index.tolist() == sorted({i for run in runs for i in run})
    assert recording.grey[:, 0, 0].tolist() == recording.index.tolist()
    assert recording.exposures == 45


@pytest.mark.parametrize(("stalls", "message"), [(True, "no frame for"), (False, "holds no three exposures in a row")])
def test_a_source_without_frames_is_an_error_and_closed(stalls: bool, message: str) -> None:
    source = Pictures([], stalls=stalls)
    with pytest.raises(SourceError, match=message):
        read_recording(source, "empty", 32)
    assert source.closed == 1


def test_an_arena_outside_the_picture_is_refused_and_the_source_closed() -> None:
    source = Pictures(noise())
    with pytest.raises(ConfigError, match="the picture is 64x48 px"):
        read_recording(source, "outside", 32, arena=ArenaConfig(name="a", region=Region(x=60, y=0, width=8, height=8)))
    assert source.closed == 1
