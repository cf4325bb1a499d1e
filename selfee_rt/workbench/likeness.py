"""How alike two embedders see the same live frames: direction from the mean, and who is near whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ModelError
from selfee_rt.workbench.centred import centred, directions

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(N, 3, H, W) uint8 live frames to (N, D) float32."""

NEIGHBOURS = 10
NEAR_S = 1.0
"""Live frames of one recording that are closer in time are alike for that reason alone: they are no neighbours."""
BATCH = 16
ALIKE = 1e-5
"""Embeddings that differ by less, beside their largest component, differ by rounding alone."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two embedders have in common on the same live frames."""

    live_frames: int
    centred_cosine_median: float
    """Of each pair of embeddings, both centred on the first embedder's mean: all live frames are alike without that."""
    centred_cosine_p5: float
    """5th percentile."""
    centred_cosine_min: float
    neighbours_kept: float
    """Share of the 10 nearest (centred cosine) to a live frame that stay among its 10 nearest; mean over all."""
    neighbours_by_chance: float
    """What `neighbours_kept` would be of embeddings that have nothing in common."""

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into the card."""
        return {
            "live_frames": self.live_frames,
            "centred_cosine_median": round(self.centred_cosine_median, 5),
            "centred_cosine_p5": round(self.centred_cosine_p5, 5),
            "centred_cosine_min": round(self.centred_cosine_min, 5),
            "neighbours": NEIGHBOURS,
            "neighbours_at_least_s_apart": NEAR_S,
            "neighbours_kept": round(self.neighbours_kept, 4),
            "neighbours_by_chance": round(self.neighbours_by_chance, 4),
        }


def likeness(expected: Embed, got: Embed, images: NDArray[np.uint8], time_s: NDArray[np.float64]) -> Likeness:
    """Compare two embedders on live frames (N, 3, H, W) uint8, whose current exposures were at `time_s` (N,).

    Raises:
        ModelError: the live frames are too few or too near to each other, or all look the same to the first embedder.
    """
    far = np.abs(time_s[:, None] - time_s[None, :]) >= NEAR_S  # (N, N)
    _check_enough(far)
    one, other = _embedded(expected, images), _embedded(got, images)
    centre = one.mean(axis=0)
    if np.abs(one - centre).max() <= ALIKE * np.abs(one).max():
        raise ModelError(
            f"all {len(images)} live frames have the same embedding, so that nothing can be compared; give a video in "
            "which something moves"
        )
    expected_at, got_at = (directions(each) for each in centred(one, other))
    cosines = (expected_at * got_at).sum(axis=1)
    nearest = [_nearest(points, far) for points in (expected_at, got_at)]
    return Likeness(
        live_frames=len(images),
        centred_cosine_median=float(np.median(cosines)),
        centred_cosine_p5=float(np.percentile(cosines, 5)),
        centred_cosine_min=float(cosines.min()),
        neighbours_kept=float((nearest[0] & nearest[1]).sum() / (NEIGHBOURS * len(images))),
        neighbours_by_chance=float(np.mean(NEIGHBOURS / far.sum(axis=1))),
    )


def _check_enough(far: NDArray[np.bool_]) -> None:
    """Refuse what has too few candidates for a neighbour: most would stay by chance."""
    fewest = int(far.sum(axis=1).min())
    if fewest < 3 * NEIGHBOURS:
        raise ModelError(
            f"to compare neighbours, each live frame needs {3 * NEIGHBOURS} others at least {NEAR_S:g} s away, got "
            f"{fewest}; give a longer video"
        )


def _embedded(embed: Embed, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, D)."""
    return np.concatenate([embed(np.ascontiguousarray(images[i : i + BATCH])) for i in range(0, len(images), BATCH)])


def _nearest(points: NDArray[np.float64], far: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which (N, N) are among the 10 nearest of each row, of those far enough in time."""
    similarity = np.where(far, points @ points.T, -np.inf)
    which = np.argsort(-similarity, axis=1, kind="stable")[:, :NEIGHBOURS]
    found = np.zeros(far.shape, np.bool_)
    np.put_along_axis(found, which, values=True, axis=1)
    return found
