"""Bounds on how often and for how long there is light: of one rule, or of one subject over all its rules."""

from collections import deque

from selfee_rt.clock import NS_PER_S
from selfee_rt.config import LimitsConfig

MINUTE_NS = 60 * NS_PER_S
US_PER_S = 1_000_000


class Limits:
    """Counts stimuli, shams and tests alike, and says when one more would be too many.

    60 s end where they began a minute later: a stimulus no longer counts at the very instant.
    """

    def __init__(self, config: LimitsConfig, whose: str = "") -> None:
        self._whose = whose
        self._per_minute = config.per_minute
        self._total_us = None if config.total_on_s is None else round(config.total_on_s * US_PER_S)
        self._latest_ns: deque[int] = deque(maxlen=config.per_minute or 0)
        """When the last ones began: as many as there may be in a minute."""
        self.light_us = 0
        """Light so far, as if shams had made it too."""

    def add(self, now_ns: int, light_us: int) -> None:
        """Count a stimulus that begins now."""
        self._latest_ns.append(now_ns)
        self.light_us += light_us

    def why_not(self, now_ns: int, light_us: int) -> str:
        """Why there may be no stimulus with so much light now; empty: there may."""
        if self.left_in_minute(now_ns) == 0:
            return f"{self._whose}{self._per_minute} trials in the last 60 s, limit {self._per_minute}"
        if self._total_us is not None and self.light_us + light_us > self._total_us:
            return (
                f"{self._whose}{self.light_us / US_PER_S:g} s of light so far, {light_us / US_PER_S:g} s more would "
                f"exceed the limit of {self._total_us / US_PER_S:g} s"
            )
        return ""

    def left_in_minute(self, now_ns: int) -> int | None:
        """Stimuli that may begin now; None: there is no such limit."""
        if self._per_minute is None:
            return None
        return self._per_minute - sum(now_ns - began_ns < MINUTE_NS for began_ns in self._latest_ns)

    @property
    def light_left_us(self) -> int | None:
        """Light that there may still be; None: there is no such limit."""
        return None if self._total_us is None else max(0, self._total_us - self.light_us)
