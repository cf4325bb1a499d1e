"""Subsequence dynamic time warping over a stream, with constant work per exposure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of the stream that resembles the template; both ends inclusive."""

    start_index: int
    stop_index: int
    start_media_ns: int
    stop_media_ns: int
    cost: float
    """Sum of the distances along the warping path divided by the template's length; 0 is the template itself."""


class Spring:
    """Finds the stretches of a stream that warp to a template at a cost below `threshold`, each once and disjoint.

    Of overlapping stretches the cheapest is reported, as soon as nothing that overlaps it can become cheaper, so a
    match comes some exposures after its end. The cost is divided by the template's length, not the path's, for which
    the recursion would not be exact. The recursion along the template, d_i = c_i + min(d_(i-1), e_i), is solved for
    all i at once: d_i = C_i + min over k <= i of (e_k - C_(k-1)), with C the running sum of c.
    Source: Sakurai, Faloutsos and Yamamuro 2007, "Stream monitoring under the time warping distance", ICDE, 1046.
    """

    def __init__(self, length: int, threshold: float) -> None:
        self._length = length
        self._threshold = threshold
        self._place = np.arange(length)
        self._entered = np.empty((length, 2), dtype=np.int64)
        self._best: Match | None = None
        self._limit = float("inf")
        self._held: Match | None = None
        self._clear()

    @property
    def cost(self) -> float:
        """The lowest cost of a stretch that ends with the newest exposure; infinite before the first."""
        return float(self._cost[-1]) / self._length

    def push(self, distance: NDArray[np.float64], index: int, media_ns: int) -> Match | None:
        """Take the distances (m,) >= 0 of the newest exposure to each place of the template; indices rise.

        Returns the match that is certain now, if any.
        """
        self._advance(distance, index, media_ns)
        certain, self._held = self._held, None
        if self._best is not None and self._is_final(self._best):
            certain, self._best = self._best, None
            self._cost[self._start[:, 0] <= certain.stop_index] = np.inf
        if self.cost < self._threshold and (self._best is None or self._cost[-1] < self._limit):
            start_index, start_media_ns = self._start[-1].tolist()
            self._best = Match(start_index, index, start_media_ns, media_ns, self.cost)
            self._limit = float(self._cost[-1])
        return certain

    def reset(self) -> None:
        """Begin anew: no match spans a break. What had matched before it is reported by the next `push`."""
        best = self._best
        self._clear()
        self._held = self._held if best is None else best

    def finish(self) -> Match | None:
        """Return the match that was not certain yet when the stream ended, and begin anew."""
        self.reset()
        held, self._held = self._held, None
        return held

    def _clear(self) -> None:
        self._cost = np.full(self._length, np.inf)
        self._start = np.zeros((self._length, 2), dtype=np.int64)  # exposure and its media time, per place
        self._best = None
        self._limit = np.inf

    def _advance(self, distance: NDArray[np.float64], index: int, media_ns: int) -> None:
        """One step of the recursion: the cheapest warping path to every place, and where it started."""
        before = np.concatenate(([0.0], self._cost[:-1]))
        stayed = self._cost < before
        self._entered[0] = index, media_ns
        self._entered[1:] = self._start[:-1]
        entered = np.where(stayed[:, None], self._start, self._entered)
        total = np.cumsum(distance)
        lead = np.where(stayed, self._cost, before) - (total - distance)
        lowest = np.minimum.accumulate(lead)
        begins = np.concatenate(([True], lead[1:] < lowest[:-1]))
        self._start = entered[np.maximum.accumulate(np.where(begins, self._place, 0))]
        self._cost = total + lowest

    def _is_final(self, best: Match) -> bool:
        """True if every path that overlaps `best` is already at least as expensive."""
        return bool(((self._cost >= self._limit) | (self._start[:, 0] > best.stop_index)).all())
