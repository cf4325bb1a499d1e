"""Embeddings that are stored already: in a session folder, or in a file that `selfee-rt embed` made."""

from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt.errors import ConfigError, FolderError, MissingExtra
from selfee_rt.folder import SessionFolder
from selfee_rt.types import read_only
from selfee_rt.workbench.embedding import Embedded


def from_session(path: Path, arena: str | None = None) -> list[Embedded]:
    """The embeddings of a session, one recording per arena, or that of one arena.

    Raises:
        FolderError: it is no session folder, or does not hold every exposure's embedding.
        ConfigError: there is no such arena, or there are no embeddings.
    """
    with SessionFolder(path) as session:
        arenas = session.record.arenas
        if arena is not None and arena not in arenas:
            raise ConfigError([f"{path} has no arena {arena!r}; expected one of: {', '.join(arenas)}"])
        store = session.embedding_store
        if store is None or store.every != 1:
            raise FolderError(
                f"{path} holds {'no embeddings' if store is None else f'every {store.every}. embedding'}, expected "
                "all; record with embeddings_every = 1, or give the session's video"
            )
        return [_of_arena(session, each, store.model_id) for each in arenas if arena in (None, each)]


def _of_arena(session: SessionFolder, arena: str, model_id: str) -> Embedded:
    rows = list(session.embeddings(arena))
    if not rows:
        raise ConfigError([f"{session.path} holds no embedding of the arena {arena!r}; use a longer session"])
    several = len(session.record.arenas) > 1
    name = session.path.resolve().name
    return Embedded(
        name=f"{name}::{arena}" if several else name,
        sha256=None,
        model_id=model_id,
        fps=session.record.source.fps,
        exposures=session.last_index + 1,
        frame_index=read_only(np.array([index for index, _ in rows], dtype=np.int64)),
        embedding=read_only(np.stack([vector for _, vector in rows]).astype(np.float16)),
    )


def from_hdf5(path: Path, name: str | None = None) -> list[Embedded]:
    """The recordings of a file that `selfee-rt embed` made, or one of them.

    Raises:
        MissingExtra: h5py is not installed.
        FolderError: the file cannot be read, or is not of this kind.
        ConfigError: there is no such recording in it.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra('h5py is not installed; install "selfee-rt[analysis]"') from error
    try:
        with h5py.File(path, "r") as file:
            if name is not None and name not in file:
                raise ConfigError([f"{path} has no recording {name!r}; expected one of: {', '.join(file)}"])
            found = [_of_group(each, file[each]) for each in file if name in (None, each)]
    except ConfigError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise FolderError(f"{path} is not a file of embeddings: {error}; make it with `selfee-rt embed`") from error
    if not found:
        raise FolderError(f"{path} holds no recordings; make it with `selfee-rt embed`")
    return found


def _of_group(name: str, group: Any) -> Embedded:
    frame_index, embedding = group["frame_index"][:].astype(np.int64), group["embedding"][:]
    if embedding.ndim != 2 or len(frame_index) != len(embedding) or not len(embedding):
        raise ValueError(f"{name}: got shapes {frame_index.shape} and {embedding.shape}, expected (N,) and (N, D)")
    if embedding.dtype != np.float16 or not np.isfinite(embedding).all() or (np.diff(frame_index) <= 0).any():
        raise ValueError(f"{name}: expected finite float16 embeddings of rising exposures")
    return Embedded(
        name=name,
        sha256=str(group.attrs["recording_sha256"]) or None,
        model_id=str(group.attrs["model_id"]),
        fps=float(group.attrs["fps"]),
        exposures=int(group.attrs["exposures"]),
        frame_index=read_only(frame_index),
        embedding=read_only(embedding),
    )
