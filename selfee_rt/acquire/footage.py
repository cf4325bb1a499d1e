"""A recording to be looked at: which exposures it has, found by reading it once, and the picture of any of them."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.acquire.grey import Pictures
from selfee_rt.acquire.playback import Opened, Spot
from selfee_rt.acquire.seeker import Seeker
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.types import SourceInfo

WIDEST_PX = 1280
"""Pictures to be looked at are made no wider."""

Picture = Callable[[], NDArray[np.uint8]]
"""Makes (H, W) grey or (H, W, 3) RGB uint8, full range, upright, read-only."""


class Footage:
    """`exposures` for one thread, `towards` for one other at the same time; `opener` may raise SourceError.

    Exposures are those that a session would get from the same recording: by the same decoder and the same clock, to
    its very end, since what a file promises in its head is often wrong.
    """

    def __init__(self, opener: Callable[[], Opened]) -> None:
        self._opener = opener
        self._files: dict[Path, _File] = {}
        self._file_of: list[_File] = []
        self._place = array("q")
        """Of each exposure: its place among those of its file."""
        self._seeker: Seeker | None = None
        self._pictures: Pictures | None = None
        self.ended = ""
        """How the reading ended, once it has."""

    def look(self) -> SourceInfo:
        """What the recording says of itself, from its beginning.

        Raises:
            SourceError: it cannot be opened.
        """
        opened = self._opener()
        opened.close()
        return opened.info

    def exposures(self) -> Iterator[tuple[int, int]]:
        """Index and media_ns of every exposure that has a picture, in order; may be asked for once.

        Raises:
            SourceError: it cannot be opened.
        """
        opened = self._opener()
        try:
            for shot in opened.shots:
                assert shot.spot is not None, "pictures of recordings lie in files"
                self._keep(shot.spot)
                yield shot.stamp.index, shot.stamp.media_ns
        except EndOfStream as end:
            self.ended = str(end)
        finally:
            opened.close()

    def towards(self, number: int) -> Iterator[tuple[int, Picture]]:
        """Numbers and pictures of exposures on the way to the `number`th, that one last; counted from 0.

        The way begins at a key frame before it, or where the last one ended. Only numbers that `exposures` has given.

        Raises:
            SourceError: the file is gone, or the picture cannot be decoded again.
        """
        file, place = self._file_of[number], self._place[number]
        before = number - place
        seeker, pictures = self._open(file.path)
        for frame_number, frame in seeker.towards(file.spot(place), file.number_of if file.rises else None):
            found = file.place_of(frame_number)
            if found is not None:
                yield before + found, partial(pictures.convert, frame)
            if frame_number == file.numbers[place]:
                return
        raise SourceError(f"{file.path.name}: the picture of exposure number {number} cannot be decoded again")

    def close(self) -> None:
        """Release what `towards` has opened; by its thread, allowed twice."""
        if self._seeker is not None:
            self._seeker.close()
        self._seeker = None

    def _keep(self, spot: Spot) -> None:
        file = self._files.setdefault(spot.path, _File(spot.path))
        self._place.append(file.add(spot))
        self._file_of.append(file)

    def _open(self, path: Path) -> tuple[Seeker, Pictures]:
        if self._seeker is None or self._pictures is None or self._seeker.path != path:
            self.close()
            seeker = self._seeker = Seeker(path)
            colour = not seeker.first.format.name.startswith("gray")
            self._pictures = Pictures(seeker.first, colour=colour, widest_px=WIDEST_PX)
        return self._seeker, self._pictures


class _File:
    """Frames of one file that are exposures, as they were found from its beginning; one thread adds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.numbers = array("q")
        self.rises = True
        """Every frame has a timestamp, and each is later than the one before."""
        self._pts = array("q")

    def add(self, spot: Spot) -> int:
        """Take the next frame; return its place."""
        last = self._pts[-1] if self._pts else None
        self.rises = self.rises and spot.pts is not None and (last is None or spot.pts > last)
        self._pts.append(0 if spot.pts is None else spot.pts)
        self.numbers.append(spot.number)
        return len(self.numbers) - 1

    def spot(self, place: int) -> Spot:
        return Spot(self.path, self.numbers[place], self._pts[place])

    def place_of(self, number: int) -> int | None:
        return _find(self.numbers, number)

    def number_of(self, pts: int) -> int | None:
        place = _find(self._pts, pts)
        return None if place is None else self.numbers[place]


def _find(rising: "array[int]", value: int) -> int | None:
    place = bisect_left(rising, value)
    return place if place < len(rising) and rising[place] == value else None
