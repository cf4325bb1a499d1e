"""Onsets of a condition."""

from collections.abc import Mapping
from typing import Any, Protocol

from selfee_rt.trigger.media_clock import Moment
from selfee_rt.trigger.onsets import Onset
from selfee_rt.trigger.sight import Seen


class Watch(Protocol):
    """Follows one condition; `selfee_rt.trigger.watch.Watch` is one."""

    def push(self, seen: Seen, media_ns: int, blanked: bool) -> bool | None:
        """Take one exposure; whether the condition holds, None where that is not known, as while `blanked`."""

    @property
    def held_since_ns(self) -> int | None:
        """Since when it has held without interruption, on the stream's own clock; None: it does not."""

    def evidence(self) -> Mapping[str, Any]:
        """What it looked at in the last push."""


class When:
    """An onset is the exposure at which the condition becomes true; where it is repeated, also a later one."""

    def __init__(self, watch: Watch, *, repeat: bool) -> None:
        self._watch = watch
        self._repeat = repeat
        self._last_ns: int | None = None
        """Since when the condition held at the last exposure."""

    def push(self, moment: Moment, seen: Seen, *, again: bool) -> tuple[Onset, ...]:
        """Take one exposure."""
        watch = self._watch
        holds = watch.push(seen, moment.exposure.newest_media_ns, seen.observation.stimulus != "off")
        since_ns = watch.held_since_ns if holds else None
        new, self._last_ns = since_ns != self._last_ns, since_ns
        if not holds or not (new or (again and self._repeat)):
            return ()
        return (Onset("when", {**watch.evidence(), "held_since_ns": since_ns}),)
