"""What makes a rule decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from selfee_rt.stimuli import Origin
from selfee_rt.trigger.media_clock import Moment
from selfee_rt.trigger.sight import Seen


@dataclass(frozen=True, slots=True)
class Onset:
    """Something that a rule decides about, exactly once."""

    origin: Origin
    evidence: Mapping[str, Any] = field(default_factory=dict)
    disarmed: str = ""
    """Why it is already known to be disarmed."""
    late: str = ""
    """Why it is already known to be late."""


class Onsets(Protocol):
    """Where a rule's onsets come from."""

    def push(self, moment: Moment, seen: Seen, *, again: bool) -> tuple[Onset, ...]:
        """Take one exposure; return the onsets that fall on it, in order.

        `again`: what goes on may be an onset once more.
        """
