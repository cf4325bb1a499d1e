"""When each frame of a stream was exposed, and how many exposures are missing before it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from selfee_rt.clock import NS_PER_S

REORDERED_PERIODS = 4
"""A timestamp that falls back no further than this came out of order; further back, the stream's clock restarted."""
AHEAD_NS = 10 * NS_PER_S
"""A timestamp that runs further ahead of the host's clock than this in one step belongs to another clock."""
DELAYS = 100
"""Frames from whose arrival the least delay is known."""
MIN_STEPS = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame belongs."""

    index: int
    media_ns: int
    inferred: bool
    """True where `index` jumped."""


class Timeline:
    """Maps a stream's timestamps, which may restart, to one time that never goes back, and that to an index.

    `media_ns` is the stream's own timestamp relative to the first one. Where there is none, or `use_timestamps` is
    False, it advances with the host's clock, as the least delayed of the last frames arrived. Where the stream's clock
    restarts, it does so for one frame and then follows the new clock. A step of more than one and a half periods means
    that exposures are missing.

    >>> timeline = Timeline(period_ns=40, use_timestamps=True)
    >>> for timestamp, arrival in [(900, 5), (940, 44), (1060, 170), (1020, 171)]:
    ...     timeline.place(timestamp, arrival)
    Place(index=0, media_ns=0, inferred=False)
    Place(index=1, media_ns=40, inferred=False)
    Place(index=4, media_ns=160, inferred=True)
    >>> timeline.interrupted()
    >>> timeline.place(0, 370)
    Place(index=9, media_ns=366, inferred=True)
    """

    def __init__(self, *, period_ns: float, use_timestamps: bool) -> None:
        self._period_ns = period_ns
        self._use_timestamps = use_timestamps
        self._offset_ns: int | None = None
        """Media time less timestamp; None until there is a timestamp of the present clock."""
        self._delays_ns: deque[int] = deque(maxlen=DELAYS)
        """Arrival less media time of the last frames."""
        self._last: Place | None = None
        self._broken = False

    def interrupted(self) -> None:
        """Say that the stream was lost: at least one exposure is missing, and the timestamps may have restarted."""
        self._broken = True
        self._offset_ns = None

    def place(self, timestamp_ns: int | None, arrival_ns: int) -> Place | None:
        """Place the next frame; None for one that came out of order, whose exposure is counted as missing already.

        Args:
            timestamp_ns: the stream's own time of this frame; None where it has none.
            arrival_ns: host clock when it arrived; never falls.
        """
        timestamp_ns = timestamp_ns if self._use_timestamps else None
        if self._last is None:
            self._offset_ns = None if timestamp_ns is None else -timestamp_ns
            place: Place | None = Place(0, 0, False)
        else:
            place = self._after(self._last, timestamp_ns, arrival_ns)
        if place is not None:
            self._last, self._broken = place, False
            self._delays_ns.append(arrival_ns - place.media_ns)
        return place

    def _after(self, last: Place, timestamp_ns: int | None, arrival_ns: int) -> Place | None:
        by_arrival_ns = max(arrival_ns - min(self._delays_ns), last.media_ns + 1)
        if timestamp_ns is None:
            return self._advanced(last, by_arrival_ns)
        if self._offset_ns is None:
            return self._advanced(last, self._anchored(timestamp_ns, by_arrival_ns))
        media_ns = timestamp_ns + self._offset_ns
        if 0 <= last.media_ns - media_ns <= REORDERED_PERIODS * self._period_ns:
            return None
        if media_ns < last.media_ns or media_ns > by_arrival_ns + AHEAD_NS:
            self._broken = True
            media_ns = self._anchored(timestamp_ns, by_arrival_ns)
        return self._advanced(last, media_ns)

    def _anchored(self, timestamp_ns: int, media_ns: int) -> int:
        """Follow a new clock, whose present time is `media_ns`."""
        self._offset_ns = media_ns - timestamp_ns
        return media_ns

    def _advanced(self, last: Place, media_ns: int) -> Place:
        at_least = 2 if self._broken else 1
        exposures = max(at_least, round((media_ns - last.media_ns) / self._period_ns))
        return Place(last.index + exposures, media_ns, exposures > 1)


def frame_rate(times_ns: Sequence[int]) -> float | None:
    """Frames per second from the times of successive frames, some of which may be missing; None where too few.

    The median step finds the period, whole periods between the first and the last time refine it.

    >>> frame_rate([0, 33_000_000, 67_000_000, 133_000_000])
    30.075187969924812
    """
    steps = [later - earlier for earlier, later in pairwise(times_ns)]
    if len(steps) < MIN_STEPS or (period := median(steps)) <= 0:
        return None
    periods = sum(max(0, round(step / period)) for step in steps)
    return periods * NS_PER_S / (times_ns[-1] - times_ns[0])
