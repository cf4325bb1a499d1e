"""What can be opened on this computer, and what to write into the configuration to open it."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av

from selfee_rt.acquire import pylon
from selfee_rt.errors import MissingExtra

Kind = Literal["synthetic", "stream", "basler"]

AVFOUNDATION_LISTING = 'ffmpeg -f avfoundation -list_devices true -i ""'
DSHOW_LISTING = "ffmpeg -f dshow -list_devices true -i dummy"


@dataclass(frozen=True, slots=True)
class CameraListing:
    """One camera that can be opened, or, where `config` is empty, why a kind of camera is not listed."""

    kind: Kind
    name: str
    config: str = ""
    """The lines of the configuration that open it."""
    problem: str | None = None
    """Why it cannot be opened or listed, and what to do; None where it can be."""

    def __str__(self) -> str:
        """The name, with the problem if there is one, and the lines to write, indented."""
        head = self.name if self.problem is None else f"{self.name}: {self.problem}"
        return "\n".join([head, *(f"    {line}" for line in self.config.splitlines())])


def list_cameras(platform: str = sys.platform, devices: Path = Path("/dev")) -> list[CameraListing]:
    """List the built-in synthetic arena, then camera devices, then Basler cameras. Opens none of them; never raises.

    Args:
        platform: as `sys.platform`.
        devices: where Linux keeps its devices.
    """
    synthetic = CameraListing("synthetic", "the built-in synthetic arena", '[source]\nkind = "synthetic"')
    return [synthetic, *_devices(platform, devices), *_basler()]


def _devices(platform: str, devices: Path) -> list[CameraListing]:
    match platform:
        case "linux":
            return _v4l2(devices)
        case "win32":
            return _by_ffmpeg("dshow", lambda name: f"video={name}", DSHOW_LISTING)
        case "darwin":
            return _by_ffmpeg("avfoundation", lambda name: name, AVFOUNDATION_LISTING)
        case _:
            return [CameraListing("stream", "camera devices", problem=f"cannot be listed on {platform}")]


def _v4l2(devices: Path) -> list[CameraListing]:
    """Every /dev/video*; a camera often has a second one for its metadata, which gives no picture."""
    found = sorted(devices.glob("video*"), key=lambda path: (len(path.name), path.name))
    if not found:
        why = f"no {devices}/video*: plug a camera in, or pass it to this machine or container"
        return [CameraListing("stream", "camera devices (v4l2)", problem=why)]
    return [
        CameraListing("stream", f"{path}{_v4l2_name(path)}", _stream_lines(str(path), "v4l2"), _v4l2_problem(path))
        for path in found
    ]


def _v4l2_name(path: Path) -> str:
    told = Path("/sys/class/video4linux") / path.name / "name"
    return f" ({told.read_text(encoding='utf-8').strip()})" if told.exists() else ""


def _v4l2_problem(path: Path) -> str | None:
    try:
        path.open("rb").close()
    except OSError as error:
        return f"{error.strerror}; is it in use, and does this user belong to the group video?"
    return None


def _by_ffmpeg(api: str, address: Callable[[str], str], command: str) -> list[CameraListing]:
    """The cameras that FFmpeg's own listing names."""
    what = f"camera devices ({api})"
    try:
        found: Sequence[av.device.DeviceInfo] = av.enumerate_input_devices(api)
    except (ValueError, av.FFmpegError) as error:
        why = f"FFmpeg does not list them here ({error}); find the name with: {command}"
        return [CameraListing("stream", what, problem=why)]
    cameras = [device for device in found if "video" in device.media_types]
    if not cameras:
        return [CameraListing("stream", what, problem="none found; plug one in")]
    return [CameraListing("stream", device.description, _stream_lines(address(device.name), api)) for device in cameras]


def _stream_lines(address: str, api: str) -> str:
    return f'[source]\nkind = "stream"\naddress = {_quoted(address)}\nformat = "{api}"'


def _quoted(text: str) -> str:
    r"""A TOML string.

    >>> print(_quoted('video=A "good" cam\\era'))
    "video=A \"good\" cam\\era"
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _basler() -> list[CameraListing]:
    what = "Basler cameras"
    try:
        runtime, genicam = pylon.load()
    except MissingExtra as error:
        return [CameraListing("basler", what, problem=str(error))]
    try:
        found = runtime.TlFactory.GetInstance().EnumerateDevices()
    except genicam.GenericException as error:
        return [CameraListing("basler", what, problem=f"pylon cannot list them: {error}")]
    if not found:
        return [CameraListing("basler", what, problem="none found; plug one in and check its power and network")]
    return [
        CameraListing(
            "basler",
            f"Basler {device.GetModelName()} ({device.GetSerialNumber()})",
            f'[source]\nkind = "basler"\nserial = "{device.GetSerialNumber()}"',
        )
        for device in found
    ]
