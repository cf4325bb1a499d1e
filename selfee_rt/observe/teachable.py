"""What a session knows when labels were declared that nobody has shown yet; and what it knows once it was taught."""

from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ControlError
from selfee_rt.observe.reference import Recording, Reference, random_projection
from selfee_rt.observe.teaching import Teachings


class Labelled(Protocol):
    """What is known of the labels of examples."""

    @property
    def label_of(self) -> NDArray[np.int64]:
        """(N,) position in `labels`, -1 for rows without a label."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels, with examples or without."""


def awaits_teaching(known: Labelled) -> bool:
    """Whether a label has no example yet, so that a classifier may begin with less than it needs and say nothing."""
    return len(set(known.label_of.tolist()) - {-1}) < len(known.labels)


@dataclass(frozen=True, eq=False)
class Teachable(Reference):
    """A reference some of whose labels have no example yet, or that is empty altogether.

    It exists in memory only: a file's labels all have examples.
    """

    def _problem(self) -> str | None:
        """Nothing: it is made from a reference that was checked, or from nothing."""
        return None


def declaring(known: Reference, labels: tuple[str, ...]) -> Reference:
    """Return `known` with `labels` after its own; those that it has already are not there twice.

    With a label more, what was learned for its own labels alone is left out: calibrations, transitions, LightGBM.
    """
    more = tuple(label for label in labels if label not in known.labels)
    parts: dict[str, Any] = {each.name: getattr(known, each.name) for each in fields(known) if each.init}
    if not more:
        return known
    without: dict[str, Any] = {"calibrations": {}, "transitions": None, "boosted": None, "boosted_text": None}
    return Teachable(**(parts | without | {"labels": (*known.labels, *more)}))


def from_nothing(model_id: str, embedding_dim: int, points_dim: int, labels: tuple[str, ...]) -> Reference:
    """Return an empty bank for `labels`, with a random projection (D, d) and without centring."""
    return Teachable(
        model_id=model_id,
        labels=labels,
        label_of=np.empty(0, dtype=np.int64),
        embedding=np.empty((0, embedding_dim), dtype=np.float16),
        mean=np.zeros(embedding_dim, dtype=np.float32),
        projection=random_projection(embedding_dim, points_dim, seed=0),
    )


def extended(teachings: Teachings, session: str) -> Reference:
    """Return a reference of what was known and then everything taught, for another session to begin with.

    Labels without examples are left out. Thresholds are left out too: each holds for the bank that it was computed on.

    Raises:
        ControlError: nothing was taught.
    """
    if not teachings.held:
        raise ControlError("nothing that was taught holds, so there is nothing to save; label something first")
    known = teachings.known
    label_of = np.concatenate((known.label_of, teachings.examples().label_of))
    used = np.unique(label_of[label_of >= 0])
    position = np.full(len(known.labels) + 1, -1, dtype=np.int64)  # the last place is for -1
    position[used] = np.arange(len(used))
    return Reference(
        model_id=known.model_id,
        labels=tuple(known.labels[each] for each in used.tolist()),
        label_of=position[label_of],
        embedding=np.concatenate((known.embedding, *(each.stretch.embedding for each in teachings.held))),
        mean=known.mean,
        projection=known.projection,
        made_from=(*known.made_from, Recording(session, None, "bank", teachings.exposures)),
    )
