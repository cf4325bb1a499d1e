"""What a model is tried on suits the preparation that its card names."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from selfee_rt.config import ArenaConfig, FirstSecondsBackgroundConfig, SyntheticConfig, VideoFileConfig
from selfee_rt.errors import ConfigError
from selfee_rt.workbench.bench.frames import trial_for
from selfee_rt.workbench.trial import EMPTY_S, trial
from selfee_rt.workbench.verification import LIVE_FRAMES, MOST_EXPOSURES, verification_frames
from tests.workbench.test_verification import card

MOUSE = card(preprocessing="selfee_mouse")
WHOLE = ArenaConfig(name="arena")
FIRST = ArenaConfig(name="arena", background=FirstSecondsBackgroundConfig(seconds=2, contrast="dark"))
VIDEO = Path("mice.mp4")


def test_a_video_is_read_whole_with_the_arena_as_it_was_given() -> None:
    on = trial(MOUSE, VIDEO, FIRST, synthetic_s=5)
    assert (on.source, on.arena, on.name) == (VideoFileConfig(path=VIDEO, speed="max"), FIRST, "mice.mp4")


def test_the_synthetic_arena_is_as_much_longer_as_its_background_takes() -> None:
    plain, mouse = (trial(each, None, WHOLE, synthetic_s=5) for each in (card(), MOUSE))
    assert (plain.source, plain.arena) == (SyntheticConfig(seconds=5, speed="max"), WHOLE)
    assert mouse.source == SyntheticConfig(seconds=5 + EMPTY_S, speed="max")
    assert mouse.name == plain.name == "the synthetic arena"


def test_animals_of_the_synthetic_arena_are_dark_on_white_in_live_frames_of_such_a_model() -> None:
    on = trial(MOUSE, None, WHOLE, synthetic_s=2)
    images = verification_frames(on.source, MOUSE, on.arena)
    assert images.shape == (60 - 4, 3, 48, 32)
    assert (np.median(images, axis=(1, 2, 3)) == 255).all()
    assert len({image.tobytes() for image in images}) == len(images)
    assert images.min() < 100


def test_exposures_of_a_background_are_not_among_those_that_a_recording_is_read_for() -> None:
    length = MOST_EXPOSURES + 200
    source = SyntheticConfig(width_px=96, height_px=64, seconds=length / 10, fps=10, speed="max")
    long = FirstSecondsBackgroundConfig(seconds=length / 10 - 10, contrast="bright")
    images = verification_frames(source, MOUSE, ArenaConfig(name="arena", background=long))
    assert len(images) == min(LIVE_FRAMES, 100 - 2)


def test_a_background_that_belongs_to_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="a background was given, but no video that it belongs to; name the video"):
        trial(MOUSE, None, FIRST, synthetic_s=5)


def test_of_several_models_only_those_that_subtract_a_background_get_it() -> None:
    fly = msgspec.structs.replace(MOUSE, preprocessing="grey_resize")
    assert trial_for(MOUSE, (fly, MOUSE), VIDEO, FIRST).arena == FIRST
    assert trial_for(fly, (fly, MOUSE), VIDEO, FIRST).arena == WHOLE
    assert trial_for(fly, (fly, fly), VIDEO, FIRST).arena == FIRST, "a background that none wants has to be refused"
