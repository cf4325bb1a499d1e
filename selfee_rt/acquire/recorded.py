"""A session folder, replayed with its original timestamps and gaps."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path

from pydantic import ValidationError

from selfee_rt.acquire.decoder import Decoder
from selfee_rt.acquire.demux import sha256_of
from selfee_rt.acquire.film import Film, paired, shot_of
from selfee_rt.acquire.grey import Pictures
from selfee_rt.acquire.playback import Opened, Player, Shot
from selfee_rt.acquire.video_file import open_file
from selfee_rt.config import RecordedConfig, VideoFileConfig
from selfee_rt.errors import EndOfStream, FolderError, SourceError
from selfee_rt.folder import FileIdentity, SessionFolder
from selfee_rt.folder.schema import SESSION_FILE
from selfee_rt.types import SourceInfo


class Recorded(Player):
    """The exposures of a session, each with its own index and media time; grey or RGB as they were recorded.

    Pictures come from the session's video segments or, where it replayed a recording itself, from that recording,
    whose sha256 must be what it was. Exposures of which there is no picture are gaps. The sha256 that the source
    gives is that of session.json, which no other session has.
    """

    def __init__(self, config: RecordedConfig) -> None:
        super().__init__(partial(open_session, config.folder), config.speed)


def open_session(folder: Path) -> Opened:
    """Open a session and its pictures.

    Raises:
        SourceError: it is no session folder, has no pictures, or the recording that it replayed is gone or another.
    """
    with ExitStack() as stack:
        try:
            session = stack.enter_context(SessionFolder(folder))
            n_exposures, n_filmed = _count(session)
        except FolderError as error:
            raise SourceError(str(error)) from error
        if n_filmed:
            pictures, shots = _pictures_of(session), Film(session, n_filmed).shots()
        elif n_exposures and session.record.replayed is not None:
            replayed = _open_replayed(session, session.record.replayed)
            stack.callback(replayed.close)
            pictures, shots = replayed.info, _shots_again(session, n_exposures, replayed.shots)
        else:
            raise SourceError(
                f"{folder} holds no picture of its {n_exposures} exposures; replay a session that recorded video"
            )
        stack.callback(shots.close)
        info = replace(
            pictures,
            name=str(folder),
            frames=n_filmed or n_exposures,
            notes=(f"replays the session of {session.record.started.local}, its times and gaps", *pictures.notes),
            content_sha256=sha256_of(folder / SESSION_FILE),
        )
        return Opened(info, shots, stack.pop_all().close)


def _count(session: SessionFolder) -> tuple[int, int]:
    """Exposures in the log, and how many of them were recorded as video."""
    n_exposures = n_filmed = 0
    for row in session.exposures():
        n_exposures += 1
        n_filmed += row.segment is not None
    return n_exposures, n_filmed


def _pictures_of(session: SessionFolder) -> SourceInfo:
    """The session's source with the size of its recorded pictures, from the first one that can be decoded."""
    source = session.record.source
    for path in session.segments:
        with suppress(SourceError), closing(Decoder(path)) as decoder:
            pictures = Pictures(decoder.first, colour=source.colour)
            return replace(source, width_px=pictures.width_px, height_px=pictures.height_px, notes=pictures.notes)
    raise SourceError(f"{session.path}: no picture in its {len(session.segments)} video segments can be decoded")


def _open_replayed(session: SessionFolder, replayed: FileIdentity) -> Opened:
    """Open the recording that a session replayed, with the session's own settings, if it is still the same.

    Raises:
        SourceError: it is gone, or another.
    """
    path = Path(replayed.path)
    what = f"{session.path} replayed {path}"
    if not path.exists():
        raise SourceError(f"{what}, which is not there any more; put it back")
    opened = open_session(path) if path.is_dir() else open_file(_settings(session, path))
    if opened.info.content_sha256 != replayed.sha256:
        opened.close()
        raise SourceError(
            f"{what}, which is another file now: sha256 {opened.info.content_sha256}, expected {replayed.sha256}; "
            "put the original back"
        )
    return opened


def _settings(session: SessionFolder, path: Path) -> VideoFileConfig:
    """How the session read the file that it replayed."""
    try:
        return VideoFileConfig.model_validate(session.record.config["source"] | {"path": path})
    except (ValidationError, KeyError, TypeError) as error:
        raise SourceError(f"{session.path} replayed {path}, but its session.json does not say how: {error}") from error


def _shots_again(session: SessionFolder, n_exposures: int, shots: Iterator[Shot]) -> Generator[Shot]:
    """Those shots of a recording that arrived in the session, as they arrived; ends by raising EndOfStream."""
    n_shown = 0
    ends: list[str] = []
    for row, shot in paired(session.exposures(), attrgetter("frame_index"), _numbered(shots, ends)):
        n_shown += 1
        yield shot_of(row, shot.image, shot.spot)
    shown = f"all {n_shown}" if n_shown == n_exposures else f"{n_shown} of {n_exposures}"
    raise EndOfStream("; ".join([f"{session.path}: {shown} frames of the session replayed", *ends]))


def _numbered(shots: Iterator[Shot], ends: list[str]) -> Iterator[tuple[int, Shot]]:
    try:
        for shot in shots:
            yield shot.stamp.index, shot
    except EndOfStream as end:
        ends.append(str(end))
