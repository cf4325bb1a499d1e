"""Embeddings of several recordings as points on common axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.fit import principal_axes

SAME_RATE = 0.01
"""Relative difference of frame rates that are still one."""


@dataclass(frozen=True, eq=False)
class Points:
    """Each recording on the principal axes of all."""

    of: tuple[NDArray[np.float64], ...]
    """Per recording (N, d)."""
    explained: float
    """Share of the variance of all embeddings that the axes keep."""


def common_points(recordings: Sequence[Embedded], dim: int) -> Points:
    """Centre all embeddings on their mean and take their first `dim` principal axes; each recording counts by length.

    Raises:
        ConfigError: the embeddings do not vary in so many dimensions.
    """
    rows = np.concatenate([recording.embedding for recording in recordings])
    most = min(rows.shape[1], len(rows) - 1)
    if dim > most:
        raise ConfigError(
            [
                f"--project {dim}: got {rows.shape[1]} dimensions and {len(rows)} embeddings, expected at most {most}; "
                "project to fewer"
            ]
        )
    mean, axes = principal_axes(rows, dim)
    points = tuple(_projected(each, mean, axes) for each in recordings)
    scale = np.concatenate(points).std(axis=0, dtype=np.float64)
    if scale.min() <= 1e-6 * scale.max():
        raise ConfigError(
            [
                f"--project {dim}: the embeddings vary in {np.count_nonzero(scale > 1e-6 * scale.max())} dimensions; "
                "project to fewer, or use recordings in which something happens"
            ]
        )
    total = rows.var(axis=0, dtype=np.float64).sum()
    return Points(points, float((scale**2).sum() / total))


def _projected(recording: Embedded, mean: NDArray[np.float32], axes: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray((recording.embedding.astype(np.float32) - mean) @ axes, dtype=np.float64)


def check_model(recordings: Sequence[Embedded]) -> None:
    """Refuse embeddings of different models, which have nothing in common.

    Raises:
        ConfigError: names each recording whose model is not the first one's.
    """
    first = recordings[0]
    problems = [
        f"{each.name} was embedded by the model {each.model_id[:12]}, {first.name} by {first.model_id[:12]}; "
        "embeddings of different models cannot be compared: embed both with one"
        for each in recordings[1:]
        if each.model_id != first.model_id
    ]
    if problems:
        raise ConfigError(problems)


def check_rate(recordings: Sequence[Embedded]) -> None:
    """Refuse recordings of different frame rates, whose dynamics per exposure cannot be compared.

    Raises:
        ConfigError: names each recording whose rate is not the first one's.
    """
    first = recordings[0]
    problems = [
        f"{each.name} has {each.fps:g} fps, {first.name} {first.fps:g}; analyse recordings of one frame rate together"
        for each in recordings[1:]
        if abs(each.fps - first.fps) > SAME_RATE * first.fps
    ]
    if problems:
        raise ConfigError(problems)
