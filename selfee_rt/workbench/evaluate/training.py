"""What one fold is taught from: centring, projection, bank and transitions by the training part alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.fit import PROJECTED_DIM, Examples, make_reference
from selfee_rt.workbench.held_out import Scored
from selfee_rt.workbench.transitions import count_transitions


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a reference is made of the training part."""

    paper: bool = False
    """Neither centre nor project, as in the paper's code."""
    project: int | None = None
    """Dimensions of the projection; None: as many as `fit` takes."""
    max_bank: int = 20_000
    window_exposures: int = 30
    """Causal window of LightGBM's features."""


@dataclass(frozen=True, eq=False)
class Training:
    """Everything that may be learned from in one fold."""

    reference: Reference
    scored: tuple[Scored, ...]
    """Each recording less what is held out."""


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
        preparation: how a reference is made.

    Raises:
        ConfigError: nothing that is labelled is left, or fewer examples than dimensions.
    """
    parts = [_part(recording, position, held_out, shift) for position, recording in enumerate(recordings)]
    present = [int(label) for label in np.unique(np.concatenate([part.label_of for part in parts])) if label >= 0]
    if not present:
        where = " and ".join(part.name for part in held_out)
        raise ConfigError([f"nothing labelled is left to teach with when {where} is held out; label more"])
    renumbered = np.full(len(names) + 1, -1, dtype=np.int64)  # the last is that of -1
    renumbered[present] = np.arange(len(present))
    scored = tuple(Scored(part.recording, renumbered[part.label_of]) for part in parts)
    reference = _reference(scored, tuple(names[label] for label in present), preparation)
    return Training(replace(reference, transitions=count_transitions(scored, len(present))), scored)


def _part(recording: Labelled, position: int, held_out: Sequence[Fold], shift: int) -> Scored:
    exposure = recording.frame_index + shift
    taken = np.ones(len(exposure), dtype=bool)
    for fold in held_out:
        taken &= ~fold.streamed(position, exposure)
    whole = Embedded(
        name=recording.name,
        sha256=recording.identity,
        model_id=recording.model_id,
        fps=recording.fps,
        exposures=recording.exposures,
        frame_index=recording.frame_index,
        embedding=recording.embedding,
    )
    return Scored(whole, recording.labels_at(exposure)).part(taken)


def longest_bridged(interval: int) -> int:
    """Steps of the index up to this one are no break, as in `decide.Decider`."""
    return 4 * interval


def _reference(scored: Sequence[Scored], names: tuple[str, ...], preparation: Preparation) -> Reference:
    """The reference that `fit` would make of the labelled examples."""
    embedding = np.concatenate([each.recording.embedding[each.label_of >= 0] for each in scored])
    label_of = np.concatenate([each.label_of[each.label_of >= 0] for each in scored])
    model_id = scored[0].recording.model_id
    if preparation.paper:
        return as_it_is(embedding, label_of, names, model_id)
    project_to = preparation.project
    if project_to is None:
        project_to = max(1, min(PROJECTED_DIM, embedding.shape[1], len(embedding) - 1))
    return make_reference(Examples(embedding, label_of, names), model_id, project_to, preparation.max_bank)


def as_it_is(
    embedding: NDArray[np.float16], label_of: NDArray[np.int64], names: tuple[str, ...], model_id: str
) -> Reference:
    """A reference that neither centres nor projects."""
    dim = embedding.shape[1]
    return Reference(
        model_id=model_id,
        labels=names,
        label_of=label_of,
        embedding=embedding,
        mean=np.zeros(dim, dtype=np.float32),
        projection=np.eye(dim, dtype=np.float32),
    )
