"""What happened, in sentences, newest last."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

Kind = Literal["bout", "alarm", "loss", "action", "trigger", "fault"]

KEPT = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    number: int
    """Counts from 0."""
    time_s: float
    """Seconds since the session started."""
    kind: Kind
    arena: str
    """Empty: it concerns no arena, or all."""
    text: str
    label: str = ""
    """Of a bout: its label, to colour it by."""


class Journal:
    """Keeps the last entries."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._next = 0

    def add(self, time_s: float, kind: Kind, text: str, arena: str = "", label: str = "") -> None:
        """Add one."""
        self._entries.append(Entry(self._next, time_s, kind, arena, text, label))
        self._next += 1

    def since(self, number: int) -> list[Entry]:
        """Those from `number` on that are still kept."""
        missing = self._next - number
        return list(self._entries)[-missing:] if missing > 0 else []
