"""What the two animals of the synthetic arena do, and when: the ground truth."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selfee_rt.config import AnomalyEvent

LABELS = ("nothing", "chasing", "winging", "copulation")
"""Every label there is; the names of the labelled courtship recordings."""

ACT_S = 60.0
"""The script is a series of acts of this length. Each holds every label, begins and ends with `nothing`."""

APPROACH_S = 2.5
"""The last part of a `nothing` before courtship, in which the male walks up to the female."""

_EPISODES = 3
_PART_AS_S = 1.5
"""An animal out of order stops courting this long before, and does not begin again until `_RECOVER_S` after."""
_RECOVER_S = 3.0
_SHORTEST_S = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of media time with one label; `stop_s` is exclusive."""

    label: str
    start_s: float
    stop_s: float


class Script:
    """Says for every instant which behaviour is going on; a pure function of the seed and the anomalies asked for.

    It lives in media time, so the frame rate does not change the story, and is made act by act from (seed, act),
    so it needs no history.

    >>> script = Script(seed=1)
    >>> sorted({script.at(second).label for second in range(60)})
    ['chasing', 'copulation', 'nothing', 'winging']
    """

    def __init__(self, seed: int, anomalies: Sequence[AnomalyEvent] = ()) -> None:
        self._seed = seed
        self._anomalies = tuple(anomalies)
        self._act: tuple[int, tuple[Segment, ...]] = (-1, ())

    def at(self, t_s: float) -> Segment:
        """The segment of the act that holds media time `t_s` (seconds, not negative)."""
        number = int(t_s // ACT_S)
        if self._act[0] != number:
            self._act = (number, tuple(_merged(self._interrupted(_act(self._seed, number)))))
        segments = self._act[1]
        return next((segment for segment in segments if t_s < segment.stop_s), segments[-1])

    def anomaly(self, t_s: float) -> str | None:
        """The anomaly that is shown at media time `t_s`, None for none; of several the first in the list."""
        return next((event.what for event in self._anomalies if _during(event, t_s)), None)

    def events(self, t_s: float) -> tuple[AnomalyEvent, ...]:
        """Every anomaly that is shown at media time `t_s`."""
        return tuple(event for event in self._anomalies if _during(event, t_s))

    def _interrupted(self, segments: Sequence[Segment]) -> Sequence[Segment]:
        """Freezing and an odd gait interrupt courtship: their label is `nothing`."""
        for event in self._anomalies:
            if event.what != "third_object":
                segments = [piece for segment in segments for piece in _interrupt(segment, event)]
        return segments


def _during(event: AnomalyEvent, t_s: float) -> bool:
    return event.start_s <= t_s < event.start_s + event.seconds


def _interrupt(segment: Segment, event: AnomalyEvent) -> Iterator[Segment]:
    """What remains of a segment beside an event, the rest being `nothing`."""
    part_s, recover_s = event.start_s - _PART_AS_S, event.start_s + event.seconds + _RECOVER_S
    if segment.label == "nothing" or segment.stop_s <= part_s or segment.start_s >= recover_s:
        yield segment
    elif part_s - segment.start_s >= _SHORTEST_S:
        yield Segment(segment.label, segment.start_s, part_s)
        yield Segment("nothing", part_s, segment.stop_s)
    else:
        yield Segment("nothing", segment.start_s, segment.stop_s)


def _merged(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Join neighbours of one label."""
    last = segments[0]
    for segment in segments[1:]:
        if segment.label == last.label:
            last = Segment(last.label, last.start_s, segment.stop_s)
        else:
            yield last
            last = segment
    yield last


def _act(seed: int, number: int) -> tuple[Segment, ...]:
    """One act: episodes of courtship between pauses, one of them ending in copulation."""
    rng = random.Random(f"script {seed} {number}")
    plan = list(_plan(rng))
    stretch = ACT_S / sum(seconds for _, seconds in plan)
    segments, start_s = [], number * ACT_S
    for label, seconds in plan:
        segments.append(Segment(label, start_s, start_s + seconds * stretch))
        start_s = segments[-1].stop_s
    return tuple(segments)


def _plan(rng: random.Random) -> Iterator[tuple[str, float]]:
    """Labels and durations in seconds, before they are stretched to the act's length."""
    successful = rng.randrange(_EPISODES)
    for episode in range(_EPISODES):
        yield "nothing", rng.uniform(4.5, 9.0)
        for _ in range(rng.choice((1, 2))):
            courtship = ["chasing", "winging"]
            rng.shuffle(courtship)
            for label in courtship:
                yield label, rng.uniform(2.0, 5.0)
        if episode == successful:
            yield "copulation", rng.uniform(6.0, 11.0)
    yield "nothing", rng.uniform(4.5, 7.0)
