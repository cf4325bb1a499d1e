"""Times never run backwards, and every table gives an exposure the same ones."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from selfee_rt.folder import SessionFolder
from selfee_rt.workbench.verify.report import Check

_STAGES = ("newest_received_ns", "composed_ns", "embedded_ns", "observed_ns", "decided_ns")
"""In the order in which an observation passes them."""


def check_stamps(folder: SessionFolder) -> Iterator[Check]:
    """Exposures arrive in order; an observation passes the stages in order, after the one before it."""
    arrivals = folder.integers("exposures", "frame_index", "media_ns", "received_ns")
    yield _rising("order of exposures", arrivals, ("frame_index", "media_ns", "received_ns"))
    for arena in folder.record.arenas:
        decided = folder.integers("observations", "frame_index", "decided_ns", arena=arena)
        yield _rising(f"order of observations, arena {arena}", decided, ("frame_index", "decided_ns"))
    yield _stages(folder)
    yield _agreement(folder)
    yield _bouts(folder)


def _rising(name: str, columns: NDArray[np.int64], names: tuple[str, ...]) -> Check:
    steps = np.diff(columns, axis=0)
    for column, step in zip(names, steps.T, strict=True):
        wrong = np.flatnonzero(step < 0)
        if len(wrong):
            return Check(name, False, f"{column} runs backwards after exposure {columns[wrong[0], 0]}")
    return Check(name, True, f"{len(columns)} rows, {', '.join(names)} never run backwards")


def _stages(folder: SessionFolder) -> Check:
    rows = folder.integers("observations", "frame_index", *_STAGES)
    wrong = np.flatnonzero((np.diff(rows[:, 1:], axis=1) < 0).any(axis=1))
    if len(wrong):
        return Check("stages", False, f"exposure {rows[wrong[0], 0]} passed the stages out of order")
    return Check(
        "stages", True, f"{len(rows)} observations were received, composed, embedded, observed, decided in order"
    )


def _agreement(folder: SessionFolder) -> Check:
    """An observation repeats the times of its exposure."""
    times = ("frame_index", "media_ns", "captured_ns", "received_ns")
    exposures = folder.integers("exposures", *times)
    observations = folder.integers("observations", *times)
    exposures = exposures[np.argsort(exposures[:, 0], kind="stable")]
    at = np.searchsorted(exposures[:, 0], observations[:, 0])
    known = at < len(exposures)
    observations, exposures = observations[known], exposures[at[known]]
    both = observations[:, 0] == exposures[:, 0]
    wrong = np.flatnonzero((observations[both] != exposures[both]).any(axis=1))
    if len(wrong):
        index = observations[both][wrong[0], 0]
        return Check("agreement", False, f"exposure {index} has other times in observations than in exposures")
    return Check("agreement", True, f"{int(both.sum())} observations have the times of their exposures")


def _bouts(folder: SessionFolder) -> Check:
    wrong = [bout for bout in folder.bouts() if not 0 <= bout.start_index <= bout.stop_index <= folder.last_index]
    if wrong:
        return Check("bouts", False, f"{wrong[0].start_index} … {wrong[0].stop_index} does not lie in the session")
    return Check("bouts", True, f"{sum(1 for _ in folder.bouts())} bouts lie in the session")
