"""Onsets at times that are known before."""

from random import Random

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.config import ScheduleConfig
from selfee_rt.stimuli import Origin
from selfee_rt.trigger.media_clock import Moment
from selfee_rt.trigger.onsets import Onset
from selfee_rt.trigger.sight import Seen


def times_ns(schedule: ScheduleConfig, seed: int) -> tuple[int, ...]:
    """The times of a schedule, rising, in media time after the first observed exposure.

    >>> times_ns(ScheduleConfig(start_s=1, every_s=2, count=3), seed=0)
    (1000000000, 3000000000, 5000000000)
    """
    random = Random(f"jitter {seed}")
    return tuple(round((at_s + schedule.jitter_s * random.random()) * NS_PER_S) for at_s in schedule.nominal_s())


class Planned:
    """An onset falls on the first observed exposure at or after its time.

    Where exposures were missing and that is more than `max_age_ns` later, it is late.
    """

    def __init__(self, rising_ns: tuple[int, ...], *, origin: Origin, max_age_ns: int) -> None:
        self._rising_ns = rising_ns
        self._origin = origin
        self._max_age_ns = max_age_ns
        self._done = 0

    def push(self, moment: Moment, seen: Seen, *, again: bool) -> tuple[Onset, ...]:
        """Take one exposure."""
        first = self._done
        while self._done < len(self._rising_ns) and self._rising_ns[self._done] <= moment.now_ns:
            self._done += 1
        return tuple(self._onset(at_ns, moment) for at_ns in self._rising_ns[first : self._done])

    def _onset(self, at_ns: int, moment: Moment) -> Onset:
        waited_ns, late = moment.now_ns - at_ns, ""
        if moment.missed and waited_ns > self._max_age_ns:
            late = (
                f"nothing was observed for {waited_ns / NS_PER_MS:.6g} ms after its time, "
                f"max_age_ms {self._max_age_ns / NS_PER_MS:g}"
            )
        return Onset(self._origin, {"planned_ns": at_ns}, late=late)
