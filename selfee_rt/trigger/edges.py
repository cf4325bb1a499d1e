"""Switches an output during a train, timed by the computer, without a thread of its own."""

import time
from collections.abc import Callable, Iterator

from selfee_rt.clock import NS_PER_MS, NS_PER_S, now_ns
from selfee_rt.stimuli import Train
from selfee_rt.trigger.guard import NS_PER_US

LOOKAHEAD_MS = 25
"""What falls due so soon is waited for, since the next `keep_alive` may come too late: it comes every 20 ms."""

SHORTEST_PAUSE_MS = 30
"""Between the pulses of a train: it must leave time for another call."""

Edge = tuple[int, bool]
"""Microseconds after the start of the train, and whether the output is on from then."""


def pulses(train: Train) -> Iterator[Edge]:
    """Every edge after the first: an output that makes the pulses itself."""
    yield train.width_us, False
    for start_us in range(train.period_us, train.pulses * train.period_us, train.period_us):
        yield start_us, True
        yield start_us + train.width_us, False


def envelope(train: Train) -> Iterator[Edge]:
    """Only the end of the last pulse: an output that is on during the whole train."""
    yield train.length_us, False


def unplayable(train: Train) -> str | None:
    """Why the pulses of `train` cannot be made in this way; None: they can."""
    pause_us = train.period_us - train.width_us
    if train.pulses == 1 or pause_us >= SHORTEST_PAUSE_MS * 1000:
        return None
    return (
        f"got pauses of {pause_us / 1000:g} ms between pulses, expected at least {SHORTEST_PAUSE_MS} ms, since the "
        "computer times them; make one long pulse, or use a device that times pulses itself"
    )


class Edges:
    """Plays the edges of one train after the other through `switch`, from the calls of the device's thread.

    An edge is on time to about a millisecond as long as the calls come every 20 ms. An edge that is so late that its
    successor is due is left out: a stall loses pulses, and never adds any.
    """

    def __init__(self, switch: Callable[[bool], None]) -> None:
        self._switch = switch
        self._later: Iterator[Edge] = iter(())
        self._next: Edge | None = None
        self._start_ns = 0
        self._withheld = False

    def begin(self, later: Iterator[Edge], start_ns: int, *, withheld: bool) -> None:
        """Take the edges after the first, which was at `start_ns`, and wait for those that are due soon."""
        self._later, self._start_ns, self._withheld = later, start_ns, withheld
        self._next = next(later, None)
        self.go_on(LOOKAHEAD_MS)

    def go_on(self, lease_ms: int) -> None:
        """Play what is due, and wait for what soon will be, within the lease; takes up to twice `LOOKAHEAD_MS`."""
        lease_until_ns = now_ns() + max(0, lease_ms) * NS_PER_MS
        while self._next is not None:
            edge = self._next
            if self._due_ns(edge) > min(now_ns() + LOOKAHEAD_MS * NS_PER_MS, lease_until_ns):
                return
            self._next = next(self._later, None)
            time.sleep(max(0, self._due_ns(edge) - now_ns()) / NS_PER_S)
            overtaken = self._next is not None and self._due_ns(self._next) <= now_ns()
            if not (overtaken or self._withheld):
                self._switch(edge[1])

    def stop(self) -> None:
        """Forget the train that is played; the output stays as it is."""
        self._next = None

    def _due_ns(self, edge: Edge) -> int:
        return self._start_ns + edge[0] * NS_PER_US
