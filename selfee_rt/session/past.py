"""Observations that can be looked back on while the session runs, packed, in constant memory."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np

from selfee_rt.types import Exposure, Observation, Stimulus

STIMULI: tuple[Stimulus, ...] = ("off", "on", "after")
UNKNOWN = -1
"""In `label` and `alarm`: not known."""
AT_ONCE = 10_000
"""Rows that are looked through without letting another thread run."""
FASTEST_HZ = 200.0
"""Beyond this frame rate less time is kept."""


class Past:
    """The last observations of every arena; written by the deciding thread, read by any, and neither waits.

    Rows count from 0 and keep their numbers; one row is one exposure, in all arenas. Memory is reserved at once and
    touched only as it is filled: 144 + 8 (labels + detectors) bytes for each exposure and arena.
    """

    def __init__(
        self, arenas: Sequence[str], labels: Sequence[str], detectors: Sequence[str], fps: float, seconds: float
    ) -> None:
        self.arenas, self.labels, self.detectors = tuple(arenas), tuple(labels), tuple(detectors)
        self.stop = 0
        """Number of the next row."""
        self._label_of: dict[str | None, int] = {label: place for place, label in enumerate(self.labels)}
        self._label_of[None] = UNKNOWN
        capacity = max(2, round(seconds * min(fps, FASTEST_HZ)))
        self._rows = np.zeros((capacity, len(self.arenas)), _dtype(len(self.labels), len(self.detectors)))

    def push(self, observations: tuple[Observation, ...]) -> None:
        """Add one exposure: an observation of each arena, in their order."""
        row = self._rows[self.stop % len(self._rows)]
        for place, observation in enumerate(observations):
            row[place] = self._packed(observation)
        self.stop += 1

    @property
    def start(self) -> int:
        """Number of the oldest row that can be read; the one before it may be being written over."""
        return max(0, self.stop - len(self._rows) + 1)

    def chosen(self, before_index: int | None, every: int, most: int) -> list[int]:
        """Numbers of the last `most` rows before an exposure whose index is a multiple of `every`, newest first."""
        start, stop = self.start, self.stop
        if before_index is not None:
            stop = bisect_left(range(stop), before_index, lo=start, key=self._index)
        chosen: list[int] = []
        while len(chosen) < most and stop > start:
            numbers = np.arange(max(start, stop - AT_ONCE), stop)
            index = self._rows["index"][numbers % len(self._rows), 0]
            chosen += numbers[index % every == 0][::-1].tolist()
            stop = int(numbers[0])
        return chosen[:most]

    def at(self, number: int) -> tuple[Observation, ...] | None:
        """The observations of one row; None: it has been forgotten meanwhile."""
        rows = self._rows[number % len(self._rows)].tolist()
        if number < self.start:
            return None
        return tuple(self._unpacked(arena, row) for arena, row in zip(self.arenas, rows, strict=True))

    @property
    def oldest_index(self) -> int | None:
        """Index of the oldest exposure that can be read; None: there is none."""
        return self._index(self.start) if self.stop else None

    def _index(self, number: int) -> int:
        return int(self._rows["index"][number % len(self._rows), 0])

    def _packed(self, item: Observation) -> tuple[Any, ...]:
        e = item.exposure
        return (
            e.index,
            e.stamps,
            item.label_index,
            self._label_of[item.label],
            item.probabilities is not None,
            item.probabilities or (np.nan,) * len(self.labels),
            tuple(_number(item.scores.get(name)) for name in self.detectors),
            UNKNOWN if item.alarm is None else int(item.alarm),
            STIMULI.index(item.stimulus),
            item.revision,
            (item.composed_ns, item.embedded_ns, item.observed_ns, item.decided_ns),
        )

    def _unpacked(self, arena: str, row: tuple[Any, ...]) -> Observation:
        index, stamps, label_index, label, has_probabilities, probabilities, scores, alarm, stimulus, revision, ns = row
        composed_ns, embedded_ns, observed_ns, decided_ns = map(int, ns)
        return Observation(
            arena=arena,
            exposure=Exposure(index, *map(int, stamps)),
            label_index=label_index,
            label=None if label == UNKNOWN else self.labels[label],
            probabilities=tuple(map(float, probabilities)) if has_probabilities else None,
            scores={name: _known(score) for name, score in zip(self.detectors, scores, strict=True)},
            alarm=None if alarm == UNKNOWN else bool(alarm),
            stimulus=STIMULI[stimulus],
            revision=revision,
            composed_ns=composed_ns,
            embedded_ns=embedded_ns,
            observed_ns=observed_ns,
            decided_ns=decided_ns,
        )


def _dtype(labels: int, detectors: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("index", np.int64),
            ("exposure_ns", np.int64, (7,)),
            ("label_index", np.int64),
            ("label", np.int16),
            ("has_probabilities", np.bool_),
            ("probabilities", np.float64, (labels,)),
            ("scores", np.float64, (detectors,)),
            ("alarm", np.int8),
            ("stimulus", np.int8),
            ("revision", np.int64),
            ("stages_ns", np.int64, (4,)),
        ]
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
