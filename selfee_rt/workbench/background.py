"""The empty arena from a recording: a picture that models of the mouse preparation subtract."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np

from selfee_rt import build
from selfee_rt.compose.background import WINDOWS, BackgroundMaker
from selfee_rt.compose.background_file import write_background
from selfee_rt.compose.resize import Resizer
from selfee_rt.config import Contrast, SourceConfig
from selfee_rt.errors import ConfigError, EndOfStream, FolderError
from selfee_rt.protocols import Source
from selfee_rt.types import Frame
from selfee_rt.workbench.embedding import READ_TIMEOUT_S, Progress, no_progress


def make_background(
    source_config: SourceConfig,
    contrast: Contrast,
    out: Path,
    *,
    start_s: float = 0.0,
    seconds: float | None = None,
    progress: Progress = no_progress,
) -> int:
    """Write the background of a recording, or of a part of it, to a new PNG; return the exposures that made it.

    The picture is as large as the recording's, so that any arena can be cut out of it. The last exposures, which do
    not fill a window, are left out.

    Raises:
        SourceError: the recording cannot be opened.
        ConfigError: the part has fewer exposures than there are windows.
        FolderError: the picture exists already, or cannot be written.
    """
    if out.exists():
        raise FolderError(f"{out} exists; nothing is ever overwritten, choose another file")
    with closing(build.source(source_config)) as source:
        info = source.open()
        size_px = (info.height_px, info.width_px)
        first, wanted = round(start_s * info.fps), None if seconds is None else round(seconds * info.fps)
        there = max(0, _count(source_config, info.frames) - first)
        window = (there if wanted is None else min(there, wanted)) // WINDOWS
        if window == 0:
            raise ConfigError([_too_short(info.name, first, there, wanted)])
        maker = BackgroundMaker(size_px, window_exposures=window)
        resizer, grey = Resizer(from_px=size_px, to_px=size_px), np.empty(size_px, np.uint8)
        for done, frame in enumerate(islice(_frames(source), first, first + WINDOWS * window)):
            resizer.resize(frame.image, grey)
            maker.add(grey)
            progress(done + 1, WINDOWS * window)
    if maker.windows < WINDOWS:
        raise ConfigError(
            [f"{info.name} ended after {maker.windows * window} exposures, expected {WINDOWS * window}; it is damaged"]
        )
    write_background(out, maker.picture(contrast))
    return WINDOWS * window


def _count(source_config: SourceConfig, promised: int | None) -> int:
    """Number of exposures of a recording; read through where none is promised."""
    if promised is not None:
        return promised
    with closing(build.source(source_config)) as source:
        source.open()
        return sum(1 for _ in _frames(source))


def _frames(source: Source) -> Iterator[Frame]:
    while True:
        try:
            frame = source.read(READ_TIMEOUT_S)
        except EndOfStream:
            return
        if frame is not None:
            yield frame


def _too_short(name: str, first: int, there: int, wanted: int | None) -> str:
    got = f"{there} exposures from exposure {first} on" if wanted is None or there < wanted else f"{wanted} exposures"
    return f"{name}: got {got}, expected at least {WINDOWS}, one for each window; take a longer part"
