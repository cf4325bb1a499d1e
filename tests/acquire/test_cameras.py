"""The list of what can be opened, on every platform, with and without cameras and runtimes."""

import sys
import tomllib
from types import SimpleNamespace

import av
import pytest

from selfee_rt.acquire.cameras import CameraListing, list_cameras
from selfee_rt.config import BaslerConfig, StreamConfig, SyntheticConfig, parse
from tests.support import need_module


def source_of(listing, tmp_path):
    """What the listing's lines configure."""
    return parse(tomllib.loads(listing.config), where="listing", base=tmp_path).source


@pytest.fixture
def devices(tmp_path):
    folder = tmp_path / "dev"
    folder.mkdir()
    return folder


def test_the_synthetic_arena_is_always_there_and_first(tmp_path, devices):
    first = list_cameras("linux", devices)[0]
    assert first.problem is None
    assert source_of(first, tmp_path) == SyntheticConfig()


def test_a_listing_prints_its_name_its_problem_and_the_lines_to_write():
    listing = CameraListing("stream", "/dev/video0", "[source]\naddress = 1", "in use")
    assert str(listing) == "/dev/video0: in use\n    [source]\n    address = 1"


def test_linux_devices_are_listed_in_order_with_the_lines_that_open_them(tmp_path, devices):
    for name in ("video10", "video2", "audio0"):
        (devices / name).touch()
    listed = [camera for camera in list_cameras("linux", devices) if camera.kind == "stream"]
    paths = [str(devices / "video2"), str(devices / "video10")]
    assert [source_of(camera, tmp_path) for camera in listed] == [
        StreamConfig(address=path, format="v4l2") for path in paths
    ]
    assert [camera.problem for camera in listed] == [None, None]


def test_a_device_that_cannot_be_opened_is_listed_with_the_reason(devices):
    (devices / "video0").mkdir()
    (camera,) = [camera for camera in list_cameras("linux", devices) if camera.kind == "stream"]
    assert "directory" in camera.problem


def test_where_there_is_no_device_it_says_so(devices):
    (camera,) = [camera for camera in list_cameras("linux", devices) if camera.kind == "stream"]
    assert camera.config == ""
    assert "plug a camera in" in camera.problem


@pytest.mark.parametrize(
    ("platform", "api", "name", "address"),
    [("win32", "dshow", 'My "Cam"', 'video=My "Cam"'), ("darwin", "avfoundation", "0", "0")],
)
def test_other_systems_are_asked_through_ffmpeg(monkeypatch, tmp_path, platform, api, name, address):
    def enumerate_input_devices(asked):
        assert asked == api
        return [
            SimpleNamespace(name="microphone", description="Microphone", media_types=["audio"]),
            SimpleNamespace(name=name, description="A camera", media_types=["video"]),
        ]

    monkeypatch.setattr(av, "enumerate_input_devices", enumerate_input_devices)
    (camera,) = [camera for camera in list_cameras(platform) if camera.kind == "stream"]
    assert camera.name == "A camera"
    assert source_of(camera, tmp_path) == StreamConfig(address=address, format=api)


@pytest.mark.parametrize(("platform", "hint"), [("win32", "-f dshow -list_devices"), ("darwin", "-f avfoundation")])
@pytest.mark.skipif(sys.platform != "linux", reason="needs an FFmpeg without these devices")
def test_where_ffmpeg_cannot_list_them_the_command_that_can_is_given(platform, hint):
    (camera,) = [camera for camera in list_cameras(platform) if camera.kind == "stream"]
    assert camera.config == ""
    assert hint in camera.problem


def test_an_unknown_system_is_no_reason_to_fail():
    assert any("plan9" in (camera.problem or "") for camera in list_cameras("plan9"))


def test_basler_cameras_are_listed_with_their_serial_numbers(monkeypatch, tmp_path):
    need_module("pypylon")
    monkeypatch.setenv("PYLON_CAMEMU", "2")
    listed = [camera for camera in list_cameras() if camera.kind == "basler"]
    assert [source_of(camera, tmp_path) for camera in listed] == [
        BaslerConfig(serial="0815-0000"),
        BaslerConfig(serial="0815-0001"),
    ]
    assert listed[0].name == "Basler Emulation (0815-0000)"


def test_without_a_basler_camera_it_says_so(monkeypatch):
    need_module("pypylon")
    monkeypatch.setenv("PYLON_CAMEMU", "0")
    (camera,) = [camera for camera in list_cameras() if camera.kind == "basler"]
    assert "none found" in camera.problem


def test_without_pypylon_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pypylon", None)
    (camera,) = [camera for camera in list_cameras() if camera.kind == "basler"]
    assert "selfee-rt[basler]" in camera.problem
