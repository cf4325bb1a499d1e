"""When a simulated LED shines: told by whoever simulates its device, asked by the synthetic camera that sees it."""

import threading
from collections import deque
from dataclasses import dataclass

from selfee_rt.stimuli import Train

NS_PER_US = 1000
MOST_TRAINS = 64
"""Trains that are remembered; a camera asks about instants at most some 100 ms ago."""


@dataclass(frozen=True, slots=True)
class _Shining:
    train: Train
    start_ns: int
    stop_ns: int
    """Exclusive; before the train's own end if it was switched off."""

    def at(self, at_ns: int) -> bool:
        if not self.start_ns <= at_ns < self.stop_ns:
            return False
        return (at_ns - self.start_ns) % (self.train.period_us * NS_PER_US) < self.train.width_us * NS_PER_US


class Light:
    """One LED, on the timeline of the source that sees it; any thread may tell it and ask it.

    That timeline is the host's clock behind a source that is paced, where an exposure's instant is when it was due,
    and the stream's own `media_ns` behind one that is not, whose frames have no instant on the host's clock.

    >>> light = Light()
    >>> light.shine(Train(width_us=5, period_us=25, pulses=2), start_ns=1000)
    >>> [light.is_on(at_ns) for at_ns in (999, 1000, 5999, 6000, 25_999, 26_000, 30_999, 31_000)]
    [False, True, True, False, False, True, True, False]
    """

    def __init__(self) -> None:
        self._trains: deque[_Shining] = deque(maxlen=MOST_TRAINS)
        self._changing = threading.Lock()

    def shine(self, train: Train, start_ns: int) -> None:
        """Play `train` from `start_ns` on, beside what may be playing."""
        with self._changing:
            self._trains.append(_Shining(train, start_ns, start_ns + train.length_us * NS_PER_US))

    def off(self, at_ns: int) -> None:
        """Switch off at `at_ns`: what would have shone from then on does not; what shone before remains true."""
        with self._changing:
            cut = (_Shining(each.train, each.start_ns, min(each.stop_ns, at_ns)) for each in tuple(self._trains))
            self._trains = deque((each for each in cut if each.start_ns < each.stop_ns), maxlen=MOST_TRAINS)

    def is_on(self, at_ns: int) -> bool:
        """Whether it shines at this instant."""
        with self._changing:
            return any(each.at(at_ns) for each in self._trains)
