"""A condition at work in one arena: exposure by exposure true, false or not known."""

from collections.abc import Mapping
from typing import Any

from selfee_rt.trigger.logic import Measured, Part
from selfee_rt.trigger.sight import Beginning, Seen, Sight


class Watch:
    """Follows one condition. Pure: what it says follows from what it was given, in order.

    A stimulus, or a step of the time backwards or by more than `longest_step_ns`, is an interruption: durations,
    hysteresis and bouts begin anew after it.
    """

    def __init__(self, root: Part, measured: Mapping[str, Measured], longest_step_ns: int) -> None:
        self._root = root
        self._measured = dict(measured)
        self._longest_step_ns = longest_step_ns
        self._last_ns: int | None = None
        self._since: Beginning | None = None
        self._unlit_since: Beginning | None = None
        self._held_since_ns: int | None = None

    def push(self, seen: Seen, media_ns: int, blanked: bool) -> bool | None:
        """Take one exposure; whether the condition holds, None where that is not known.

        `media_ns` is the time of its newest exposure. Where it is `blanked`, a stimulus is or was in the picture:
        nothing is known.
        """
        if self._last_ns is not None and not 0 <= media_ns - self._last_ns <= self._longest_step_ns:
            self._interrupt()
        self._last_ns = media_ns
        if blanked:
            self.reset()
            return None
        holds = self._root.push(self._sight(seen, media_ns))
        if not holds:
            self._held_since_ns = None
        elif self._held_since_ns is None:
            self._held_since_ns = media_ns
        return holds

    @property
    def held_since_ns(self) -> int | None:
        """Time of the exposure from which on the whole condition has held without interruption; None: it does not."""
        return self._held_since_ns

    def evidence(self) -> dict[str, Any]:
        """What each atom looked at in the last push, and for how long each `for` has held, by their own words."""
        return {text: part.evidence for text, part in self._measured.items()}

    def reset(self) -> None:
        """Forget everything, as if nothing had been pushed yet."""
        self._interrupt()
        self._unlit_since = None

    def _interrupt(self) -> None:
        self._root.reset()
        self._since = self._held_since_ns = None

    def _sight(self, seen: Seen, media_ns: int) -> Sight:
        if self._since is None:
            self._since = Beginning.at(seen.observation)
        if self._unlit_since is None:
            self._unlit_since = self._since
        return Sight(seen, media_ns, self._since, self._unlit_since)
