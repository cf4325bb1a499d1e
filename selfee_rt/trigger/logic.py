"""Joins conditions that are true, false or not known (None): Kleene's logic, and for how long something has held.

Source of the truth tables: Kleene 1952, Introduction to Metamathematics, section 64 (the strong connectives).
"""

from collections.abc import Sequence
from typing import Any, Protocol

from selfee_rt.trigger.sight import Sight
from selfee_rt.trigger.values import NS_OF, Duration


class Part(Protocol):
    """A part of a condition, with what it has to remember. Every part sees every exposure."""

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure; whether it holds there, None where that is not known."""

    def reset(self) -> None:
        """Forget everything before an interruption."""


class Measured(Part, Protocol):
    """A part that has something to show for its judgement."""

    @property
    def evidence(self) -> Any:
        """What the last push looked at, ready for JSON; None: not known."""


class Negation:
    """True where its part is false."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        value = self._part.push(sight)
        return None if value is None else not value

    def reset(self) -> None:
        """Forget."""
        self._part.reset()


class Joined:
    """`and` (decided by the first false part) or `or` (by the first true one); else not known if any part is not."""

    def __init__(self, parts: Sequence[Part], *, decisive: bool) -> None:
        self._parts = tuple(parts)
        self._decisive = decisive

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure; all parts see it, also when one has decided already."""
        values = [part.push(sight) for part in self._parts]
        if self._decisive in values:
            return self._decisive
        return None if None in values else not self._decisive

    def reset(self) -> None:
        """Forget."""
        for part in self._parts:
            part.reset()


class Lasting:
    """True once its part has held for `duration` without interruption.

    While it holds for less: false if it was seen not to hold before, else not known, since nobody saw it begin.
    """

    def __init__(self, part: Part, duration: Duration) -> None:
        self._part = part
        self._duration_ns = duration.ns
        self._unit_ns = NS_OF[duration.unit]
        self._since_ns: int | None = None
        self._begun_in_view = False
        self._held_ns: int | None = None

    @property
    def evidence(self) -> float | None:
        """For how long it has held, as far as that was seen, in the duration's own unit; None: not known."""
        return None if self._held_ns is None else self._held_ns / self._unit_ns

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        value = self._part.push(sight)
        if not value:
            self._since_ns, self._begun_in_view = None, value is False
            self._held_ns = None if value is None else 0
            return value
        if self._since_ns is None:
            self._since_ns = sight.media_ns
        self._held_ns = sight.media_ns - self._since_ns
        if self._held_ns >= self._duration_ns:
            return True
        return False if self._begun_in_view else None

    def reset(self) -> None:
        """Forget."""
        self._part.reset()
        self._since_ns, self._begun_in_view, self._held_ns = None, False, None
