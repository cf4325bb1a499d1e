"""Cosines of embeddings, centred: those of one chamber are all alike, and plain cosines hide damage."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32] | NDArray[np.float64]


def directions(rows: Rows) -> NDArray[np.float64]:
    """Rows (N, D) scaled to length 1; one of zeros, or with what is no finite number, has none and becomes zeros."""
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    known = np.isfinite(lengths) & (lengths > 0)
    unit: NDArray[np.float64] = np.divide(rows, lengths, out=np.zeros(rows.shape), where=known)
    return unit


def centred(expected: Rows, got: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both (N, D) less the mean row of `expected`."""
    with np.errstate(invalid="ignore"):  # infinite less infinite; such a row has no direction
        mean = expected.mean(axis=0, dtype=np.float64)
        return expected - mean, got - mean


def centred_cosines(expected: Rows, got: Rows, *, both_at_mean: float) -> NDArray[np.float64]:
    """Cosine (N,) of each pair of rows (N, D), both centred on the mean of `expected`.

    Where one row alone is at the mean, or one holds what is no finite number, it is 0: they do not agree.

    Args:
        expected: embeddings that the others are compared with.
        got: the others.
        both_at_mean: what it is where both rows are at the mean, and there is no angle.

    >>> expected = np.array([[1, 0], [-1, 0], [0, 0]], np.float32)
    >>> centred_cosines(expected, expected, both_at_mean=1).tolist()
    [1.0, 1.0, 1.0]
    >>> centred_cosines(expected, expected[::-1], both_at_mean=1).tolist()
    [0.0, 1.0, 0.0]
    """
    ours, theirs = centred(expected, got)
    nowhere = ~(ours.any(axis=1) | theirs.any(axis=1))
    cosines = (directions(ours) * directions(theirs)).sum(axis=1)
    result: NDArray[np.float64] = np.where(nowhere, both_at_mean, cosines)
    return result
