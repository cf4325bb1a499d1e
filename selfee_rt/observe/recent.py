"""What was observed last, in bounded memory: a person can label it while it is remembered."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import ControlError
from selfee_rt.types import Embeddings, Observation, read_only


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What was observed of one arena in a span of exposures and may be taught, oldest first; never empty."""

    embedding: NDArray[np.float16]
    """(n, D) as stored."""
    said: tuple[str | None, ...]
    """The label that each observation carried."""
    start_index: int
    start_media_ns: int
    stop_index: int
    """Inclusive, as is `start_index`: the first and last that were observed."""
    stop_media_ns: int


class Recent:
    """The last `capacity` observed exposures of every arena, by the exposure that their label describes.

    One thread pushes, any other may look. Memory is bounded by `capacity` observations and embeddings per arena:
    at 30 exposures a second, 60 s and 2,048 dimensions 15 MB. With `capacity` None the caller forgets by hand.
    """

    def __init__(self, arenas: tuple[str, ...], capacity: int | None) -> None:
        self._arenas = arenas
        self._capacity = capacity
        self._seen: deque[tuple[Embeddings, tuple[Observation, ...]]] = deque(maxlen=capacity)

    def __len__(self) -> int:
        return len(self._seen)

    def push(self, embeddings: Embeddings, observations: tuple[Observation, ...]) -> None:
        """Take one exposure; the oldest is forgotten when `capacity` is reached."""
        self._seen.append((embeddings, observations))

    def forget_before(self, index: int) -> None:
        """Forget what was said of exposures before `index`."""
        while self._seen and self._seen[0][1][0].label_index < index:
            self._seen.popleft()

    def last(self, seconds: float) -> tuple[int, int]:
        """First and last exposure, both inclusive, of the last `seconds` of the stream's own time.

        Raises:
            ControlError: that is longer than is remembered, or nothing has been observed.
        """
        seen = self._snapshot()
        newest = seen[-1][1][0]
        after_ns = label_media_ns(newest) - round(seconds * NS_PER_S)
        inside = [row[0] for _, row in seen if label_media_ns(row[0]) > after_ns]
        if len(inside) == len(seen) == self._capacity:
            held_s = (label_media_ns(newest) - label_media_ns(seen[0][1][0])) / NS_PER_S
            raise ControlError(
                f"got last_s {seconds:g}, expected less than the {held_s:.3g} s that are remembered; "
                "label a shorter span, or raise observe.teach_s for the next session"
            )
        return inside[0].label_index, newest.label_index

    def stretch(self, arena: str, first_index: int, last_index: int) -> Stretch:
        """What may be taught of `arena` between two exposures, both inclusive: observed, and without stimulus.

        Raises:
            ControlError: the span is empty, in the future, or older than what is remembered; or nothing in it was
                observed without a stimulus.
        """
        seen = self._snapshot()
        oldest, newest = seen[0][1][0].label_index, seen[-1][1][0].label_index
        span = f"got the exposures {first_index} to {last_index}"
        if last_index < first_index:
            raise ControlError(f"{span}, expected a last one that is not before the first; swap them")
        if last_index > newest:
            raise ControlError(f"{span}, expected none after {newest}, the newest observed; label what has been seen")
        if len(seen) == self._capacity and first_index < oldest:
            raise ControlError(
                f"{span}, expected none before {oldest}, the oldest that is remembered; label sooner, "
                "or raise observe.teach_s for the next session"
            )
        return self._choose(seen, self._arenas.index(arena), (first_index, last_index))

    def _snapshot(self) -> tuple[tuple[Embeddings, tuple[Observation, ...]], ...]:
        seen = tuple(self._seen)
        if not seen:
            raise ControlError("nothing has been observed yet; label again in a moment")
        return seen

    @staticmethod
    def _choose(
        seen: tuple[tuple[Embeddings, tuple[Observation, ...]], ...], row: int, span: tuple[int, int]
    ) -> Stretch:
        first_index, last_index = span
        inside = [
            (embeddings.vector[row], observations[row])
            for embeddings, observations in seen
            if first_index <= observations[row].label_index <= last_index
        ]
        chosen = [(vector, observation) for vector, observation in inside if observation.stimulus == "off"]
        if not chosen:
            raise ControlError(
                f"none of the exposures {first_index} to {last_index} can be taught: {len(inside)} were observed, "
                f"{len(inside)} of them during or just after a stimulus; choose a span that was observed without one"
            )
        start, stop = chosen[0][1], chosen[-1][1]
        return Stretch(
            embedding=read_only(np.array([vector for vector, _ in chosen], dtype=np.float16)),
            said=tuple(observation.label for _, observation in chosen),
            start_index=start.label_index,
            start_media_ns=label_media_ns(start),
            stop_index=stop.label_index,
            stop_media_ns=label_media_ns(stop),
        )


def label_media_ns(observation: Observation) -> int:
    """Time of the exposure that an observation's label describes."""
    exposure = observation.exposure
    return exposure.media_ns if observation.label_index == exposure.index else exposure.newest_media_ns
