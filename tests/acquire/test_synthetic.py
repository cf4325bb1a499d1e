"""The synthetic arena as a camera: pictures, anomalies, lamp, drops and pacing."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.config import AnomalyEvent, LampConfig, SyntheticConfig
from selfee_rt.errors import EndOfStream, SourceError
from tests.acquire.hosts import Host

SMALL = {"width_px": 160, "height_px": 120, "fps": 25.0}


def arena(host=None, **given_settings):
    config = SyntheticConfig(**{"speed": "max", **SMALL, **given_settings})
    made = SyntheticArena(config, now=host.now, sleep=host.sleep) if host else SyntheticArena(config)
    made.open()
    return made


def read_all(source):
    frames = []
    while True:
        try:
            frames.append(source.read(0))
        except EndOfStream:
            return frames


def pictures(**given_settings):
    return np.stack([frame.image for frame in read_all(arena(**given_settings))])


def test_the_same_seed_gives_the_same_bytes():
    assert np.array_equal(pictures(seed=4, seconds=4), pictures(seed=4, seconds=4))


@pytest.mark.parametrize("other", [5, -4, 2**40])
def test_another_seed_gives_another_story_and_other_pictures(other):
    one, two = pictures(seed=4, seconds=1), pictures(seed=other, seconds=1)
    assert not np.array_equal(one[0], two[0])
    labels = [
        [SyntheticArena(SyntheticConfig(seed=seed)).truth(index) for index in range(0, 1800, 10)] for seed in (4, other)
    ]
    assert labels[0] != labels[1]


def test_the_speed_does_not_change_the_pictures():
    host = Host()
    paced = read_until_end(arena(host, seconds=1, speed=3.0))
    assert np.array_equal(np.stack([frame.image for frame in paced]), pictures(seconds=1))


def read_until_end(source):
    frames = []
    while True:
        try:
            frame = source.read(1.0)
        except EndOfStream:
            return frames
        if frame is not None:
            frames.append(frame)


def test_opened_again_it_begins_again():
    source = arena(seconds=0.2)
    first = read_all(source)
    source.open()
    again = read_all(source)
    assert [frame.index for frame in again] == [frame.index for frame in first] == list(range(5))
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))


def test_a_frame_does_not_depend_on_the_ones_that_were_dropped_before_it():
    whole = {frame.index: frame.image for frame in read_all(arena(seconds=2))}
    for frame in read_all(arena(seconds=2, drop=((3, 30),))):
        assert np.array_equal(frame.image, whole[frame.index])


def test_the_frame_rate_does_not_change_the_story():
    slow = pictures(seconds=3, fps=10.0, noise=0)
    fast = pictures(seconds=3, fps=40.0, noise=0)[::4]
    assert np.abs(slow.astype(int) - fast).max() <= 1
    truths = [arena(fps=fps).truth(round(25 * fps)) for fps in (5, 30, 1000)]
    assert len(set(truths)) == 1


@pytest.mark.parametrize("size", [(64, 64), (97, 301), (320, 100), (640, 480)])
def test_every_size_shows_two_bright_animals_on_a_dark_ground(size):
    images = pictures(width_px=size[0], height_px=size[1], seconds=0.1, noise=0)
    assert images.shape[1:] == size[::-1]
    assert np.median(images) < 40
    animals = (images[0] > 90).mean()
    chamber_share = 1.0 if size[0] * 3 == size[1] * 4 else min(size[0] * 3, size[1] * 4) ** 2 / 12 / (size[0] * size[1])
    assert 0.005 * chamber_share < animals < 0.05


def test_the_noise_has_the_asked_standard_deviation_and_differs_between_exposures():
    bare, noisy = pictures(seconds=0.4, noise=0), pictures(seconds=0.4, noise=3)
    noise = noisy.astype(float) - bare
    ground = (bare > 12) & (bare < 200)
    assert noise[ground].std() == pytest.approx(3.0, rel=0.05)
    assert abs(noise[ground].mean()) < 0.1
    for a, b in pairwise(noise):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.05


def test_what_is_asked_for_is_truth_and_anomaly_of_each_exposure():
    events = (
        AnomalyEvent(what="third_object", start_s=1, seconds=1),
        AnomalyEvent(what="freezing", start_s=5, seconds=2),
    )
    source = arena(anomalies=events)
    shown = [source.anomaly(index) for index in range(25 * 8)]
    assert shown == [None] * 25 + ["third_object"] * 25 + [None] * 75 + ["freezing"] * 50 + [None] * 25
    assert {source.truth(index) for index in range(25 * 60)} <= set(source.labels)


def test_a_third_object_changes_the_picture_while_it_is_there_and_not_else():
    plain = pictures(seconds=3)
    event = AnomalyEvent(what="third_object", start_s=1, seconds=1)
    changed = [not np.array_equal(a, b) for a, b in zip(plain, pictures(seconds=3, anomalies=(event,)), strict=True)]
    assert changed == [False] * 25 + [True] * 25 + [False] * 25


@pytest.mark.parametrize("what", ["freezing", "odd_gait"])
def test_other_anomalies_change_nothing_before_the_animals_break_off(what):
    plain, strange = (
        pictures(seconds=14),
        pictures(seconds=14, anomalies=(AnomalyEvent(what=what, start_s=10, seconds=3),)),
    )
    assert np.array_equal(plain[: 25 * 8], strange[: 25 * 8])
    differs = (plain != strange).any(axis=(1, 2))
    assert differs[25 * 10 + 5 : 25 * 13].all()


def test_frozen_animals_do_not_move_at_all_and_others_do_in_every_second():
    event = AnomalyEvent(what="freezing", start_s=6, seconds=4)
    images = pictures(seconds=20, noise=0, anomalies=(event,)).astype(int)
    moved = np.abs(np.diff(images, axis=0)).max(axis=(1, 2))
    inside = slice(25 * 6 + 1, 25 * 10 - 1)
    assert not moved[inside].any()
    outside = np.concatenate([moved[: 25 * 6], moved[25 * 10 :]])
    assert all(outside[start : start + 25].max() > 10 for start in range(0, len(outside) - 25, 5))


def test_the_lamp_dims_the_scene_by_its_factor():
    bright = pictures(seconds=2, noise=0).astype(float)
    dim = pictures(seconds=2, noise=0, lamp=LampConfig(dim_to=0.5, dim_at_s=1)).astype(float)
    assert np.array_equal(bright[:25], dim[:25])
    difference = dim[25:] - 0.5 * bright[25:]
    assert np.abs(difference).max() <= 0.75
    assert abs(difference.mean()) < 0.1, "greys are rounded, not cut off"


def test_the_lamp_flickers_at_its_frequency_and_amplitude():
    lamp = LampConfig(flicker=0.2, flicker_hz=5.0)
    steady = pictures(seconds=2, noise=0).mean(axis=(1, 2))
    ratio = pictures(seconds=2, noise=0, lamp=lamp).mean(axis=(1, 2)) / steady
    expected = 1 + 0.2 * np.sin(2 * np.pi * 5.0 * np.arange(50) / 25)
    assert np.allclose(ratio, expected, atol=0.03)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=5))
def test_drops_make_exactly_the_asked_gaps_and_nothing_else(starts):
    drop = tuple((first, first + more) for first, more in starts)
    source = arena(width_px=64, height_px=64, fps=50, seconds=1, drop=drop)
    promised = source.open().frames
    dropped = {index for first, last in drop for index in range(first, last + 1)}
    arrived = [frame.index for frame in read_all(source)]
    assert arrived == [index for index in range(50) if index not in dropped]
    assert len(arrived) == promised


@pytest.mark.parametrize("drop", [(5, 3), (-1, 3)])
def test_a_drop_that_is_no_range_is_refused(drop):
    with pytest.raises(ValueError, match=r"expected two exposures >= 0"):
        SyntheticConfig(drop=(drop,))


def test_a_paced_reader_in_time_gets_every_exposure_when_it_is_due():
    host = Host()
    source = arena(host, speed=2.0, seconds=1)
    start = host.ns
    frames = read_until_end(source)
    assert [frame.index for frame in frames] == list(range(25))
    assert [frame.captured_ns - start for frame in frames] == [20_000_000 * index for index in range(25)]
    assert all(frame.received_ns >= frame.captured_ns for frame in frames)


def test_read_returns_none_if_the_next_exposure_is_not_due_within_the_timeout():
    host = Host()
    source = arena(host, speed=1.0)
    assert source.read(0).index == 0
    assert source.read(0.01) is None
    assert source.read(0) is None
    assert source.read(0.05).index == 1


def test_a_reader_that_is_a_little_late_loses_nothing():
    host = Host()
    source = arena(host, speed=1.0)
    source.read(0)
    host.busy(0.1)
    assert [source.read(0).index for _ in range(2)] == [1, 2]


def test_a_reader_that_is_too_late_goes_on_with_the_newest_exposure_that_is_due():
    host = Host()
    source = arena(host, speed=1.0)
    source.read(0)
    host.busy(2.01)
    frame = source.read(0)
    assert frame.index == 50
    assert 0 <= host.ns - frame.captured_ns < 40_000_000
    assert source.read(1).index == 51


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 0.6), min_size=5, max_size=30))
def test_the_delay_of_a_slow_reader_never_grows_beyond_the_tolerance(pauses):
    host = Host()
    source = arena(host, width_px=64, height_px=64, speed=1.0)
    last = -1
    for pause in pauses:
        frame = source.read(1.0)
        assert frame.index > last
        assert host.ns - frame.captured_ns <= 100_000_000
        last = frame.index
        host.busy(pause)


def test_a_late_frame_was_captured_when_it_was_due():
    host = Host()
    source = arena(host, speed=1.0)
    start = source.read(0).captured_ns
    host.busy(0.09)
    frame = source.read(0)
    assert frame.captured_ns == start + 40_000_000
    assert frame.received_ns == start + 90_000_000


def test_a_late_reader_never_gets_an_exposure_that_was_dropped():
    host = Host()
    source = arena(host, speed=1.0, drop=((40, 59),))
    source.read(0)
    host.busy(2.01)
    assert source.read(0.1) is None
    assert source.read(1.0).index == 60


def test_nothing_is_dropped_at_max_however_slow_the_reader():
    host = Host()
    source = arena(host, speed="max")
    for index in range(10):
        assert source.read(0).index == index
        host.busy(1)


def test_a_late_reader_gets_the_last_exposure_and_then_the_end():
    host = Host()
    source = arena(host, speed=1.0, seconds=1)
    source.read(0)
    host.busy(60)
    assert source.read(0).index == 24
    with pytest.raises(EndOfStream, match=r"25 exposures: 2 frames read, 25 promised"):
        source.read(0)


def test_exposure_0_is_due_at_the_first_read_however_long_after_open():
    host = Host()
    source = arena(host, speed=1.0)
    host.busy(30)
    assert source.read(0).index == 0


def test_a_drop_is_no_delay_when_paced():
    host = Host()
    source = arena(host, speed=1.0, drop=((1, 9),))
    start = host.ns
    source.read(0)
    assert source.read(0.1) is None
    assert source.read(1.0).index == 10
    assert host.ns == start + 400_000_000


def test_it_says_how_it_is_paced():
    paced, free = arena(speed=2.0).open(), arena().open()
    assert (paced.time_quality, paced.paced, paced.can_wait) == ("due", True, False)
    assert (free.time_quality, free.paced, free.can_wait) == ("arrival", False, True)
    assert arena(seconds=2).open().frames == 50


def test_reading_before_opening_says_what_to_do():
    with pytest.raises(SourceError, match=r"call open\(\) first"):
        SyntheticArena(SyntheticConfig()).read(0)
