"""Whether a rule may fire, and until when."""

from dataclasses import dataclass
from typing import Literal

from selfee_rt.clock import NS_PER_S

WARN_NS = 300 * NS_PER_S
"""So long before its end comes the warning, unless it lasts no longer than that."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened to a rule by itself, to be logged as an action."""

    action: Literal["arming_ends_soon", "arming_ended"]
    rule: str
    why: str


class Arming:
    """Lasts a fixed media time from the last `arm`; a rule begins disarmed."""

    def __init__(self, rule: str, lasts_ns: int) -> None:
        self._rule = rule
        self._lasts_ns = lasts_ns
        self._until_ns: int | None = None
        self._warn_from_ns: int | None = None

    @property
    def armed(self) -> bool:
        """Whether it is armed."""
        return self._until_ns is not None

    def arm(self, now_ns: int) -> None:
        """Arm from now on; while armed it begins anew."""
        self._until_ns = now_ns + self._lasts_ns
        self._warn_from_ns = self._until_ns - WARN_NS if self._lasts_ns > WARN_NS else None

    def disarm(self) -> bool:
        """Disarm; return whether it was armed."""
        was_armed = self.armed
        self._until_ns = self._warn_from_ns = None
        return was_armed

    def end(self, why: str) -> Notice | None:
        """Disarm because of something that nobody asked for."""
        return Notice("arming_ended", self._rule, why) if self.disarm() else None

    def advance(self, now_ns: int) -> Notice | None:
        """Let time pass; return what has come of it."""
        if self._until_ns is None:
            return None
        if now_ns >= self._until_ns:
            return self.end(f"it was armed for {self._lasts_ns / NS_PER_S:g} s")
        if self._warn_from_ns is None or now_ns < self._warn_from_ns:
            return None
        self._warn_from_ns = None
        left_s = (self._until_ns - now_ns) / NS_PER_S
        return Notice("arming_ends_soon", self._rule, f"{left_s:.0f} s are left of {self._lasts_ns / NS_PER_S:g} s")

    def left_ns(self, now_ns: int) -> int | None:
        """Until it ends; None: it is not armed."""
        return None if self._until_ns is None else max(0, self._until_ns - now_ns)
