"""Embeds whole recordings offline, by the same code and in the same batch shape as a live session with one arena."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.compose.interval import frame_interval
from selfee_rt.config import ArenaConfig, ModelConfig, SessionConfig, SourceConfig
from selfee_rt.decide import Decider
from selfee_rt.embed.model import ModelCard, read_card, sha256_of
from selfee_rt.errors import ConfigError, EndOfStream, FolderError, MissingExtra, SelfeeRTError
from selfee_rt.types import Embeddings, LiveFrames, Loss, SourceInfo, read_only

Progress = Callable[[int, int | None], None]
"""Called with the exposures read so far and the promised number, None where nothing is promised."""

READ_TIMEOUT_S = 1.0
CHUNK_EXPOSURES = 256


def no_progress(done: int, promised: int | None) -> None:
    """Report nothing."""


class OpenRecording:
    """One arena of one recording, opened for reading as fast as it can be decoded; a context manager.

    Raises:
        SourceError: the recording cannot be opened.
        ModelError: the model cannot be used, or does not fit the recording.
        ConfigError: the arena lies outside the picture.
    """

    def __init__(
        self,
        source_config: SourceConfig,
        model_config: ModelConfig,
        arena: ArenaConfig,
        *,
        progress: Progress = no_progress,
    ) -> None:
        self.losses: list[Loss] = []
        self.ended: str | None = None
        """How the recording ended, once it has."""
        self.exposures = 0
        """Exposures up to the newest that was read, dropped ones counted."""
        self._progress = progress
        self._model_config = model_config
        path = build.model_path(model_config)
        self.card: ModelCard = read_card(path)
        self.model_id = sha256_of(path)
        with ExitStack() as stack:
            source = build.source(source_config)
            self.info: SourceInfo = source.open()
            stack.callback(source.close)
            self.interval = frame_interval(
                self.card.interval_ms, self.info.fps, allow_mismatch=model_config.allow_interval_mismatch
            ).exposures
            config = SessionConfig(source=source_config, arena=(arena,), model=model_config)
            self._composer = build.composer(config, self.card, self.info, self.interval, self.losses.append)
            self._source = source
            self._open = stack.pop_all()

    def __enter__(self) -> "OpenRecording":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def live_frames(self) -> Iterator[LiveFrames]:
        """Every live frame to the end of the recording."""
        while True:
            try:
                frame = self._source.read(READ_TIMEOUT_S)
            except EndOfStream as end:
                self._composer.finish()
                self.ended = str(end)
                return
            if frame is None:
                continue
            self.exposures = frame.index + 1
            self._progress(self.exposures, self.info.frames)
            live = self._composer.push(frame)
            if live is not None:
                yield live

    def embeddings(self) -> Iterator[Embeddings]:
        """Every embedding, (1, D), to the end of the recording."""
        embedder = build.embedder(self._model_config, batch=1)
        try:
            decider = Decider(embedder, (), None, frame_interval=self.interval, align="current")
            for live in self.live_frames():
                yield decider.embed(live)
        finally:
            embedder.close()


def embed_recording(
    source_config: SourceConfig, model_config: ModelConfig, arena: ArenaConfig, *, progress: Progress = no_progress
) -> Iterator[Embeddings]:
    """Embed one arena of one recording; errors as `OpenRecording`."""
    with OpenRecording(source_config, model_config, arena, progress=progress) as recording:
        yield from recording.embeddings()


@dataclass(frozen=True, eq=False)
class Embedded:
    """The embeddings of one arena of one recording, all in memory."""

    name: str
    sha256: str | None
    model_id: str
    fps: float
    exposures: int
    """Exposures of the recording, dropped ones counted."""
    frame_index: NDArray[np.int64]
    """(N,) the current exposure of each live frame, rising."""
    embedding: NDArray[np.float16]
    """(N, D)."""
    losses: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = field(default=())
    """What was decided automatically, and how the recording ended."""


def embed_whole(
    source_config: SourceConfig, model_config: ModelConfig, arena: ArenaConfig, *, progress: Progress = no_progress
) -> Embedded:
    """Embed one arena of one recording into memory; errors as `OpenRecording`.

    Raises:
        ConfigError: the recording is too short for a single live frame.
    """
    with OpenRecording(source_config, model_config, arena, progress=progress) as recording:
        index, vectors = [], []
        for embeddings in recording.embeddings():
            index.append(embeddings.exposure.index)
            vectors.append(embeddings.vector[0].astype(np.float16))
        if not index:
            raise ConfigError([too_short(recording)])
        return Embedded(
            name=recording.info.name,
            sha256=recording.info.content_sha256,
            model_id=recording.model_id,
            fps=recording.info.fps,
            exposures=recording.exposures,
            frame_index=read_only(np.array(index, dtype=np.int64)),
            embedding=read_only(np.stack(vectors)),
            losses=tuple(recording.losses),
            notes=(*recording.info.notes, recording.ended or ""),
        )


def too_short(recording: OpenRecording) -> str:
    """Say that a recording gave no live frame."""
    return (
        f"{recording.info.name} gives no live frame: got {recording.exposures} exposures, expected at least "
        f"{2 * recording.interval + 1} without a gap; use a longer recording"
    )


def write_embeddings(
    recordings: Sequence[tuple[str, SourceConfig]],
    model_config: ModelConfig,
    arena: ArenaConfig,
    out: Path,
    *,
    progress: Callable[[str], Progress],
) -> dict[str, int]:
    """Embed recordings into one new HDF5 file, a group per recording in this order, and return the embeddings of each.

    A group holds `frame_index` (N,) int64 and `embedding` (N, D) float16; its attributes say the recording and its
    sha256, frame rate, exposures and frame interval, and the model with its card. The file appears when it is whole.

    Raises:
        MissingExtra: h5py is not installed.
        ConfigError: the file exists, two recordings have one name, or one is too short; further as `OpenRecording`.
        FolderError: the file cannot be written.
    """
    names = [name for name, _ in recordings]
    if len(set(names)) < len(names):
        raise ConfigError([f"two recordings have the same name: {', '.join(sorted(names))}; embed them separately"])
    counts = {}
    with _new_file(out) as file:
        for name, source_config in recordings:
            with OpenRecording(source_config, model_config, arena, progress=progress(name)) as recording:
                counts[name] = _write_group(file.create_group(name), recording)
    return counts


@contextmanager
def _new_file(out: Path) -> Iterator[Any]:
    """An HDF5 file beside `out` that takes its name when everything has gone well, and is deleted otherwise."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra('h5py is not installed; install "selfee-rt[analysis]"') from error
    if out.exists():
        raise ConfigError([f"{out} exists; nothing is ever overwritten, choose another file"])
    beside = out.with_name(f".{out.name}.part")
    try:
        try:
            with h5py.File(beside, "w", track_order=True) as file:
                yield file
            beside.replace(out)
        except SelfeeRTError:
            raise
        except (OSError, RuntimeError) as error:  # h5py raises both when the disk is full
            raise FolderError(f"cannot write {out}: {error}; choose a writable folder with enough space") from error
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _write_group(group: Any, recording: OpenRecording) -> int:
    dim, model_id = recording.card.embedding_dim, recording.model_id
    index = group.create_dataset("frame_index", (0,), "i8", maxshape=(None,), chunks=(CHUNK_EXPOSURES,))
    embedding = group.create_dataset("embedding", (0, dim), "f2", maxshape=(None, dim), chunks=(CHUNK_EXPOSURES, dim))
    waiting: list[Embeddings] = []
    for embeddings in recording.embeddings():
        waiting.append(embeddings)
        if len(waiting) == CHUNK_EXPOSURES:
            _append(index, embedding, waiting)
    _append(index, embedding, waiting)
    if not len(index):
        raise ConfigError([too_short(recording)])
    group.attrs.update(
        {
            "recording": recording.info.name,
            "recording_sha256": recording.info.content_sha256 or "",
            "fps": recording.info.fps,
            "exposures": recording.exposures,
            "frame_interval": recording.interval,
            "interval_ms": recording.card.interval_ms,
            "model_id": model_id,
            "model_name": recording.card.name,
            "model_version": recording.card.version,
            "ended": recording.ended or "",
        }
    )
    return len(index)


def _append(index: Any, embedding: Any, waiting: list[Embeddings]) -> None:
    start = len(index)
    index.resize(start + len(waiting), axis=0)
    embedding.resize(start + len(waiting), axis=0)
    if waiting:
        index[start:] = [embeddings.exposure.index for embeddings in waiting]
        embedding[start:] = np.concatenate([embeddings.vector for embeddings in waiting]).astype(np.float16)
    waiting.clear()
