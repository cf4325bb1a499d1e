"""The embeddings of recordings as they passed, or would have passed, a live session."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import ArenaConfig, ModelConfig, VideoFileConfig
from selfee_rt.embed.model import sha256_of
from selfee_rt.errors import FolderError
from selfee_rt.folder import SessionFolder
from selfee_rt.folder.schema import SESSION_FILE
from selfee_rt.workbench.embedding import OpenRecording, Progress


class Passage(NamedTuple):
    """One observed exposure of one arena."""

    exposure_index: int
    """The current exposure of the live frame."""
    label_index: int
    """The exposure that a label would describe."""
    media_ns: int
    """Of that exposure."""
    vector: NDArray[np.float32]
    """(D,) as it is scored."""


@dataclass(frozen=True, eq=False)
class Passages:
    """One arena of one recording; `each` can be gone through once."""

    recording: Path
    sha256: str | None
    arena: str
    model_id: str
    fps: float
    frame_interval: int
    begin_ns: int
    """Media time of the recording's first exposure."""
    each: Iterator[Passage]


@contextmanager
def open_passages(
    path: Path, model: ModelConfig, arena: ArenaConfig, progress: Callable[[str], Progress]
) -> Iterator[tuple[Passages, ...]]:
    """Every arena of a session folder, from its stored embeddings; or one of a video, embedded now by `model`.

    Raises:
        FolderError: it is a folder, but not of a session that stored every embedding.
        SourceError, ModelError, ConfigError: as `OpenRecording`.
    """
    with ExitStack() as stack:
        if path.is_dir():
            session = stack.enter_context(SessionFolder(path))
            yield tuple(_stored(session, name) for name in session.record.arenas)
        else:
            source = VideoFileConfig(path=path, speed="max")
            recording = stack.enter_context(OpenRecording(source, model, arena, progress=progress(path.name)))
            yield (_embedded(path, recording, arena.name),)


def _stored(session: SessionFolder, arena: str) -> Passages:
    store, record = session.embedding_store, session.record
    if store is None or store.every != 1:
        raise FolderError(
            f"{session.path} holds {'no embeddings' if store is None else f'every {store.every}. embedding'}, expected "
            "all of them; use the video, or record with embeddings_every = 1"
        )
    first = next(session.exposures(), None)
    return Passages(
        recording=session.path,
        sha256=sha256_of(session.path / SESSION_FILE),
        arena=arena,
        model_id=record.model.sha256,
        fps=record.source.fps,
        frame_interval=record.frame_interval,
        begin_ns=0 if first is None else first.media_ns,
        each=_stored_passages(session, arena),
    )


def _stored_passages(session: SessionFolder, arena: str) -> Iterator[Passage]:
    """Stored embeddings with their observations; of a killed session, as far as both go."""
    for (index, vector), said in zip(session.embeddings(arena), session.observations(arena), strict=False):
        exposure = said.exposure
        if index != exposure.index:
            raise FolderError(
                f"{session.path}: got the embedding of exposure {index}, expected that of {exposure.index}, the next "
                "observation; the folder is damaged"
            )
        media_ns = exposure.media_ns if said.label_index == index else exposure.newest_media_ns
        yield Passage(index, said.label_index, media_ns, vector)


def _embedded(path: Path, recording: OpenRecording, arena: str) -> Passages:
    def each() -> Iterator[Passage]:
        for embeddings in recording.embeddings():
            exposure = embeddings.exposure
            yield Passage(exposure.index, exposure.index, exposure.media_ns, embeddings.vector[0])

    return Passages(
        recording=path,
        sha256=recording.info.content_sha256,
        arena=arena,
        model_id=recording.model_id,
        fps=recording.info.fps,
        frame_interval=recording.interval,
        begin_ns=0,
        each=each(),
    )
