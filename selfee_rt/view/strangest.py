"""The strangest moments of a session: its highest alarms."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selfee_rt.clock import NS_PER_S
from selfee_rt.view.decode import Preview
from selfee_rt.wire import ObservationMessage

MERGE_S = 1.0
"""Exposures with an alarm that are less apart than this are one moment."""
KEPT = 200
"""Moments; the least strange are forgotten."""


@dataclass(slots=True)
class Moment:
    """One alarm of one arena, from its first exposure to its last; `index` and `media_ns` are its strangest one's."""

    arena: str
    index: int
    media_ns: int
    scores: dict[str, float]
    first_ns: int
    last_ns: int
    picture: Preview | None = None
    """Of the moment, once there is one."""
    refused: bool = False
    """Whether no picture of it can be had any more."""


class Strangest:
    """Takes observations in any order; detectors are compared by how far above their own mean their score is."""

    def __init__(self, fps: float, detectors: Sequence[str]) -> None:
        self._merge_ns = round(max(MERGE_S, 2 / fps) * NS_PER_S)
        self._spread = {name: _Spread() for name in detectors}
        self._moments: list[Moment] = []

    def push(self, message: ObservationMessage) -> None:
        """Take one observation."""
        scores = message.scores.items()
        known = {name: score for name, score in scores if score is not None and name in self._spread}
        for name, score in known.items():
            self._spread[name].push(score)
        if message.alarm and known:
            self._alarmed(message, known)

    def forget(self) -> None:
        """Forget the moments; how far scores spread is still known."""
        self._moments = []

    def best(self, count: int, arena: str | None = None) -> list[Moment]:
        """The strangest moments, the strangest first; in one arena, or in all."""
        chosen = [each for each in tuple(self._moments) if arena in (None, each.arena)]
        return sorted(chosen, key=self.height, reverse=True)[:count]

    def height(self, moment: Moment) -> float:
        """How strange it was: standard deviations above the mean so far, of the detector that says most."""
        return self._height(moment.scores)

    def _height(self, scores: Mapping[str, float]) -> float:
        return max(self._spread[name].standard(score) for name, score in scores.items())

    def _alarmed(self, message: ObservationMessage, scores: dict[str, float]) -> None:
        at_ns = message.media_ns
        for moment in reversed(self._moments):
            near = moment.first_ns - self._merge_ns <= at_ns <= moment.last_ns + self._merge_ns
            if moment.arena == message.arena and near:
                moment.first_ns, moment.last_ns = min(moment.first_ns, at_ns), max(moment.last_ns, at_ns)
                if self._height(scores) > self.height(moment):
                    moment.index, moment.media_ns, moment.scores = message.index or 0, at_ns, scores
                    moment.picture, moment.refused = None, False
                return
        self._moments.append(Moment(message.arena, message.index or 0, at_ns, scores, at_ns, at_ns))
        if len(self._moments) > KEPT:
            self._moments.remove(min(self._moments[:-1], key=self.height))


class _Spread:
    """Mean and standard deviation so far. Source: Welford 1962, Technometrics 4:419."""

    def __init__(self) -> None:
        self._count = 0
        self._mean = 0.0
        self._squares = 0.0

    def push(self, value: float) -> None:
        self._count += 1
        step = value - self._mean
        self._mean += step / self._count
        self._squares += step * (value - self._mean)

    def standard(self, value: float) -> float:
        deviation = math.sqrt(self._squares / self._count)
        return (value - self._mean) / deviation if deviation > 0 else 0.0
