"""What is held out: each recording in turn, or each block of a single recording with a gap on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.evaluate.recordings import Labelled


@dataclass(frozen=True, slots=True)
class Fold:
    """One part that is held out."""

    name: str
    recording: int
    first: int
    stop: int
    """Labelled exposures first <= e < stop of the recording are scored."""
    gap: int
    """Exposures on either side that are neither taught nor scored; the live line runs in over them."""

    def scored(self, recording: int, exposure: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which exposures (N,) of a recording are scored."""
        return (exposure >= self.first) & (exposure < self.stop) & (recording == self.recording)

    def streamed(self, recording: int, exposure: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which exposures (N,) of a recording the live line is run over: the scored ones and the gap."""
        near = (exposure >= self.first - self.gap) & (exposure < self.stop + self.gap)
        return near & (recording == self.recording)


def folds(recordings: Sequence[Labelled], blocks: int, gap: int) -> tuple[Fold, ...]:
    """Leave one recording out, or one block of the only recording.

    Raises:
        ConfigError: the gap is too short to keep live frames apart, or too long for the recording.
    """
    if len(recordings) > 1:
        return tuple(
            Fold(recording.name, position, 0, recording.exposures, 0) for position, recording in enumerate(recordings)
        )
    only = recordings[0]
    problems = _problems(only, blocks, gap)
    if problems:
        raise ConfigError(problems)
    edges = np.linspace(0, only.exposures, blocks + 1).round().astype(np.int64).tolist()
    return tuple(
        Fold(f"block {number} of {blocks}", 0, first, stop, gap)
        for number, (first, stop) in enumerate(pairwise(edges), start=1)
    )


def _problems(only: Labelled, blocks: int, gap: int) -> list[str]:
    problems = []
    if blocks < 2:
        problems.append(f"--blocks {blocks}: a single recording is held out block by block, expected at least 2")
    if gap < 2 * only.interval:
        problems.append(
            f"--gap {gap}: live frames reach {only.interval} exposures back and forth, so that neighbours share "
            f"pictures; expected at least {2 * only.interval}"
        )
    if blocks >= 1 and only.exposures // blocks < gap:
        problems.append(
            f"--blocks {blocks} --gap {gap}: {only.name} has {only.exposures} exposures, so that a gap is longer than "
            "a block; use fewer blocks, a shorter gap, or a longer recording"
        )
    return problems


def check_labels(recordings: Sequence[Labelled], names: Sequence[str], parts: Sequence[Fold]) -> None:
    """Refuse labels with which nothing can be measured.

    Raises:
        ConfigError: there are fewer than two labels, or one occurs in a single fold, where it was never taught.
    """
    if len(names) < 2:
        got = f"only {names[0]!r}" if names else "none"
        raise ConfigError(
            [f"got {got} as label, expected at least two: what is one thing only can always be named; label more"]
        )
    problems = []
    for position, name in enumerate(names):
        where = [part.name for part in parts if _occurs(recordings[part.recording], part, position)]
        if len(where) == 1:
            problems.append(
                f"the label {name!r} occurs in {where[0]} only, so that it is never known when it is asked for; "
                f"use other blocks or more recordings, or leave it out with --leave-out {name}"
            )
    if problems:
        raise ConfigError(problems)


def _occurs(recording: Labelled, part: Fold, label: int) -> bool:
    return bool(np.any(recording.label_of[part.first : part.stop] == label))
