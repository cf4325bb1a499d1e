"""The pictures of a session's own video segments, matched with the exposures of its log."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from selfee_rt.acquire.decoder import Decoder
from selfee_rt.acquire.grey import Pictures
from selfee_rt.acquire.playback import Image, Shot
from selfee_rt.acquire.timing import Stamp
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.folder import ExposureRow, SessionFolder


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
            images = ((decoder.position, partial(pictures.convert, frame)) for frame in decoder.frames())
            n_shown = 0
            for row, image in paired(rows, attrgetter("position"), images):
                n_shown += 1
                yield shot_of(row, image)
            for _ in images:
                """Counted by the decoder: what the log does not know."""
            self._n_shown += n_shown
            self._troubles.extend(f"{path.name}: {trouble}" for trouble in decoder.damage())
            if surplus := decoder.n_frames - n_shown:
                self._troubles.append(f"pictures in {path.name} that the log does not know: {surplus}")


def paired(
    rows: Iterable[ExposureRow], number: Callable[[ExposureRow], int], images: Iterator[tuple[int, Image]]
) -> Iterator[tuple[ExposureRow, Image]]:
    """Each row with the image of the same number; both rise. What has no partner is left out."""
    image = next(images, None)
    for row in rows:
        while image is not None and image[0] < number(row):
            image = next(images, None)
        if image is None:
            return
        if image[0] == number(row):
            yield row, image[1]


def shot_of(row: ExposureRow, image: Image) -> Shot:
    """The exposure as the session had it, with its picture."""
    return Shot(Stamp(row.frame_index, row.media_ns, row.inferred), image)
