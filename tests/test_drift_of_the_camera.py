"""From pictures to drift: the camera is moved, or slightly defocused, while the animals go on as before."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.compose.live_frame import Composer
from selfee_rt.config import ArenaConfig, DriftConfig, SyntheticConfig
from selfee_rt.errors import EndOfStream
from selfee_rt.observe.drift import SlowWatch
from selfee_rt.types import ImageStats, read_only
from tests.compose.arenas import preparer

FPS, SECONDS, CHANGE_S = 3, 64, 40
DRIFT = DriftConfig(warm_up_s=30, persist_s=12)


def moved(image):
    """By a tenth of its width; what comes into view is as the edge was."""
    return shift(image, (0, image.shape[1] / 10), order=0, mode="nearest")


def defocused(image):
    return gaussian_filter(image.astype(np.float32), 3.0).round().astype(np.uint8)


@pytest.fixture(scope="module")
def frames():
    """A quiet pair of animals."""
    arena = SyntheticArena(SyntheticConfig(seed=31, seconds=SECONDS, fps=FPS, speed="max"))
    arena.open()
    found = []
    try:
        while True:
            found.append(arena.read(1.0))
    except EndOfStream:
        return found
    finally:
        arena.close()


def composed(frames, change):
    """Statistics (N, S) of the pictures, changed from `CHANGE_S` on."""
    composer = Composer(
        [preparer(ArenaConfig(name="arena"), (128, 128), frames[0].image.shape[:2])],
        size_px=(128, 128),
        interval=1,
        on_loss=lambda loss: None,
    )
    changed = [
        replace(frame, image=read_only(change(frame.image))) if frame.index >= CHANGE_S * FPS else frame
        for frame in frames
    ]
    live = [composer.push(frame) for frame in changed]
    return np.array([each.image_stats[0] for each in live if each is not None])


def drifted(stats):
    watch, names = SlowWatch(DRIFT, FPS), set()
    for index, each in enumerate(stats):
        watch.observe(each, np.zeros(1, np.float32), index)
        names |= {drift.statistic for drift in watch.state()}
    return names


def test_nothing_drifts_while_nothing_happens_to_the_camera(frames):
    assert drifted(composed(frames, lambda image: image)) == set()


def test_a_camera_moved_by_a_tenth_of_its_picture_is_seen(frames):
    assert drifted(composed(frames, moved)) == {"scene"}


def test_a_defocus_that_lowers_the_contrast_by_a_twentieth_is_seen(frames):
    stats = composed(frames, defocused)
    sharp = composed(frames, lambda image: image)
    contrast = [each[CHANGE_S * FPS :, ImageStats.DEVIATION].mean() for each in (stats, sharp)]
    assert 0.92 < contrast[0] / contrast[1] < 0.97
    assert drifted(stats) == {"focus"}
