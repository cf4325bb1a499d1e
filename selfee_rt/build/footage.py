"""The pictures of a recording, for looking at them."""

from functools import partial
from pathlib import Path

from selfee_rt.acquire.footage import Footage
from selfee_rt.config import VideoFileConfig


def footage(path: Path) -> Footage:
    """The footage of a video file, or of a session folder."""
    if path.is_dir():
        from selfee_rt.acquire.recorded import open_session

        return Footage(partial(open_session, path))
    from selfee_rt.acquire.video_file import open_file

    return Footage(partial(open_file, VideoFileConfig(path=path, speed="max"), identify=False))
