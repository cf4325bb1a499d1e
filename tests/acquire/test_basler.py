"""Basler cameras on pylon's camera emulation, which has frame numbers and forced failures but no clock."""

import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.acquire.basler import BUFFERS, Basler
from selfee_rt.acquire.basler_setup import ticks_per_s
from selfee_rt.acquire.block_ids import GIGE_IDS, NO_ID, BlockCounter
from selfee_rt.config import BaslerConfig, parse
from selfee_rt.errors import ConfigError, MissingExtra, SourceError, SourceLost
from tests.support import need_module

SERIAL = "0815-0000"
REGION = {"x": 100, "y": 60, "width": 320, "height": 240}


@pytest.fixture(autouse=True)
def two_emulated_cameras(monkeypatch):
    need_module("pypylon")
    monkeypatch.setenv("PYLON_CAMEMU", "2")


@pytest.fixture
def camera():
    made = []

    def make(**settings):
        made.append(Basler(BaslerConfig(**{"serial": SERIAL, "sensor_region": REGION, "fps": 100, **settings})))
        return made[-1]

    yield make
    for basler in made:
        basler.close()


def read_frames(basler, n):
    frames, until = [], time.monotonic() + 10
    while len(frames) < n:
        assert time.monotonic() < until, f"got {len(frames)} frames"
        frame = basler.read(0.5)
        if frame is not None:
            frames.append(frame)
    return frames


def test_settings_reach_the_camera_and_are_reported(camera):
    basler = camera(exposure_us=1500, gain_db=6, fps=50)
    info = basler.open()
    assert (info.width_px, info.height_px, info.colour, info.fps) == (320, 240, False, 50)
    assert info.name == f"Basler Emulation ({SERIAL})"
    native = basler._camera
    assert (native.OffsetX.Value, native.OffsetY.Value, native.Width.Value, native.Height.Value) == (100, 60, 320, 240)
    assert native.ExposureTime.Value == 1500
    assert native.Gain.Value == pytest.approx(6, abs=0.01)
    assert "source.exposure_us = 1500" in info.notes
    assert {"TriggerMode": native.TriggerMode.Value, "buffers": native.MaxNumBuffer.Value} == {
        "TriggerMode": "Off",
        "buffers": BUFFERS,
    }


def test_frames_are_numbered_by_the_camera_from_zero(camera):
    basler = camera()
    info = basler.open()
    frames = read_frames(basler, 10)
    assert [frame.index for frame in frames] == list(range(10))
    assert not any(frame.index_inferred for frame in frames)
    assert frames[0].image.shape == (240, 320)
    assert any("no clock" in note for note in info.notes)
    assert info.time_quality == "arrival"


def test_an_incomplete_frame_is_a_dropped_exposure(camera):
    basler = camera()
    basler.open()
    before = read_frames(basler, 3)
    basler._camera.ForceFailedBufferCount.Value = 2
    basler._camera.ForceFailedBuffer.Execute()
    frames = before + read_frames(basler, 20)
    steps = np.diff([frame.index for frame in frames])
    assert sorted(steps)[-2:] == [1, 3]
    assert basler.n_incomplete == 2


def test_a_reader_that_is_late_finds_what_pylon_holds_in_order(camera):
    basler = camera()
    basler.open()
    read_frames(basler, 1)
    time.sleep(0.2)
    frames = [basler.read(0) for _ in range(10)]
    assert [frame.index for frame in frames] == list(range(1, 11))


def test_colour_is_kept_where_it_is_asked_for(camera):
    basler = camera(colour=True)
    assert basler.open().colour
    (frame,) = read_frames(basler, 1)
    assert frame.image.shape == (240, 320, 3)
    assert frame.image.flags.c_contiguous


def test_an_external_trigger_is_set_and_silence_is_then_no_loss(camera):
    basler = camera(external_trigger={"line": "Line2", "activation": "FallingEdge"}, fps=20, lost_after_s=0.1)
    assert basler.open().fps == 20
    native = basler._camera
    assert (native.TriggerMode.Value, native.TriggerSource.Value, native.TriggerActivation.Value) == (
        "On",
        "Line2",
        "FallingEdge",
    )
    assert basler.read(0.3) is None


def test_silence_of_a_camera_that_runs_freely_is_a_loss(camera):
    basler = camera(lost_after_s=0.2)
    basler.open()
    read_frames(basler, 2)
    basler._camera.TriggerSource.Value = "Line1"
    basler._camera.TriggerMode.Value = "On"
    with pytest.raises(SourceLost, match=r"sent nothing for .* expected a frame within 0\.2 s"):
        read_frames(basler, 1000)


def test_a_camera_that_goes_away_is_lost(camera):
    basler = camera()
    basler.open()
    read_frames(basler, 2)
    basler._camera.DestroyDevice()
    with pytest.raises(SourceLost, match="was stopped by something else"):
        read_frames(basler, 2 * BUFFERS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"serial": None}, f"found 2: {SERIAL}, 0815-0001; set source.serial"),
        ({"serial": "42"}, f"no Basler camera with serial number 42; found {SERIAL}, 0815-0001"),
        ({"exposure_us": 1e9}, "source.exposure_us is 1e[+]09, but .* takes 1 to 1e[+]07"),
        ({"gain_db": 90.0}, "source.gain_db is 90, but .* takes 0 to 48"),
        ({"sensor_region": {**REGION, "width": 5000}}, "source.sensor_region.width is 5000, but .* takes 1 to 4096"),
        ({"sensor_region": {**REGION, "x": 4000}}, "source.sensor_region.x is 4000, but .* takes 0 to 3776"),
        ({"external_trigger": {"line": "Line9"}}, "source.external_trigger.line is 'Line9', but .* offers .*Line1"),
        ({"fps": 1e5}, "source.fps is 100000, but .* takes 0.01 to 5000"),
        ({"fps": 0.5}, "lost_after_s is 2 s; set more than 3 s"),
    ],
)
def test_what_the_camera_does_not_take_is_refused_and_nothing_stays_open(camera, settings, message):
    basler = camera(**settings)
    with pytest.raises(SourceError, match=message):
        basler.open()
    assert basler._camera is None


def test_without_a_camera_it_says_so(camera, monkeypatch):
    monkeypatch.setenv("PYLON_CAMEMU", "0")
    with pytest.raises(SourceError, match="found 0: none; plug one in"):
        camera(serial=None).open()


def test_without_pypylon_the_extra_is_named(camera, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypylon", None)
    with pytest.raises(MissingExtra, match=r"selfee-rt\[basler\]"):
        camera().open()


def test_an_external_trigger_without_a_rate_is_a_wrong_configuration(tmp_path):
    with pytest.raises(ConfigError, match=r"source.basler: .*set source\.fps"):
        parse({"source": {"kind": "basler", "external_trigger": {}}}, where="c.toml", base=tmp_path)


def test_a_camera_with_a_clock_gives_its_own_times_mapped_to_the_host(camera):
    basler = camera()
    basler.open()
    basler._ticks_per_s = 125_000_000
    image = np.zeros((4, 6), np.uint8)
    frames = []
    for number in range(3):
        basler._heard_ns = 10**12 + number * 10_000_000 + (0, 500_000, 100_000)[number]
        result = SimpleNamespace(
            GetBlockID=lambda number=number: number + 7,
            GetTimeStamp=lambda number=number: 1000 + number * 1_250_000,
            GetArray=lambda: image,
        )
        frames.append(basler._frame(result))
    assert [frame.media_ns for frame in frames] == [8000, 10_008_000, 20_008_000]
    assert [frame.captured_ns - 10**12 for frame in frames] == [0, 10_000_000, 20_000_000]


@pytest.mark.parametrize(
    ("numbers", "there", "expected"),
    [({"GevTimestampTickFrequency": 125e6}, (), 125_000_000), ({}, ("TimestampLatch",), 10**9), ({}, (), None)],
)
def test_the_rate_of_the_cameras_clock_depends_on_its_generation(numbers, there, expected):
    nodes = SimpleNamespace(
        number=numbers.get, find=lambda *names: next((name for name in names if name in there), None)
    )
    assert ticks_per_s(nodes) == expected


@given(st.lists(st.integers(1, GIGE_IDS - 1), max_size=50), st.integers(1, GIGE_IDS))
def test_sixteen_bit_block_ids_go_round_without_zero_and_every_step_counts(steps, first):
    counter, true = BlockCounter("camera", wraps=True), 0
    assert counter.index(first) == 0
    for step in steps:
        true += step
        assert counter.index((first - 1 + true) % GIGE_IDS + 1) == true


@pytest.mark.parametrize(("ids", "wraps"), [((5, 5), True), ((5, 4), False), ((100_000, 3), True), ((NO_ID,), False)])
def test_a_count_that_goes_back_or_is_missing_is_never_guessed(ids, wraps):
    counter = BlockCounter("camera", wraps=wraps)
    with pytest.raises(SourceLost):
        for block_id in ids:
            counter.index(block_id)
