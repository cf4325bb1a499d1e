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

    Each exposure advances by none, one or two places of the template, and never twice in a row by none: a match lasts
    at least half and at most twice as long as the template, so that no single exposure resembles all of it. Two
    places count the distance twice; the first and the last place are never passed over. The cost is divided by the
    template's length, not the path's, for which the recursion would not be exact. Of overlapping stretches the
    cheapest is reported, as soon as nothing that overlaps it can become cheaper, so a match comes some exposures after
    its end.
    Source: Sakurai, Faloutsos and Yamamuro 2007, "Stream monitoring under the time warping distance", ICDE, 1046;
    the limits of the speed are those of Itakura 1975, IEEE Trans. ASSP 23:67.
    """

    def __init__(self, length: int, threshold: float) -> None:
        self._length = length
        self._threshold = threshold
        self._best: Match | None = None
        self._limit = float("inf")
        self._held: Match | None = None
        self._clear()

    @property
    def cost(self) -> float:
        """The lowest cost of a stretch that ends with the newest exposure; infinite while there is none."""
        return float(self._cost[:, -1].min()) / self._length

    def push(self, distance: NDArray[np.float64], index: int, media_ns: int) -> Match | None:
        """Take the distances (m,) >= 0 of the newest exposure to each place of the template; indices rise.

        Returns the match that is certain now, if any.
        """
        self._advance(distance, index, media_ns)
        certain, self._held = self._held, None
        if self._best is not None and self._is_final(self._best):
            certain, self._best = self._best, None
            self._cost[self._start[..., 0] <= certain.stop_index] = np.inf
        total = self._cost[:, -1].min()
        if total / self._length < self._threshold and (self._best is None or total < self._limit):
            start_index, start_media_ns = self._start[self._cost[:, -1].argmin(), -1].tolist()
            self._best = Match(start_index, index, start_media_ns, media_ns, float(total) / self._length)
            self._limit = float(total)
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
        # For each place the cheapest path to it that has just advanced, and that has just not: cost, and its beginning.
        self._cost = np.full((2, self._length), np.inf)
        self._start = np.zeros((2, self._length, 2), dtype=np.int64)
        self._best = None

    def _advance(self, distance: NDArray[np.float64], index: int, media_ns: int) -> None:
        """One step of the recursion, along the whole template at once; paths enter at place -1, and go on to 0."""
        places = self._length
        cheapest = np.full(places + 2, np.inf)
        cheapest[1] = 0.0
        cheapest[2:] = self._cost.min(axis=0)
        begun = np.empty((places + 2, 2), dtype=np.int64)
        begun[:2] = index, media_ns
        begun[2:] = np.where((self._cost[1] < self._cost[0])[:, None], self._start[1], self._start[0])
        by_one, by_two = cheapest[1:-1] + distance, cheapest[:-2] + 2 * distance
        by_two[1:2] = np.inf
        self._cost[1] = self._cost[0] + distance
        self._start[1] = self._start[0]
        self._cost[0] = np.minimum(by_one, by_two)
        self._start[0] = np.where((by_two < by_one)[:, None], begun[:-2], begun[1:-1])

    def _is_final(self, best: Match) -> bool:
        """True if every path that overlaps `best` is already at least as expensive."""
        return bool(((self._cost >= self._limit) | (self._start[..., 0] > best.stop_index)).all())
