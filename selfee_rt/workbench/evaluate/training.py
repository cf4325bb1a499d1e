"""What one fold is taught from: centring, projection and bank by the training part alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.fit import PROJECTED_DIM, Examples, make_reference


@dataclass(frozen=True, slots=True)
class Preparation:
    """How embeddings become points."""

    paper: bool = False
    """Neither centre nor project, as in the paper's code."""
    project: int | None = None
    """Dimensions of the projection; None: as many as `fit` takes."""
    max_bank: int = 20_000


@dataclass(frozen=True, eq=False)
class Stretch:
    """Consecutive exposures of the training part, unlabelled ones included."""

    points: NDArray[np.float32]
    """(N, d) centred and projected."""
    label_of: NDArray[np.int64]
    """(N,) position in the reference's labels, -1 where nobody scored."""


@dataclass(frozen=True, eq=False)
class Training:
    """Everything that may be learned from in one fold."""

    reference: Reference
    stretches: tuple[Stretch, ...]


def training(
    recordings: Sequence[Labelled],
    names: Sequence[str],
    held_out: Sequence[Fold],
    shift: int,
    preparation: Preparation,
) -> Training:
    """Learn from everything but the `held_out` parts and their gaps.

    Args:
        recordings: all of them, held-out parts included.
        names: the labels of all recordings.
        held_out: what may not be looked at.
        shift: exposures from a live frame's current exposure to the one that its label describes.
        preparation: how embeddings become points.

    Raises:
        ConfigError: nothing that is labelled is left, or fewer examples than dimensions.
    """
    parts = [
        (recording.embedding[rows], recording.labels_at(recording.frame_index[rows] + shift))
        for position, recording in enumerate(recordings)
        for rows in _stretches(recording, position, held_out, shift)
    ]
    known = np.unique(np.concatenate([labels for _, labels in parts] or [np.empty(0, np.int64)]))
    present = tuple(int(label) for label in known if label >= 0)
    if not present:
        where = " and ".join(part.name for part in held_out)
        raise ConfigError([f"nothing labelled is left to teach with when {where} is held out; label more"])
    renumbered = np.full(len(names) + 1, -1, dtype=np.int64)  # the last is that of -1
    renumbered[list(present)] = np.arange(len(present))
    own = [(embedding, renumbered[labels]) for embedding, labels in parts]
    reference = _reference(own, tuple(names[label] for label in present), recordings[0].model_id, preparation)
    return Training(reference, tuple(Stretch(project(reference, rows), labels) for rows, labels in own))


def project(reference: Reference, embedding: NDArray[np.float16]) -> NDArray[np.float32]:
    """Embeddings (N, D) as points (N, d), one at a time as in a session."""
    points = np.empty((len(embedding), reference.projection.shape[1]), dtype=np.float32)
    for row, vector in zip(points, embedding, strict=True):
        row[:] = reference.project(vector.astype(np.float32))
    return points


def _stretches(recording: Labelled, position: int, held_out: Sequence[Fold], shift: int) -> Iterator[NDArray[np.int64]]:
    """Rows of each unbroken run of the training part."""
    exposure = recording.frame_index + shift
    taken = np.ones(len(exposure), dtype=bool)
    for fold in held_out:
        taken &= ~fold.streamed(position, exposure)
    rows = np.flatnonzero(taken)
    breaks = np.flatnonzero(np.diff(exposure[rows]) > longest_bridged(recording.interval)) + 1
    yield from (part for part in np.split(rows, breaks) if len(part))


def longest_bridged(interval: int) -> int:
    """Steps of the index up to this one are no break, as in `decide.Decider`."""
    return 4 * interval


def _reference(
    parts: Sequence[tuple[NDArray[np.float16], NDArray[np.int64]]],
    names: tuple[str, ...],
    model_id: str,
    preparation: Preparation,
) -> Reference:
    """The reference that `fit` would make of the labelled examples."""
    embedding = np.concatenate([rows[labels >= 0] for rows, labels in parts])
    label_of = np.concatenate([labels[labels >= 0] for _, labels in parts])
    if not preparation.paper:
        examples = Examples(embedding, label_of, names)
        project_to = preparation.project
        if project_to is None:
            project_to = min(PROJECTED_DIM, embedding.shape[1], len(embedding) - 1)
        return make_reference(examples, model_id, project_to, preparation.max_bank)
    dim = embedding.shape[1]
    return Reference(
        model_id=model_id,
        labels=names,
        label_of=label_of,
        embedding=embedding,
        mean=np.zeros(dim, dtype=np.float32),
        projection=np.eye(dim, dtype=np.float32),
    )
