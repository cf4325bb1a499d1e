"""The pictures of a session's own video segments, matched with the exposures of its log."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from selfee_rt.acquire.decoder import Decoder
from selfee_rt.acquire.grey import Pictures
from selfee_rt.acquire.playback import Image, Shot, Spot
from selfee_rt.acquire.timing import Stamp
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.folder import ExposureRow, SessionFolder

FoundT = TypeVar("FoundT")


class Film:
    """Reads the segments one after the other, and keeps account of what does not fit.

    After a kill a segment may hold fewer pictures than the log has exposures, or more; both are reported at the end.
    """

    def __init__(self, session: SessionFolder, n_filmed: int) -> None:
        self._session = session
        self._n_filmed = n_filmed
        self._n_shown = 0
        self._troubles: list[str] = []

    def shots(self) -> Generator[Shot]:
        """Every filmed exposure whose picture can be decoded; ends by raising EndOfStream."""
        filmed = (row for row in self._session.exposures() if row.segment is not None)
        for name, rows in groupby(filmed, key=attrgetter("segment")):
            yield from self._segment(self._session.path / name, rows)
        if self._session.ended is None:
            self._troubles.append("the session was killed, or is still running")
        shown = f"all {self._n_shown}" if self._n_shown == self._n_filmed else f"{self._n_shown} of {self._n_filmed}"
        raise EndOfStream("; ".join([f"{self._session.path}: {shown} frames of the session replayed", *self._troubles]))

    def _segment(self, path: Path, rows: Iterable[ExposureRow]) -> Iterator[Shot]:
        try:
            decoder = Decoder(path)
        except SourceError as error:
            self._troubles.append(str(error))
            return
        with closing(decoder):
            pictures = Pictures(decoder.first, colour=self._session.record.source.colour)
            found = (
                (decoder.position, (partial(pictures.convert, frame), Spot(path, decoder.n_frames - 1, frame.pts)))
                for frame in decoder.frames()
            )
            n_shown = 0
            for row, (image, spot) in paired(rows, attrgetter("position"), found):
                n_shown += 1
                yield shot_of(row, image, spot)
            for _ in found:
                """Counted by the decoder: what the log does not know."""
            self._n_shown += n_shown
            self._troubles.extend(f"{path.name}: {trouble}" for trouble in decoder.damage())
            if surplus := decoder.n_frames - n_shown:
                self._troubles.append(f"pictures in {path.name} that the log does not know: {surplus}")


def paired(
    rows: Iterable[ExposureRow], number: Callable[[ExposureRow], int], found: Iterator[tuple[int, FoundT]]
) -> Iterator[tuple[ExposureRow, FoundT]]:
    """Each row with what was found under the same number; both rise. What has no partner is left out."""
    each = next(found, None)
    for row in rows:
        while each is not None and each[0] < number(row):
            each = next(found, None)
        if each is None:
            return
        if each[0] == number(row):
            yield row, each[1]


def shot_of(row: ExposureRow, image: Image, spot: Spot | None) -> Shot:
    """The exposure as the session had it, with its picture."""
    return Shot(Stamp(row.frame_index, row.media_ns, row.inferred), image, spot)
