"""When the frames of a recording are due if it is played as a camera would have sent it."""

import time
from collections.abc import Callable

from selfee_rt import clock
from selfee_rt.config import Speed

MIN_TOLERANCE_NS = 100 * clock.NS_PER_MS
TOLERATED_PERIODS = 2


def tolerance_ns(fps: float, speed: Speed) -> int:
    """How late a reader may be before frames are dropped: 100 ms or two periods at this speed, whichever is longer."""
    if speed == "max":
        return MIN_TOLERANCE_NS
    return max(MIN_TOLERANCE_NS, round(TOLERATED_PERIODS * clock.NS_PER_S / (fps * speed)))


class Pace:
    """Maps media time to the host clock and waits for it; at speed `max` nothing is ever due, late or waited for.

    The first call of `due_ns` anchors the media time it is given to the host clock: that frame is due at once.
    A source that finds its next frame `too_late` goes on with the newest frame that is due (`media_due_ns`), so
    what a slow reader loses is a gap in the index and never a growing delay.

    Waiting sleeps for the remaining time in one piece. `time.sleep` is fine-grained on Windows too since Python 3.11,
    which uses a high-resolution timer there.

    >>> host = [1000]
    >>> pace = Pace(2.0, tolerance_ns=50, now=lambda: host[0], sleep=lambda s: host.append(host.pop() + round(s * 1e9)))
    >>> pace.due_ns(500), pace.due_ns(700)
    (1000, 1100)
    >>> pace.wait(1100, timeout_s=1.0), host
    (True, [1100])
    """

    def __init__(
        self,
        speed: Speed,
        *,
        tolerance_ns: int,
        now: Callable[[], int] = clock.now_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.speed: Speed = speed
        self._tolerance_ns = tolerance_ns
        self._now = now
        self._sleep = sleep
        self._anchor: tuple[int, int] | None = None
        """(media_ns, host ns) of the same instant."""

    def due_ns(self, media_ns: int) -> int | None:
        """Host time at which the frame of `media_ns` is due; None at speed `max`."""
        if self.speed == "max":
            return None
        if self._anchor is None:
            self._anchor = (media_ns, self._now())
        anchor_media, anchor_host = self._anchor
        return anchor_host + round((media_ns - anchor_media) / self.speed)

    def media_due_ns(self) -> int | None:
        """Media time that is due at this moment; None at speed `max` and before the first frame."""
        if self.speed == "max" or self._anchor is None:
            return None
        anchor_media, anchor_host = self._anchor
        return anchor_media + int((self._now() - anchor_host) * self.speed)

    def wait(self, due_ns: int, timeout_s: float) -> bool:
        """Sleep until `due_ns`, but no longer than `timeout_s`; return whether it has come."""
        until = min(due_ns, self._now() + round(timeout_s * clock.NS_PER_S))
        while (remaining := until - self._now()) > 0:
            self._sleep(remaining / clock.NS_PER_S)
        return until == due_ns

    def too_late(self, due_ns: int) -> bool:
        """Whether the reader asks for a frame so long after it was due that a camera would have dropped it."""
        return self._now() - due_ns > self._tolerance_ns
