"""Observed exposures and stretches of them, for tests of teaching."""

import numpy as np

from selfee_rt.observe.recent import Recent
from selfee_rt.types import Embeddings, Exposure, Observation

PERIOD_NS = 40_000_000
DIM = 6


def exposure(index, newest_ahead=2):
    newest = index + newest_ahead
    return Exposure(index, index * PERIOD_NS, 0, 0, newest, newest * PERIOD_NS, 0, 0)


def vector(index, arena_row=0):
    """An embedding (DIM,) that tells exposure and arena apart, exact in float16."""
    return np.array([index % 1024, index // 1024, arena_row, 1, -1, index % 7], dtype=np.float16)


def observed(index, arenas=("left",), label="still", stimulus="off", align="current"):
    """What `Recent.push` takes, for one exposure."""
    at = exposure(index)
    vectors = np.array([vector(index, row) for row in range(len(arenas))], dtype=np.float32)
    observations = tuple(
        Observation(
            arena=arena,
            exposure=at,
            label_index=at.index if align == "current" else at.newest_index,
            label=label,
            probabilities=None,
            scores={},
            alarm=None,
            stimulus=stimulus,
            revision=0,
            composed_ns=0,
            embedded_ns=0,
            observed_ns=0,
            decided_ns=0,
        )
        for arena in arenas
    )
    return Embeddings(at, vectors, "5" * 64, 0, 0, None), observations


def remember(indices, capacity=None, arenas=("left",), **kinds):
    recent = Recent(arenas, capacity)
    for index in indices:
        recent.push(*observed(index, arenas, **kinds))
    return recent
