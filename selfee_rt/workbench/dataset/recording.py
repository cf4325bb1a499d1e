"""One recording as small grey pictures, and how a source is read into such pictures."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import ArenaConfig
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.protocols import Source
from selfee_rt.types import Frame, Preprocessing, SourceInfo
from selfee_rt.workbench.dataset.preparation import Composing
from selfee_rt.workbench.dataset.size import Size, size_of

READ_TIMEOUT_S = 5.0
TOO_FEW = "it holds no three exposures in a row, or none after those of its background; nothing can be learned from it"
WHOLE = (ArenaConfig(name="arena"),)
"""The whole picture as one arena."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One arena of one recording."""

    name: str
    fps: float
    index: NDArray[np.int64]
    """(T,) exposure of each picture; a jump is a dropped exposure."""
    grey: NDArray[np.uint8]
    """(T, H, W) the arena, 0..255; in memory, or mapped from a file."""
    ended: str = ""
    """How the source ended, in its own words."""
    exposures: int | None = None
    """Exposures of the source up to the newest, dropped ones counted; None: not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A source that is being read, every arena of every exposure prepared."""

    info: SourceInfo
    pictures: Iterator[tuple[int, NDArray[np.uint8]]]
    """Exposure and pictures (A, H, W), in order."""
    exposures: Callable[[], int]
    """Exposures up to the newest, dropped ones counted."""
    ended: Callable[[], str]
    """How the source ended, once it has."""


@contextmanager
def reading(
    source: Source, name: str, size_px: Size, arenas: Sequence[ArenaConfig], preprocessing: Preprocessing
) -> Iterator[Reading]:
    """Open a source for reading, and close it.

    Raises:
        SourceError: it cannot be opened, or stops giving frames.
        ConfigError: an arena lies outside the picture, or does not suit the preparation.
    """
    info = source.open()
    try:
        frames = _Frames(source, name)
        composing = Composing(arenas, preprocessing, size_px, info)
        pictures = (ready for frame in frames for ready in composing.push(frame))
        yield Reading(info, pictures, lambda: frames.exposures, lambda: frames.ended)
    finally:
        source.close()


class _Frames:
    """The frames of a source to its end."""

    def __init__(self, source: Source, name: str) -> None:
        self._source, self._name = source, name
        self.exposures = 0
        self.ended = ""

    def __iter__(self) -> Iterator[Frame]:
        while True:
            try:
                frame = self._source.read(READ_TIMEOUT_S)
            except EndOfStream as end:
                self.ended = str(end)
                return
            if frame is None:
                raise SourceError(
                    f"{self._name}: no frame for {READ_TIMEOUT_S:g} s after {self.exposures} exposures; is it a file?"
                )
            self.exposures = frame.index + 1
            yield frame


def read_recording(
    source: Source,
    name: str,
    size_px: int | Size,
    most: int | None = None,
    *,
    arena: ArenaConfig = WHOLE[0],
    preprocessing: Preprocessing = "grey_resize",
) -> Recording:
    """Read a source to its end (or `most` pictures) into memory; `size_px` is (height, width) or a square's side.

    Raises:
        SourceError: it cannot be opened, stops giving frames, or holds too few.
        ConfigError: the arena lies outside the picture, or does not suit the preparation.
    """
    indices, pictures = list[int](), list[NDArray[np.uint8]]()
    with reading(source, name, size_of(size_px), (arena,), preprocessing) as read:
        for index, picture in read.pictures:
            indices.append(index)
            pictures.append(picture[0])
            if len(pictures) == most:
                break
    if not pictures:
        raise SourceError(f"{name}: {TOO_FEW}")
    exposures = np.array(indices, np.int64)
    return Recording(name, read.info.fps, exposures, np.stack(pictures), read.ended(), read.exposures())
