"""One recording as small grey pictures, and how a source is read into such pictures."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import ArenaConfig
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.protocols import Source
from selfee_rt.types import SourceInfo
from selfee_rt.workbench.dataset.preparation import Preparation
from selfee_rt.workbench.dataset.size import Size, size_of

READ_TIMEOUT_S = 5.0
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


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A source that is being read, every arena of every exposure prepared."""

    info: SourceInfo
    pictures: Iterator[tuple[int, NDArray[np.uint8]]]
    """Exposure and pictures (A, H, W); the same memory every time."""
    ended: Callable[[], str]
    """How the source ended, once it has."""


@contextmanager
def reading(
    source: Source, name: str, size_px: Size, arenas: Sequence[ArenaConfig], preparation: Preparation
) -> Iterator[Reading]:
    """Open a source for reading, and close it.

    Raises:
        SourceError: it cannot be opened, or stops giving frames.
        ConfigError: an arena lies outside the picture.
    """
    info = source.open()
    words: list[str] = []
    try:
        picture_px = (info.height_px, info.width_px)
        preparers = [preparation.preparer(arena, size_px, picture_px) for arena in arenas]
        out = np.empty((len(arenas), *size_px), np.uint8)

        def pictures() -> Iterator[tuple[int, NDArray[np.uint8]]]:
            for index, image in _frames(source, name, words):
                for preparer, picture in zip(preparers, out, strict=True):
                    preparer.prepare(image, picture)
                yield index, out

        yield Reading(info, pictures(), lambda: "".join(words))
    finally:
        source.close()


def _frames(source: Source, name: str, ended: list[str]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Exposures and images to the source's end."""
    count = 0
    while True:
        try:
            frame = source.read(READ_TIMEOUT_S)
        except EndOfStream as end:
            ended.append(str(end))
            return
        if frame is None:
            raise SourceError(f"{name}: no frame for {READ_TIMEOUT_S:g} s after {count} frames")
        count += 1
        yield frame.index, frame.image


def read_recording(
    source: Source,
    name: str,
    size_px: int | Size,
    most: int | None = None,
    *,
    arena: ArenaConfig = WHOLE[0],
    preparation: Preparation | None = None,
) -> Recording:
    """Read a source to its end (or `most` frames) into memory; `size_px` is (height, width) or a square's side.

    Raises:
        SourceError: it cannot be opened, stops giving frames, or holds none.
        ConfigError: the arena lies outside the picture.
    """
    indices, pictures = list[int](), list[NDArray[np.uint8]]()
    with reading(source, name, size_of(size_px), (arena,), preparation or Preparation()) as read:
        for index, picture in read.pictures:
            indices.append(index)
            pictures.append(picture[0].copy())
            if len(pictures) == most:
                break
    if not pictures:
        raise SourceError(f"{name} holds no frames; nothing can be learned from it")
    return Recording(name, read.info.fps, np.array(indices, np.int64), np.stack(pictures), read.ended())
