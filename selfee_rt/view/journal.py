"""What happened, in sentences, in the order of time."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["bout", "alarm", "loss", "action", "trigger", "fault"]

KEPT = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    time_s: float
    """Seconds since the session started."""
    kind: Kind
    arena: str
    """Empty: it concerns no arena, or all."""
    text: str
    label: str = ""
    """Of a bout: its label, to colour it by."""


class Journal:
    """Keeps the last entries, each once, whenever it is told of them."""

    def __init__(self) -> None:
        self.n_changes = 0
        """Rises with every change."""
        self._entries: list[Entry] = []

    def add(self, time_s: float, kind: Kind, text: str, arena: str = "", label: str = "") -> Entry:
        """Add one where it belongs; one that is there already is not added again."""
        entry = Entry(time_s, kind, arena, text, label)
        place = bisect_left(self._entries, time_s, key=_time)
        if entry not in self._at(place, time_s):
            insort(self._entries, entry, key=_time)
            del self._entries[:-KEPT]
            self.n_changes += 1
        return entry

    def remove(self, entry: Entry) -> None:
        """Take one back, if it is still kept."""
        if entry in self._at(bisect_left(self._entries, entry.time_s, key=_time), entry.time_s):
            self._entries.remove(entry)
            self.n_changes += 1

    def around(self, time_s: float | None, most: int) -> list[Entry]:
        """At most so many entries in the order of time: the last ones, or as many before as after an instant."""
        stop = len(self._entries)
        if time_s is not None:
            stop = min(stop, bisect_left(self._entries, time_s, key=_time) + most // 2)
        first = max(0, stop - most)
        return self._entries[first : first + most]

    def _at(self, place: int, time_s: float) -> Iterable[Entry]:
        """Entries of one instant, the first of which is at `place`."""
        while place < len(self._entries) and self._entries[place].time_s == time_s:
            yield self._entries[place]
            place += 1


def _time(entry: Entry) -> float:
    return entry.time_s
