"""Every source that the contract suite runs over; adding one is a line in `SOURCES`.

A factory gets a folder for its files and an `ExitStack` for what must end after the test, and returns a source that is
not open yet. It should give at least ten frames; a finite one not many more than a hundred.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from selfee_rt.acquire.basler import Basler
from selfee_rt.acquire.recorded import Recorded
from selfee_rt.acquire.stream import Stream
from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.acquire.video_file import VideoFile
from selfee_rt.config import BaslerConfig, RecordedConfig, StreamConfig, SyntheticConfig, VideoFileConfig
from selfee_rt.protocols import Source
from tests.acquire import sessions
from tests.acquire.senders import sending, udp
from tests.acquire.videos import write
from tests.support import need_module

Factory = Callable[[Path, ExitStack], Source]


def synthetic(**settings) -> Factory:
    """The synthetic arena, small."""
    config = SyntheticConfig(width_px=128, height_px=96, fps=100, **settings)
    return lambda folder, stack: SyntheticArena(config)


def video_file(pts_ms: Sequence[int], **settings) -> Factory:
    """A small video file, lossless."""
    return lambda folder, stack: VideoFile(VideoFileConfig(path=write(folder / "video.mkv", pts_ms), **settings))


def recorded(*, colour: bool = False, **settings) -> Factory:
    """A session of a camera that dropped exposures."""
    frames = sessions.exposures([*range(1, 20), *range(23, 40)], colour=colour)
    return lambda folder, stack: Recorded(
        RecordedConfig(folder=sessions.filmed(folder / "session", frames, segment_s=0.1), **settings)
    )


def stream(**settings) -> Factory:
    """A stream over loopback from an ffmpeg that sends until the test ends."""

    def make(folder: Path, stack: ExitStack) -> Source:
        sender = stack.enter_context(sending(udp(fps=100)))
        return Stream(StreamConfig(address=sender.address, **settings))

    return make


def basler(**settings) -> Factory:
    """A camera of pylon's emulation."""

    def make(folder: Path, stack: ExitStack) -> Source:
        need_module("pypylon")
        stack.enter_context(patch.dict("os.environ", PYLON_CAMEMU="1"))
        return Basler(BaslerConfig(fps=100, sensor_region={"x": 0, "y": 0, "width": 128, "height": 96}, **settings))

    return make


SOURCES: dict[str, Factory] = {
    "synthetic, max": synthetic(speed="max", seconds=0.3),
    "synthetic, paced": synthetic(seconds=1.0),
    "synthetic, drops": synthetic(speed="max", seconds=0.3, drop=((0, 2), (5, 5), (28, 40))),
    "synthetic, endless": synthetic(speed="max"),
    "video file, max": video_file(range(0, 800, 20), speed="max"),
    "video file, paced": video_file(range(0, 800, 20), speed=2.0),
    "video file, gaps": video_file([*range(0, 600, 20), *range(700, 1000, 20)], speed="max"),
    "video file, variable": video_file([20 * i + 15 * (i % 2) for i in range(40)], speed="max"),
    "recorded, max": recorded(speed="max"),
    "recorded, paced": recorded(),
    "recorded, colour": recorded(speed="max", colour=True),
    "stream, udp": stream(fps=100),
    "stream, udp, colour": stream(fps=100, colour=True),
    "basler": basler(),
    "basler, colour": basler(colour=True),
}
