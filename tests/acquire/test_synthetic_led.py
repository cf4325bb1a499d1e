"""The light of a stimulus in the synthetic picture."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.config import LedConfig, SyntheticConfig, parse
from selfee_rt.errors import ConfigError, EndOfStream
from selfee_rt.light import Light
from selfee_rt.stimuli import Train
from tests.acquire.hosts import Host

MS = 1_000_000
SMALL = {"width_px": 160, "height_px": 120, "fps": 50.0, "seconds": 1}
SPOT = {"x": 100, "y": 30, "radius_px": 8, "brightness": 150, "spill": 5}


def arena(host=None, light=None, **given_settings):
    config = SyntheticConfig(**{"speed": "max", **SMALL, **given_settings})
    made = SyntheticArena(config, light, now=host.now, sleep=host.sleep) if host else SyntheticArena(config, light)
    made.open()
    return made


def frames_of(source):
    frames = []
    while True:
        try:
            frame = source.read(1.0)
        except EndOfStream:
            return frames
        if frame is not None:
            frames.append(frame)


def changed(frames, dark):
    """Indices of the pictures that are not what they are without a LED."""
    return [each.index for each in frames if not np.array_equal(each.image, dark[each.index])]


@pytest.fixture(scope="module")
def dark():
    return {frame.index: frame.image for frame in frames_of(arena())}


def test_exposures_in_a_flash_are_lit_and_all_others_are_the_same_bytes(dark):
    flashing = arena(led={**SPOT, "at_s": (0.1, 0.5), "on_ms": 60})
    assert changed(frames_of(flashing), dark) == [5, 6, 7, 25, 26, 27]


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 0.9), st.floats(1, 200))
def test_the_first_lit_exposure_is_the_first_that_is_not_before_the_flash(at_s, on_ms):
    tiny = {"width_px": 64, "height_px": 64, "noise": 0}
    plain = {frame.index: frame.image for frame in frames_of(arena(**tiny))}
    led = {"x": 10, "y": 10, "at_s": (at_s,), "on_ms": on_ms}
    start, stop = round(at_s * 1e9), round(at_s * 1e9) + round(on_ms * 1e6)
    expected = [index for index in plain if start <= index * 20 * MS < stop]
    assert changed(frames_of(arena(**tiny, led=led)), plain) == expected


def test_a_lit_picture_is_brighter_in_the_spot_and_a_little_everywhere_and_the_sensor_fills_up(dark):
    lit = frames_of(arena(led={**SPOT, "brightness": 240, "at_s": (0.0,), "on_ms": 900}))[10].image
    y, x = np.mgrid[0:120, 0:160]
    gain = np.rint(np.minimum(255, 5 + 240 * np.exp(-((x - 100) ** 2 + (y - 30) ** 2) / (2 * 8**2))))
    assert np.array_equal(lit, np.minimum(dark[10] + gain, 255))
    assert lit.dtype == np.uint8 and not lit.flags.writeable


def test_a_paced_arena_is_lit_while_the_light_shines_at_the_instant_an_exposure_was_due(dark):
    host, light = Host(), Light()
    source = arena(host, light, speed=1.0, led={**SPOT, "device": "led"})
    light.shine(Train(20_000, 100_000, 2), host.ns + 60 * MS)
    light.shine(Train(1, 1, 1), host.ns + 400 * MS)
    light.shine(Train(1, 1, 1), host.ns + 401 * MS)
    assert changed(frames_of(source), dark) == [3, 8, 20]


def test_light_that_comes_on_after_the_picture_was_drawn_is_still_in_it(dark):
    host, light = Host(), Light()
    source = arena(host, light, speed=1.0, led={**SPOT, "device": "led"})
    source.read(0)
    host.busy(0.016)
    assert source.read(0.002) is None, "drawn, and not yet due"
    light.shine(Train(5000, 5000, 1), host.ns + MS)
    frame = source.read(1.0)
    assert changed([frame], dark) == [1]


def test_light_that_went_off_before_a_late_reader_came_is_in_the_exposures_that_were_due_then(dark):
    host, light = Host(), Light()
    source = arena(host, light, speed=1.0, led={**SPOT, "device": "led"})
    source.read(0)
    light.shine(Train(30_000, 30_000, 1), host.ns + 10 * MS)
    host.busy(0.09)
    assert changed([source.read(0) for _ in range(4)], dark) == [1]


def test_an_arena_that_is_not_paced_is_lit_in_media_time(dark):
    light = Light()
    light.shine(Train(40_000, 40_000, 1), 100 * MS)
    assert changed(frames_of(arena(light=light, led={**SPOT, "device": "led"})), dark) == [5, 6]


def test_without_a_light_the_led_of_a_device_stays_dark(dark):
    assert not changed(frames_of(arena(led={**SPOT, "device": "led"})), dark)


def test_the_led_does_not_move_the_animals_or_the_noise_of_later_exposures(dark):
    source = arena(led={**SPOT, "at_s": (0.0,), "on_ms": 100})
    assert changed(frames_of(source)[5:], dark) == []


@pytest.mark.parametrize(
    ("led", "message"),
    [
        ({"x": 1, "y": 1}, "either device or at_s"),
        ({"x": 1, "y": 1, "device": "led", "at_s": (1.0,)}, "either device or at_s"),
        ({"x": 1, "y": 1, "at_s": (1.0, 0.5)}, "must rise"),
        ({"x": 1, "y": 1, "at_s": (1.0, 1.05), "on_ms": 50}, "by more than on_ms"),
        ({"x": 1, "y": 1, "device": "led", "brightness": 0, "spill": 0}, "cannot be seen"),
        ({"x": 640, "y": 1, "device": "led"}, r"outside the picture of 640x480"),
        ({"x": 1, "y": 480.5, "device": "led"}, r"outside the picture of 640x480"),
        ({"x": -1, "y": 1, "device": "led"}, "greater than or equal to 0"),
    ],
)
def test_a_led_that_makes_no_sense_is_refused(led, message):
    with pytest.raises(ValueError, match=message):
        SyntheticConfig(led=led)


def session(**sections):
    document = {"source": {"kind": "synthetic", "led": {"x": 1, "y": 1, "device": "led"}}, **sections}
    return parse(document, where="test", base=Path())


def test_a_session_may_let_a_null_device_light_the_picture():
    config = session(device=[{"kind": "null", "name": "led"}])
    assert config.source.led == LedConfig(x=1, y=1, device="led")


@pytest.mark.parametrize(
    ("devices", "known"),
    [
        ([], r"there is none, add \[\[device\]\]"),
        ([{"kind": "null", "name": "other"}, {"kind": "null", "name": "third"}], "expected one of: other, third"),
        ([{"kind": "microcontroller", "name": "led", "port": "COM3"}], "no device of kind null is called 'led'"),
    ],
)
def test_a_led_whose_device_simulates_no_light_is_refused(devices, known):
    with pytest.raises(ConfigError, match=known):
        session(device=devices)


def test_a_led_of_a_device_needs_real_time():
    with pytest.raises(ConfigError, match=r'speed "max" does not have'):
        session(
            source={"kind": "synthetic", "speed": "max", "led": {"x": 1, "y": 1, "device": "led"}},
            device=[{"kind": "null", "name": "led"}],
        )
