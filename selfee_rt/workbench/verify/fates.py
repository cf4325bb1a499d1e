"""The accounting identity: each exposure 0 … last has exactly one fate."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.folder import RECORDING_FAILED, SessionFolder
from selfee_rt.workbench.verify.report import Check

_HOPS = ("source", "background", "edge", "gap", "fault")


def check_fates(folder: SessionFolder) -> Iterator[Check]:
    """For each arena: observations and ranges of losses cover 0 … last, and none of them twice."""
    for arena in folder.record.arenas:
        observed = folder.integers("observations", "frame_index", arena=arena)
        lost = folder.integers("losses", "first_index", "last_index", arena=arena)
        problem = partition_problem(ranges(observed, lost), folder.last_index)
        n_lost = int((lost[:, 1] - lost[:, 0] + 1).sum())
        sums = f"{len(observed)} observed + {n_lost} lost = {folder.last_index + 1} exposures"
        yield Check(f"accounting, arena {arena}", problem is None, problem or sums)
    yield _known(folder)


def _known(folder: SessionFolder) -> Check:
    """Every row names an arena of the session and, if it is a loss, a hop that there is."""
    tables = ("observations", "losses", "bouts")
    arenas = set[str]().union(*(folder.distinct(name, "arena") for name in tables))
    hops = folder.distinct("losses", "hop")
    strange = sorted(arenas - set(folder.record.arenas))
    strange += sorted(hop for hop in hops if hop not in _HOPS and not hop.startswith("channel:"))
    found = f"{len(folder.record.arenas)} arenas; losses by {', '.join(sorted(hops)) or 'no hop'}"
    return Check("names", not strange, f"unknown: {', '.join(strange)}" if strange else found)


def check_exposures(folder: SessionFolder) -> Iterator[Check]:
    """An exposure has arrived and has a row, or it is a loss of the source: for each arena the same."""
    arrived = folder.integers("exposures", "frame_index")
    until = covered(folder, arrived)
    for arena in folder.record.arenas:
        missing = [(loss.first_index, loss.last_index) for loss in folder.losses(arena) if loss.hop == "source"]
        both = ranges(arrived, np.array(missing, np.int64).reshape(-1, 2))
        if not complete(folder):
            both = np.minimum(both[both[:, 0] <= until], until)
        problem = partition_problem(both, until)
        found = f"{len(arrived)} arrived, {until + 1 - int((arrived <= until).sum())} lost by the source, up to {until}"
        yield Check(f"exposures, arena {arena}", problem is None, problem or found)


def check_lag(folder: SessionFolder) -> Iterator[Check]:
    """A kill has cost at most the last second of exposures: they reach the log by another way than observations."""
    if folder.ended is not None:
        return
    arrived = int(folder.integers("exposures", "received_ns").max(initial=0))
    observed = int(folder.integers("observations", "received_ns").max(initial=0))
    behind_s = (observed - arrived) / NS_PER_S if arrived else 0.0
    yield Check("lag", behind_s < 1, f"the table of exposures is {max(behind_s, 0):.3f} s behind the observations")


def covered(folder: SessionFolder, arrived: NDArray[np.int64]) -> int:
    """Last exposure that both tables must know.

    The whole session where it ended in order. Where it was killed or recording failed, exposures and observations
    reach the log by different ways, and either may be ahead.
    """
    if complete(folder):
        return folder.last_index
    return min(folder.last_index, int(arrived.max(initial=-1)))


def complete(folder: SessionFolder) -> bool:
    """Whether the session and its recording ended in order, so that nothing at all may be missing."""
    return folder.ended is not None and folder.ended.how != RECORDING_FAILED


def ranges(single: NDArray[np.int64], lost: NDArray[np.int64]) -> NDArray[np.int64]:
    """(N, 1) indices and (M, 2) ranges as (N + M, 2) ranges, ends inclusive."""
    return np.concatenate([np.repeat(single.reshape(-1, 1), 2, axis=1), lost])


def partition_problem(fates: NDArray[np.int64], last_index: int) -> str | None:
    """Return the first reason why (N, 2) ranges, ends inclusive, do not cover 0 … `last_index` exactly once.

    >>> partition_problem(np.array([[0, 1], [2, 2]]), 2) is None
    True
    >>> partition_problem(np.array([[0, 1], [3, 3]]), 3)
    'exposure 2 has no fate'
    >>> partition_problem(np.array([[0, 2], [2, 3]]), 3)
    'exposure 2 has two fates'
    """
    backwards = fates[fates[:, 1] < fates[:, 0]]
    if len(backwards):
        return f"the range {backwards[0, 0]} … {backwards[0, 1]} runs backwards"
    fates = fates[np.lexsort((fates[:, 1], fates[:, 0]))]
    expected = np.concatenate([[0], fates[:, 1] + 1])
    first = np.concatenate([fates[:, 0], [last_index + 1]])
    wrong = np.flatnonzero(first != expected)
    if not len(wrong):
        return None
    at = int(wrong[0])
    if at == len(fates) and first[at] < expected[at]:
        return f"exposure {first[at]} has a fate, but the last one is said to be {last_index}"
    if first[at] < expected[at]:
        return f"exposure {first[at]} has two fates"
    return f"exposure {expected[at]} has no fate"
