"""Every source that the contract suite runs over; adding one is a line in `SOURCES`.

A factory gets a folder for its files and an `ExitStack` for what must end after the test, and returns a source that is
not open yet. It should give at least ten frames; a finite one not many more than a hundred.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from selfee_rt.acquire.recorded import Recorded
from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.acquire.video_file import VideoFile
from selfee_rt.config import RecordedConfig, SyntheticConfig, VideoFileConfig
from selfee_rt.protocols import Source
from tests.acquire import sessions
from tests.acquire.videos import write

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
}
