"""Dynamic time warping of one recording onto another, which says how far along the other each of its moments is.

Every step of the query costs its distance to the reference once, while the reference moves on by 0, 1 or 2 steps.
Sources: Sakoe and Chiba 1978, IEEE Transactions on Acoustics, Speech and Signal Processing 26:43 (asymmetric form);
this step pattern: Giorgino 2009, Journal of Statistical Software 31(7), as used by Jia et al. 2022, eLife 11:e76218.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.types import read_only

MOST_CELLS = 400_000_000
"""Query steps times reference steps; a byte each."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where in the reference each step of the query is."""

    reference_step: NDArray[np.int64]
    """(n,) never falling; from 0 to the reference's last step, or to any where the end is open."""
    distance: float
    """Mean cosine distance along the path: 0 the same, 1 unrelated, 2 opposite."""


def align(query: NDArray[np.float32], reference: NDArray[np.float32], *, open_end: bool = False) -> Alignment:
    """Align directions: points (n, d) and (m, d) of length 1, both beginning together.

    Args:
        query: the recording that is warped.
        reference: what it is warped onto.
        open_end: the query may end anywhere in the reference, instead of at its end.

    Raises:
        ConfigError: the reference cannot be reached in so few steps, or the recordings are too long for the memory.
    """
    _check(len(query), len(reference), open_end)
    total = _distances(query[0], reference)
    total[1:] = np.inf
    moved = np.zeros((len(query), len(reference)), dtype=np.uint8)
    ways = np.full((3, len(reference)), np.inf)
    for step in range(1, len(query)):
        ways[0], ways[1, 1:], ways[2, 2:] = total, total[:-1], total[:-2]
        moved[step] = ways.argmin(axis=0)
        total = ways.min(axis=0) + _distances(query[step], reference)
    last = int(total.argmin()) if open_end else len(reference) - 1
    return Alignment(read_only(_walked_back(moved, last)), float(total[last] / len(query)))


def _distances(direction: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(1.0 - reference @ direction, dtype=np.float64)


def _walked_back(moved: NDArray[np.uint8], last: int) -> NDArray[np.int64]:
    path = np.empty(len(moved), dtype=np.int64)
    path[-1] = last
    for step in range(len(moved) - 1, 0, -1):
        path[step - 1] = path[step] - moved[step, path[step]]
    return path


def _check(steps: int, reference_steps: int, open_end: bool) -> None:
    if reference_steps > 2 * steps - 1 and not open_end:
        raise ConfigError(
            [
                f"a recording of {steps} steps cannot be aligned with a reference of {reference_steps}: expected at "
                f"least {reference_steps // 2 + 1}, since the reference moves on by at most 2 steps at a time; use a "
                "longer recording, or --open-end"
            ]
        )
    if steps * reference_steps > MOST_CELLS:
        raise ConfigError(
            [
                f"{steps} steps against {reference_steps} do not fit in memory: got {steps * reference_steps} cells, "
                f"expected at most {MOST_CELLS}; average over longer steps, such as --step-s 1"
            ]
        )
