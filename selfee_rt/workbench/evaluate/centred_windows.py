"""The paper's windows, centred on each exposure: they need the future, so no session can use them.

Source: Jia et al. 2022, eLife 11:e76218, `Classification_mAP.py` of its repository: a window of w exposures reaches
w // 2 back and w // 2 on, and is shorter at the two ends of the recording.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.evaluate.running import UNKNOWN, Said, best, known


def centred_mode(probabilities: NDArray[np.float64], window: int) -> Said:
    """The most frequent label within each window, of equally frequent ones the first in order.

    `probabilities` (N, C) stay as they are; exposures without any have no vote.
    """
    single = best(probabilities)
    label_of = np.full(len(single), UNKNOWN, dtype=np.int64)
    for row, inside in _windows(len(single), window):
        votes = np.bincount(single[inside][single[inside] >= 0], minlength=probabilities.shape[1])
        if votes.any():
            label_of[row] = votes.argmax()
    return Said(label_of, probabilities)


def centred_mean(probabilities: NDArray[np.float64], window: int) -> Said:
    """The label with the highest mean probability within each window, and those means."""
    there = known(probabilities)
    means = np.full_like(probabilities, np.nan)
    for row, inside in _windows(len(means), window):
        if there[inside].any():
            means[row] = probabilities[inside][there[inside]].mean(axis=0)
    return Said(best(means), means)


def _windows(count: int, window: int) -> Iterator[tuple[int, slice]]:
    half = window // 2
    return ((row, slice(max(0, row - half), row + half + 1)) for row in range(count))
