"""Length and frame rate of a recording."""

from pathlib import Path

from selfee_rt import build
from selfee_rt.config import VideoFileConfig
from selfee_rt.errors import EndOfStream

READ_TIMEOUT_S = 1.0


def measured(video: Path) -> tuple[int, float]:
    """Exposures and frame rate of a video, by reading all of it: the number in a file's header is often wrong.

    Raises:
        SourceError: it cannot be opened.
    """
    source = build.source(VideoFileConfig(path=video, speed="max"))
    exposures = 0
    try:
        fps = source.open().fps
        while True:
            frame = source.read(READ_TIMEOUT_S)
            if frame is not None:
                exposures = frame.index + 1
    except EndOfStream:
        return exposures, fps
    finally:
        source.close()
