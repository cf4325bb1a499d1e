"""When alarms begin: exposures with one that follow each other closely are one alarm, in whatever order they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from selfee_rt.clock import NS_PER_S
from selfee_rt.wire import ObservationMessage

MERGE_S = 1.0
"""Exposures with an alarm that are less apart than this are one alarm."""


@dataclass(frozen=True, slots=True)
class Found:
    """What older observations tell."""

    begins: tuple[ObservationMessage, ...]
    """The first of each alarm, oldest first."""
    joins: bool
    """Whether the last of these alarms goes on as the one that was thought to be the first."""


class Alarms:
    """Of one arena; newer observations are pushed, older ones put before them, page by page."""

    def __init__(self) -> None:
        self._first_ns: int | None = None
        """When the first alarm that is known begins."""
        self._last_ns: int | None = None
        """The last exposure with an alarm that was pushed."""

    def push(self, message: ObservationMessage) -> bool:
        """Take the newest observation; whether an alarm begins with it."""
        if not message.alarm:
            return False
        before_ns, self._last_ns = self._last_ns, message.media_ns
        begins = before_ns is None or not _close(before_ns, message.media_ns)
        if self._first_ns is None:
            self._first_ns = message.media_ns
        return begins

    def prepend(self, messages: Sequence[ObservationMessage]) -> Found:
        """Take observations that are older than all others, oldest first."""
        alarmed = [each for each in messages if each.alarm]
        if not alarmed:
            return Found((), joins=False)
        joins = self._first_ns is not None and _close(alarmed[-1].media_ns, self._first_ns)
        begins = [alarmed[0]]
        begins += [later for earlier, later in pairwise(alarmed) if not _close(earlier.media_ns, later.media_ns)]
        self._first_ns = alarmed[0].media_ns
        if self._last_ns is None:
            self._last_ns = alarmed[-1].media_ns
        return Found(tuple(begins), joins)


def _close(earlier_ns: int, later_ns: int) -> bool:
    return later_ns - earlier_ns <= MERGE_S * NS_PER_S
