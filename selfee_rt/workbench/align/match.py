"""Which edge of the device is which edge of the other recorder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import AlignmentError
from selfee_rt.types import read_only
from selfee_rt.workbench.align.chain import Pair, Times, chain_from, prediction
from selfee_rt.workbench.align.resolution import step_s
from selfee_rt.workbench.align.seeds import seeds

FEWEST = 10
"""Pairs that an alignment needs; chance makes chains of hardly more than a seed."""
COARSEST_S = 0.00101
"""A recorder that counts more coarsely cannot tell the pauses from each other."""
RIVAL = 0.5
"""A second way to align that explains this part of the pairs of the first makes both worthless."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A stretch in which both clocks run without a jump."""

    jump_s: float | None
    """By how much the other recorder's clock jumped ahead of the device's before it; None: it is the first."""
    device: NDArray[np.int64]
    """(K,) places of the device's edges that have a partner, rising."""
    other: NDArray[np.int64]
    """(K,) places of their partners, rising."""


def match(times: Times) -> tuple[Segment, ...]:
    """Find the correspondence, in the order of time; a new segment begins where one of the clocks has jumped.

    Both clocks may be off by any offset, drift by up to 0.6 %, and lack edges or have some too many.

    Raises:
        AlignmentError: there are too few edges, there is no correspondence, or more than one.
    """
    _check_enough(times)
    times = replace(times, step_s=_checked_step_s(times))
    chosen: list[list[Pair]] = []
    for chain in sorted(_chains(times), key=len, reverse=True):
        rivals = [each for each in chosen if not _one_after_the_other(each, chain)]
        if not rivals:
            chosen.append(chain)
        elif len(chain) >= RIVAL * max(map(len, rivals)):
            raise AlignmentError(_ambiguous(times, max(rivals, key=len), chain))
    if not chosen:
        raise AlignmentError(
            f"the pauses between the {len(times.other_s)} edges in the file are not those between the "
            f"{len(times.device_s)} pulses of the session's device: nowhere do {FEWEST} follow each other alike; is it "
            "the channel of the sync output, recorded during this session, rising edges only, in the unit given?"
        )
    return tuple(_segments(times, sorted(chosen)))


def _check_enough(times: Times) -> None:
    for name, edges in (("the session's device reported", times.device_s), ("the file has", times.other_s)):
        if len(edges) < FEWEST:
            raise AlignmentError(
                f"{name} {len(edges)} edges, expected {FEWEST} at least; pulses come about once a second, so record "
                "both for longer"
            )


def _checked_step_s(times: Times) -> float:
    coarse_s = step_s(times.other_s)
    if coarse_s > COARSEST_S:
        raise AlignmentError(
            f"the times in the file are multiples of {coarse_s:g} s, expected of 1 ms or less; export them with more "
            "decimals, or as samples, or record the sync output with 1000 samples per second or more"
        )
    return coarse_s


def _chains(times: Times) -> list[list[Pair]]:
    """All ways to align that more edges confirm than chance could."""
    taken: set[Pair] = set()
    chains = []
    for i, j in seeds(times.device_s, times.other_s).tolist():
        if (i, j) not in taken:
            chain = chain_from(times, i, j, taken)
            if len(chain) >= FEWEST:
                taken.update(chain)
                chains.append(chain)
    return chains


def _one_after_the_other(one: Sequence[Pair], other: Sequence[Pair]) -> bool:
    first, second = (one, other) if one[0] < other[0] else (other, one)
    return first[-1][0] < second[0][0] and first[-1][1] < second[0][1]


def _ambiguous(times: Times, one: Sequence[Pair], other: Sequence[Pair]) -> str:
    ways = [
        f"pulse at {times.device_s[i]:.3f} s of the device is edge at {times.other_s[j]:.3f} s ({len(pairs)} pairs)"
        for pairs in (one, other)
        for i, j in pairs[:1]
    ]
    return (
        f"the edges can be aligned in two ways: {ways[0]}, or {ways[1]}; expected pulses at random pauses, each in the "
        "file once: one channel of one recording, rising edges only"
    )


def _segments(times: Times, chains: Sequence[list[Pair]]) -> Iterator[Segment]:
    """Put chains together between which no clock has jumped: there, edges were only missing."""
    pairs, jump_s = list(chains[0]), None
    for chain in chains[1:]:
        i, j = chain[0]
        expected_s, leeway_s = prediction(times, pairs, float(times.device_s[i]))
        off_s = float(times.other_s[j]) - expected_s
        if abs(off_s) <= leeway_s:
            pairs += chain
        else:
            yield _segment(jump_s, pairs)
            pairs, jump_s = list(chain), off_s
    yield _segment(jump_s, pairs)


def _segment(jump_s: float | None, pairs: Sequence[Pair]) -> Segment:
    device, other = np.array(pairs, np.int64).T
    return Segment(jump_s, read_only(device.copy()), read_only(other.copy()))
