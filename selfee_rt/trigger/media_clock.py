"""The time that rules go by."""

from dataclasses import dataclass

from selfee_rt.types import Exposure


@dataclass(frozen=True, slots=True)
class Moment:
    """One exposure, and when it is: media time since the first observed exposure."""

    exposure: Exposure
    now_ns: int
    """Of the newest exposure of the live frame."""
    missed: bool
    """True: there may have been exposures before it that were not observed."""
    back_ns: int
    """How far the stream's own clock went back before it; 0: it did not."""


class MediaClock:
    """Counts media time from the first observed exposure, which is at `start_ns`, and never goes back.

    Where the stream's own clock does, one frame period is counted. A step of more than one and a half periods means
    that exposures are missing, as everywhere.
    """

    def __init__(self, frame_period_ns: int, start_ns: int = 0) -> None:
        self._period_ns = frame_period_ns
        self._last_ns: int | None = None
        """On the stream's own clock; None: nothing was observed yet."""
        self.now_ns = start_ns
        """Of the exposure that was observed last."""

    def advance(self, exposure: Exposure) -> Moment:
        """Go on to the next exposure."""
        last_ns = exposure.newest_media_ns if self._last_ns is None else self._last_ns
        now_ns = self._at(exposure)
        missed = self._last_ns is None or now_ns - self.now_ns > 1.5 * self._period_ns
        self.now_ns, self._last_ns = now_ns, exposure.newest_media_ns
        return Moment(exposure, now_ns, missed, back_ns=max(0, last_ns - exposure.newest_media_ns))

    def times_ns(self, exposure: Exposure) -> tuple[int, int, int]:
        """Times of the three exposures of the next live frame: past, current and newest one."""
        newest_ns, interval_ns = self._at(exposure), exposure.newest_media_ns - exposure.media_ns
        return newest_ns - 2 * interval_ns, newest_ns - interval_ns, newest_ns

    def _at(self, exposure: Exposure) -> int:
        if self._last_ns is None:
            return self.now_ns
        step_ns = exposure.newest_media_ns - self._last_ns
        return self.now_ns + (step_ns if step_ns >= 0 else self._period_ns)
