"""Holding a key or a button for a second: what cannot happen by accident."""

from collections.abc import Callable
from dataclasses import dataclass

from selfee_rt.clock import NS_PER_S, now_ns

HOLD_S = 1.0


@dataclass(slots=True)
class Held:
    """What happens if it is held to the end."""

    says: str
    act: Callable[[], object]
    began_ns: int


class Hold:
    """At most one thing is held at a time; letting go before the end does nothing."""

    def __init__(self) -> None:
        self.held: Held | None = None

    def begin(self, says: str, act: Callable[[], object]) -> None:
        """A key or a button went down; another that is down already is let go of."""
        self.held = Held(says, act, now_ns())

    def release(self) -> None:
        """It came up, or the window lost the keyboard."""
        self.held = None

    @property
    def progress(self) -> float:
        """0 at the beginning, 1 when it happens."""
        return 0.0 if self.held is None else min(1.0, (now_ns() - self.held.began_ns) / (HOLD_S * NS_PER_S))

    def tick(self) -> None:
        """Let it happen, once, if it was held to the end."""
        held = self.held
        if held is not None and self.progress >= 1:
            self.held = None
            held.act()
