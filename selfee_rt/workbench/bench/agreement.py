"""How far two sets of embeddings of the same live frames agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.centred import centred, centred_cosines, directions

FEWEST = 3
"""Live frames; with fewer, the nearest other one is no choice."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of embeddings with a reference, live frame by live frame."""

    live_frames: int
    centred_cosine_min: float
    """Both centred on the reference's mean: embeddings of one chamber are all alike, and plain cosines hide damage."""
    centred_cosine_median: float
    nearest_neighbour: float
    """Part of the live frames whose nearest other one is the same as by the reference, 0..1."""


def agreement(reference: NDArray[np.float32], embeddings: NDArray[np.float32]) -> Agreement | None:
    """Compare (N, D) with (N, D) float32; None: other shapes, or fewer than `FEWEST` live frames.

    >>> rows = np.array([[0, 0], [0, 1], [3, 0], [4, 0]], np.float32)
    >>> agreement(rows, rows).nearest_neighbour
    1.0
    """
    if reference.shape != embeddings.shape or len(reference) < FEWEST:
        return None
    cosines = centred_cosines(reference, embeddings, both_at_mean=0)
    expected, got = (directions(rows) for rows in centred(reference, embeddings))
    same = _nearest(expected) == _nearest(got)
    return Agreement(len(reference), float(cosines.min()), float(np.median(cosines)), float(same.mean()))


def _nearest(unit: NDArray[np.float64]) -> NDArray[np.int64]:
    """Position of the nearest other row by cosine, (N,); of equals the first."""
    similar = unit @ unit.T
    np.fill_diagonal(similar, -np.inf)
    nearest: NDArray[np.int64] = similar.argmax(axis=1)
    return nearest
