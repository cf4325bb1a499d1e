"""Reads labelled recordings: videos, HDF5 files of embeddings, or session folders, each with its labels."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt.config import ArenaConfig, LabelsConfig, ModelConfig, VideoFileConfig
from selfee_rt.embed.model import sha256_of
from selfee_rt.errors import ConfigError, FolderError, MissingExtra
from selfee_rt.folder import SessionFolder
from selfee_rt.types import read_only
from selfee_rt.workbench.embedding import Progress
from selfee_rt.workbench.evaluate.padded import embed_padded
from selfee_rt.workbench.evaluate.recordings import Embeddings, Labelled
from selfee_rt.workbench.labels import UNLABELLED, Scored, check_early, labels_of, read_scored

HDF5_SUFFIXES = (".h5", ".hdf5")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be read, and how videos are embedded."""

    paths: tuple[Path, ...]
    labels: tuple[Path, ...]
    """One per recording, in order; an HDF5 file holds several recordings, in the order in which they were embedded."""
    model: ModelConfig
    arena: ArenaConfig
    leave_out: tuple[str, ...] = ()
    """Labels that count as not scored."""
    pad_edges: bool = False
    """Embed the first and last exposures of videos too, with the current picture in place of what is missing."""
    labels_config: LabelsConfig = field(default_factory=LabelsConfig)
    """What the label files leave open."""


def read(inputs: Inputs, progress: Callable[[str], Progress]) -> tuple[tuple[Labelled, ...], tuple[str, ...]]:
    """Read every recording with its labels, and the names of the labels, sorted.

    Raises:
        ConfigError: with every problem; recordings of different models or rates, one given twice, unknown labels.
        LabelsError: labels do not fit their recording.
        FolderError, SourceError, ModelError, MissingExtra: a recording cannot be read.
    """
    missing = [
        f"there is no {path}; give an existing video, HDF5 file or session"
        for path in inputs.paths
        if not path.exists()
    ]
    if missing:
        raise ConfigError(missing)
    scored = [_scored(path, inputs.labels_config) for path in inputs.labels]  # before anything that takes long
    recordings = [recording for path in inputs.paths for recording in _open(path, inputs, progress)]
    _check(recordings, inputs)
    texts = [
        labels_of(each, inputs.labels_config, exposures=recording.exposures, fps=recording.fps)
        for each, recording in zip(scored, recordings, strict=True)
    ]
    names = tuple(sorted({label for text in texts for label in text} - {UNLABELLED}))
    _check_left_out(names, inputs.leave_out)
    names = tuple(name for name in names if name not in inputs.leave_out)
    labelled = tuple(
        _with_labels(recording, text, names, path)
        for recording, text, path in zip(recordings, texts, inputs.labels, strict=True)
    )
    return labelled, names


def _scored(path: Path, config: LabelsConfig) -> Scored:
    scored = read_scored(path, config)
    check_early(scored, config)
    return scored


def _with_labels(recording: Embeddings, text: Sequence[str], names: tuple[str, ...], path: Path) -> Labelled:
    position = {name: number for number, name in enumerate(names)}
    label_of = np.array([position.get(label, -1) for label in text], dtype=np.int64)
    fields = {name: getattr(recording, name) for name in Embeddings.__dataclass_fields__}
    return Labelled(**fields, label_of=read_only(label_of), labels_name=path.name, labels_sha256=sha256_of(path))


def _check_left_out(names: Sequence[str], leave_out: Sequence[str]) -> None:
    unknown = [name for name in leave_out if name not in names]
    if unknown:
        raise ConfigError(
            [f"--leave-out {name}: nothing has this label; expected one of {', '.join(names)}" for name in unknown]
        )


def _check(recordings: Sequence[Embeddings], inputs: Inputs) -> None:
    problems = []
    if len(recordings) != len(inputs.labels):
        names = ", ".join(recording.name for recording in recordings)
        problems.append(
            f"got {len(inputs.labels)} label files for {len(recordings)} recordings ({names}); "
            "give --labels once per recording, in this order"
        )
    first = recordings[0]
    for position, other in enumerate(recordings[1:], start=1):
        problems += _differences(first, other)
        same = [each.name for each in recordings[:position] if each.identity and each.identity == other.identity]
        if same:
            problems.append(f"{other.name} is the same recording as {same[0]}; give each once")
    if problems:
        raise ConfigError(problems)


def _differences(first: Embeddings, other: Embeddings) -> Iterator[str]:
    """Why two recordings cannot be evaluated together."""
    if other.model_id != first.model_id:
        yield (
            f"{other.name} was embedded by model {other.model_id[:12]}…, {first.name} by {first.model_id[:12]}…; "
            "embeddings of different models cannot be compared, embed all with one"
        )
    if other.embedding.shape[1] != first.embedding.shape[1]:
        yield f"{other.name} has {other.embedding.shape[1]} dimensions, {first.name} {first.embedding.shape[1]}"
    if abs(other.fps - first.fps) > 0.01 * first.fps or other.interval != first.interval:
        yield (
            f"{other.name} has {other.fps:g} fps with frame interval {other.interval}, {first.name} {first.fps:g} fps "
            f"with {first.interval}; smoothing is in exposures, so evaluate recordings of one frame rate together"
        )


def _open(path: Path, inputs: Inputs, progress: Callable[[str], Progress]) -> Iterator[Embeddings]:
    if path.is_dir():
        yield _session(path, inputs.arena.name)
    elif path.suffix.lower() in HDF5_SUFFIXES:
        yield from _hdf5(path)
    else:
        yield _video(path, inputs, progress(path.name))


def _video(path: Path, inputs: Inputs, progress: Progress) -> Embeddings:
    return embed_padded(
        VideoFileConfig(path=path, speed="max"), inputs.model, inputs.arena, pad=inputs.pad_edges, progress=progress
    )


def _hdf5(path: Path) -> list[Embeddings]:
    """Every group of a file that `selfee-rt embed` wrote, in the order in which they were embedded."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra('h5py is not installed; install "selfee-rt[analysis]"') from error
    try:
        with h5py.File(path, "r") as file:
            found = [_of_group(name, file[name]) for name in file]
    except (OSError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise FolderError(f"cannot read {path}: {error}; expected an HDF5 file that `selfee-rt embed` wrote") from error
    if not found:
        raise FolderError(f"{path} holds no recording; expected an HDF5 file that `selfee-rt embed` wrote")
    for each in found:
        broken = np.flatnonzero(~np.isfinite(each.embedding).all(axis=1))
        if len(broken):
            raise FolderError(f"{path}, {each.name}: embedding {broken[0]} is not finite; embed the recording anew")
    return found


def _of_group(name: str, group: Any) -> Embeddings:
    said = group.attrs
    return Embeddings(
        name=name,
        kind="embeddings",
        identity=str(said["recording_sha256"]),
        model_id=str(said["model_id"]),
        model_name=f"{said['model_name']} {said['model_version']}",
        fps=float(said["fps"]),
        interval=int(said["frame_interval"]),
        exposures=int(said["exposures"]),
        frame_index=read_only(np.asarray(group["frame_index"][()], dtype=np.int64)),
        embedding=read_only(np.asarray(group["embedding"][()], dtype=np.float16)),
    )


def _session(path: Path, wanted: str) -> Embeddings:
    """One arena of a session, as far as it was observed; what it logged says when there was a stimulus."""
    with SessionFolder(path) as session:
        record = session.record
        arena = _arena(path, record.arenas, wanted)
        stimulus = {each.exposure.index: each.stimulus for each in session.observations(arena)}
        stored = [(index, vector) for index, vector in session.embeddings(arena) if index in stimulus]
        if session.embedding_store is None or session.embedding_store.every != 1 or not stored:
            raise FolderError(
                f"{path} does not hold every embedding of {arena!r}, expected all; record with embeddings_every = 1"
            )
        return Embeddings(
            name=path.name,
            kind="session",
            identity=record.session_id,
            model_id=record.model.sha256,
            model_name=str(record.model.card.get("name", "")),
            fps=record.source.fps,
            interval=record.frame_interval,
            exposures=session.last_index + 1,
            frame_index=read_only(np.array([index for index, _ in stored], dtype=np.int64)),
            embedding=read_only(np.stack([vector.astype(np.float16) for _, vector in stored])),
            stimulus=tuple(stimulus[index] for index, _ in stored),
            notes=(f"arena {arena}",),
        )


def _arena(path: Path, arenas: tuple[str, ...], wanted: str) -> str:
    """The arena that is meant: the only one, or the one that was named."""
    if wanted in arenas:
        return wanted
    if len(arenas) == 1:
        return arenas[0]
    raise ConfigError([f"{path} has no arena {wanted!r}; choose one of {', '.join(arenas)} with --arena"])
