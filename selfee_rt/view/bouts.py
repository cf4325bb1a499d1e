"""The bouts of a session that have ended, to be found by time."""

from collections import deque

from selfee_rt.types import Bout
from selfee_rt.wire import BoutMessage

KEPT = 5000
"""Per arena."""


class Bouts:
    """Keeps the last bouts of each arena; what a person labelled comes before what was predicted."""

    def __init__(self) -> None:
        self._bouts: dict[str, deque[Bout]] = {}

    def add(self, message: BoutMessage) -> None:
        """Add one that has ended."""
        bout = Bout(
            message.arena,
            message.label,
            message.start_index,
            message.stop_index,
            message.start_media_ns,
            message.stop_media_ns,
            message.source,
        )
        self._bouts.setdefault(message.arena, deque(maxlen=KEPT)).append(bout)

    def at(self, arena: str, media_ns: int) -> Bout | None:
        """The bout that holds one instant; None: none that has ended does."""
        holding = [each for each in self._bouts.get(arena, ()) if each.start_media_ns <= media_ns <= each.stop_media_ns]
        return max(holding, key=lambda each: each.source == "user", default=None)
