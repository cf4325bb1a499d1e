"""How well embeddings separate labels: blocked cross-validation of the k-NN alone, for comparing embeddings."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import KnnConfig
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference import unit
from selfee_rt.workbench.fit import principal_axes

Rows = NDArray[np.float16] | NDArray[np.float32]

Points = Callable[[NDArray[np.bool_]], NDArray[np.float32]]
"""Given the mask (N,) of training examples, all examples as points (N, d), prepared by the training ones alone."""

COLUMNS = 8192
"""Pixels taken at a time."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Settings of the blocked evaluation."""

    blocks: int = 6
    """Contiguous blocks of the recording, held out in turn."""
    guard_exposures: int = 25
    """Dropped from training on either side of the held-out block, whose neighbours look alike."""
    knn: KnnConfig = field(default_factory=KnnConfig)


@dataclass(frozen=True, eq=False)
class Bank:
    """Training examples as the k-NN takes them."""

    bank: NDArray[np.float32]
    label_of: NDArray[np.int64]
    labels: tuple[str, ...]


def folds(
    frame_index: NDArray[np.int64], exposures: int, protocol: Blocked
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Masks (N,) of training and held-out examples for each block of the recording's `exposures`."""
    edges = np.linspace(0, exposures, protocol.blocks + 1).round().astype(np.int64)
    for start, stop in pairwise(edges.tolist()):
        held_out = (frame_index >= start) & (frame_index < stop)
        near = (frame_index >= start - protocol.guard_exposures) & (frame_index < stop + protocol.guard_exposures)
        yield ~near, held_out


def held_out_probabilities(
    points_of: Points,
    frame_index: NDArray[np.int64],
    label_of: NDArray[np.int64],
    labels: tuple[str, ...],
    *,
    exposures: int,
    protocol: Blocked,
) -> NDArray[np.float64]:
    """Probability (N, C) that the k-NN gives each example, taught on the other blocks.

    Examples are labelled exposures `frame_index` (N,), `label_of` (N,) positions in `labels`.
    """
    return probabilities_of(points_of, label_of, labels, folds(frame_index, exposures, protocol), protocol.knn)


def probabilities_of(
    points_of: Points,
    label_of: NDArray[np.int64],
    labels: tuple[str, ...],
    masks: Iterable[tuple[NDArray[np.bool_], NDArray[np.bool_]]],
    settings: KnnConfig,
) -> NDArray[np.float64]:
    """Probability (N, C) that the k-NN gives each example; `masks` (N,) of training and held-out ones, in turn."""
    probabilities = np.full((len(label_of), len(labels)), np.nan)
    for train, held_out in masks:
        points = unit(points_of(train))
        knn = Knn(Bank(points[train], label_of[train], labels), settings)
        for row in np.flatnonzero(held_out):
            probabilities[row] = knn.probabilities(points[row])
    return probabilities


def centred(rows: Rows) -> Points:
    """Embeddings (N, D) less the mean of the training ones."""

    def points_of(train: NDArray[np.bool_]) -> NDArray[np.float32]:
        return np.asarray(rows - rows[train].mean(axis=0, dtype=np.float64), dtype=np.float32)

    return points_of


def projected(rows: Rows, dim: int) -> Points:
    """Embeddings (N, D), centred, on the first `dim` principal axes of the training ones."""

    def points_of(train: NDArray[np.bool_]) -> NDArray[np.float32]:
        mean, axes = principal_axes(rows[train], dim)
        return np.asarray(np.dot(rows.astype(np.float32) - mean, axes), dtype=np.float32)

    return points_of


def projected_pixels(rows: NDArray[np.uint8], dim: int) -> Points:
    """As `projected`, for rows (N, P) of so many pixels that only inner products of rows can be handled.

    Source: Schölkopf, Smola and Müller 1998, Neural Computation 10:1299, with the linear kernel.
    """
    products = _gram(rows)

    def points_of(train: NDArray[np.bool_]) -> NDArray[np.float32]:
        middle = products[:, train].mean(axis=1)
        about = products - middle[:, None] - middle[None, :] + products[np.ix_(train, train)].mean()
        values, vectors = np.linalg.eigh(about[np.ix_(train, train)])  # ascending
        values, vectors = values[::-1][:dim], vectors[:, ::-1][:, :dim]
        return np.asarray(about[:, train] @ vectors / np.sqrt(values), dtype=np.float32)

    return points_of


def _gram(rows: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Inner products (N, N) of rows less their overall mean, summed over slices of columns."""
    total = np.zeros((len(rows), len(rows)))
    for start in range(0, rows.shape[1], COLUMNS):
        part = rows[:, start : start + COLUMNS].astype(np.float32)
        part -= part.mean(axis=0)
        total += part @ part.T
    return total
