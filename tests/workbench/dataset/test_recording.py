"""A source becomes small grey pictures, prepared as live ones are."""

import numpy as np
import pytest

from selfee_rt.compose.arena import ArenaPreparer
from selfee_rt.config import ArenaConfig, Region
from selfee_rt.errors import ConfigError, SourceError
from selfee_rt.workbench.dataset import Preparation, read_recording
from tests.workbench.dataset.small import Pictures

REGION = ArenaConfig(name="left", region=Region(x=8, y=4, width=32, height=40), invert=True)


def noise(count: int = 2) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (count, 48, 64), dtype=np.uint8))


def test_a_source_is_read_to_its_end_as_small_grey_pictures_and_closed() -> None:
    grey = np.tile(np.arange(64, dtype=np.uint8) * 3, (48, 1))
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    source = Pictures([grey, colour])
    recording = read_recording(source, "ramp", (24, 32))
    assert (recording.fps, recording.index.tolist(), recording.grey.shape) == (30.0, [0, 1], (2, 24, 32))
    assert np.abs(recording.grey[0, 12].astype(int) - (np.arange(32) * 6 + 1.5)).max() <= 4
    assert np.abs(recording.grey[0].astype(int) - recording.grey[1]).max() <= 1
    assert (source.closed, recording.ended) == (1, "done")


def test_one_number_means_a_square() -> None:
    assert read_recording(Pictures(noise()), "square", 32).grey.shape == (2, 32, 32)


def test_pictures_are_prepared_as_a_session_prepares_them() -> None:
    images = noise()
    recording = read_recording(Pictures(images), "region", (24, 32), arena=REGION)
    live = np.empty((24, 32), np.uint8)
    ArenaPreparer(REGION, size_px=(24, 32), picture_px=(48, 64)).prepare(images[1], live)
    assert (recording.grey[1] == live).all()


def test_another_preparation_can_be_given() -> None:
    class Bright:
        def prepare(self, image: np.ndarray, out: np.ndarray) -> None:
            out[:] = image.max()

    own = Preparation(preparer=lambda arena, size_px, picture_px: Bright())
    assert (read_recording(Pictures([np.full((48, 64), 9, np.uint8)]), "own", 32, preparation=own).grey == 9).all()


def test_reading_stops_at_the_number_asked_for() -> None:
    source = Pictures(noise(9))
    assert len(read_recording(source, "short", 32, most=4).grey) == 4
    assert source.closed == 1


def test_dropped_exposures_keep_their_place() -> None:
    assert read_recording(Pictures(noise(3), index=[0, 1, 5]), "gap", 32).index.tolist() == [0, 1, 5]


@pytest.mark.parametrize(("stalls", "message"), [(True, "no frame for"), (False, "holds no frames")])
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
