"""Whether a runtime keeps up with cameras, from what was measured, in words."""

import math
from dataclasses import dataclass
from typing import Literal

BUSY = 0.8
"""A load above it leaves no room for anything else on the machine."""
FARTHEST = 4
"""How many times the measured batch may be spoken of without measuring it."""

Answer = Literal["yes", "hardly", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Need:
    """What a session would ask for."""

    fps: float
    """Exposures a second."""
    arenas: int

    @property
    def interval_ms(self) -> float:
        """Time from one exposure to the next."""
        return 1000 / self.fps

    def __str__(self) -> str:
        return f"{self.fps:g} fps with {self.arenas} arena{'s' if self.arenas > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Pace:
    """Inference with one batch."""

    batch: int
    mean_ms: float
    p99_ms: float | None
    """None: too few inferences were timed for it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a pace meets a need, and why."""

    answer: Answer
    busy: float
    """Part of the time that inference takes, on average; above 1 it falls behind."""
    says: str


def verdict(pace: Pace, need: Need) -> Verdict:
    """Whether inference of all arenas at once keeps up with the exposures.

    >>> verdict(Pace(4, 13.7, 16.2), Need(30, 4)).says
    'yes, 41 % busy; p99 16.2 of 33.3 ms'
    """
    busy = pace.mean_ms / need.interval_ms
    answer, says = _answer(pace, need, busy)
    return Verdict(answer, busy, says)


def _answer(pace: Pace, need: Need, busy: float) -> tuple[Answer, str]:
    every = f"an exposure comes every {need.interval_ms:.1f} ms"
    if busy >= 1:
        return "no", f"no, an inference takes {pace.mean_ms:.1f} ms on average and {every}"
    percent = f"{busy * 100:.0f} % busy"
    if pace.p99_ms is None:
        return "unknown", f"{percent} on average; too few inferences to say how slow one in a hundred is"
    if pace.p99_ms > need.interval_ms:
        slow = f"one inference in a hundred takes {pace.p99_ms:.1f} ms or more"
        return "no", f"no, {slow} and {every}; {percent} on average"
    room = f"{percent}; p99 {pace.p99_ms:.1f} of {need.interval_ms:.1f} ms"
    return ("yes", f"yes, {room}") if busy <= BUSY else ("hardly", f"only while nothing else runs, {room}")


def arenas_that_fit(one: Pace | None, every: Pace, need: Need) -> int | None:
    """Most arenas for which `verdict` would say yes, by the straight line through two paces; None: no p99.

    `one` is the pace of a batch of one, `every` that of all arenas; without `one`, or where a larger batch is no
    slower, time is taken to rise in proportion to the batch. The slowest inferences are taken to be as much slower than
    the mean one as in `every`. Never more than `FARTHEST` times the batch of `every`: beyond it, measure.

    >>> arenas_that_fit(Pace(1, 5.0, 6.0), Pace(4, 11.0, 13.2), Need(30, 4))
    11
    """
    if every.p99_ms is None:
        return None
    most_ms = min(BUSY, every.mean_ms / every.p99_ms) * need.interval_ms
    each_ms, start_ms = _line(one, every)
    fit = math.floor((most_ms - start_ms) / each_ms + 1e-9)
    return max(0, min(fit, FARTHEST * every.batch))


def _line(one: Pace | None, every: Pace) -> tuple[float, float]:
    """Milliseconds per live frame, and those that any batch takes."""
    if one is not None and one.batch < every.batch and one.mean_ms < every.mean_ms:
        each_ms = (every.mean_ms - one.mean_ms) / (every.batch - one.batch)
        return each_ms, every.mean_ms - every.batch * each_ms
    return every.mean_ms / every.batch, 0.0


def room(fit: int | None, every: Pace) -> str:
    """How many arenas would fit, in words; empty where nothing can be said.

    >>> room(11, Pace(4, 11.0, 13.2)), room(16, Pace(4, 1.0, 1.2))
    ('about 11 arenas would fit', '16 arenas or more would fit')
    """
    if fit is None:
        return ""
    if fit == 0:
        return "not even one arena would fit"
    arenas = f"{fit} arena{'s' if fit > 1 else ''}"
    return f"{arenas} or more would fit" if fit == FARTHEST * every.batch else f"about {arenas} would fit"
