"""How well embeddings separate labels: blocked cross-validation of the k-NN, macro F1 and mAP with intervals."""

from collections.abc import Callable, Iterator
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


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


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
    probabilities = np.full((len(frame_index), len(labels)), np.nan)
    for train, held_out in folds(frame_index, exposures, protocol):
        points = unit(points_of(train))
        knn = Knn(Bank(points[train], label_of[train], labels), protocol.knn)
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


def f1(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """Harmonic mean of precision and recall of one label: 2 TP / (2 TP + FP + FN)."""
    hits = np.count_nonzero(truth & predicted)
    return float(2 * hits / (np.count_nonzero(truth) + np.count_nonzero(predicted)))


def average_precision(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the precision-recall steps: sum over thresholds of (R_n - R_{n-1}) P_n; equal scores are one step.

    Source: Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, chapter 8; not interpolated.
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    last_of_step = np.append(np.diff(score[order]) != 0, True)
    hits, ranks = hits[last_of_step], np.flatnonzero(last_of_step) + 1
    gained = np.diff(hits, prepend=0)
    return float((gained * hits / ranks).sum() / hits[-1])


def macro(label_of: NDArray[np.int64], probabilities: NDArray[np.float64]) -> tuple[float, float]:
    """Macro F1 and mAP: the means over those labels that occur in `label_of` (N,); `probabilities` (N, C)."""
    predicted = probabilities.argmax(axis=1)
    present = np.unique(label_of)
    f1s = [f1(label_of == label, predicted == label) for label in present]
    precisions = [average_precision(label_of == label, probabilities[:, label]) for label in present]
    return float(np.mean(f1s)), float(np.mean(precisions))


def with_intervals(
    label_of: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    *,
    block: int = 250,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[Interval, Interval]:
    """Macro F1 and mAP with 95 % percentile intervals of a circular block bootstrap.

    Neighbouring exposures are not independent, so runs of `block` examples are drawn, not single ones. The classifier
    is not taught anew: the interval is that of the measurement on this recording, not of other animals.
    Source: Politis and Romano 1992, in LePage and Billard (eds), Exploring the Limits of Bootstrap.
    """
    rng = np.random.default_rng(seed)
    count = len(label_of)
    samples = []
    for _ in range(resamples):
        starts = rng.integers(0, count, size=-(-count // block))
        drawn = ((starts[:, None] + np.arange(block)) % count).ravel()[:count]
        samples.append(macro(label_of[drawn], probabilities[drawn]))
    low, high = np.percentile(samples, (2.5, 97.5), axis=0)
    value = macro(label_of, probabilities)
    return (
        Interval(value[0], float(low[0]), float(high[0])),
        Interval(value[1], float(low[1]), float(high[1])),
    )
