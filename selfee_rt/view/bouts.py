"""The bouts of a session that have ended, to be found by time."""

from collections import deque
from collections.abc import Sequence

from selfee_rt.types import Bout
from selfee_rt.wire import BoutMessage

KEPT = 5000
"""Per arena."""


class Bouts:
    """Keeps the last bouts of each arena; what a person labelled comes before what was predicted."""

    def __init__(self) -> None:
        self._bouts: dict[str, deque[Bout]] = {}
        self._known: set[Bout] = set()

    def add(self, message: BoutMessage) -> bool:
        """Add one that has ended; whether it was not known."""
        bouts, bout = self._of(message.arena), _bout(message)
        if bout in self._known:
            return False
        if len(bouts) == KEPT:
            self._known.discard(bouts[0])
        bouts.append(bout)
        self._known.add(bout)
        return True

    def prepend(self, messages: Sequence[BoutMessage]) -> list[BoutMessage]:
        """Add those that had ended before, oldest first, as far as there is room; return those that were not known."""
        added = []
        for message in reversed(messages):
            bouts, bout = self._of(message.arena), _bout(message)
            if len(bouts) < KEPT and bout not in self._known:
                bouts.appendleft(bout)
                self._known.add(bout)
                added.append(message)
        return added

    def _of(self, arena: str) -> deque[Bout]:
        return self._bouts.setdefault(arena, deque(maxlen=KEPT))

    def at(self, arena: str, media_ns: int) -> Bout | None:
        """The bout that holds one instant; None: none that has ended does."""
        holding = [each for each in self._bouts.get(arena, ()) if each.start_media_ns <= media_ns <= each.stop_media_ns]
        return max(holding, key=lambda each: each.source == "user", default=None)


def _bout(message: BoutMessage) -> Bout:
    return Bout(
        message.arena,
        message.label,
        message.start_index,
        message.stop_index,
        message.start_media_ns,
        message.stop_media_ns,
        message.source,
    )
