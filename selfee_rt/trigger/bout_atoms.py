"""The parts of a condition that look at bouts: that they start, end and last, as far as it was seen."""

from typing import Literal

from selfee_rt.trigger.sight import Seen, Sight
from selfee_rt.trigger.syntax import BoutLength
from selfee_rt.trigger.values import NS_OF, Comparison
from selfee_rt.types import Bout


class BoutEdgeAtom:
    """`bout of winging starts`, `bout of winging ends`: true at the exposure that reports it.

    An edge that lies in or at an interruption was not seen: it is not known.
    """

    def __init__(self, label: str, edge: Literal["starts", "ends"]) -> None:
        self._label = label
        self._judge = self._starts if edge == "starts" else self._ends
        self._last_start: int | None = None
        self.evidence: bool | None = None

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        self.evidence = self._judge(sight)
        return self.evidence

    def reset(self) -> None:
        """Forget everything before an interruption."""
        self._last_start = self.evidence = None

    def _starts(self, sight: Sight) -> bool | None:
        bout = sight.seen.current
        if bout is None:
            return _none_of_it(sight.seen)
        new, self._last_start = bout.start_index != self._last_start, bout.start_index
        if not new or bout.label != self._label:
            return False
        return True if bout.start_index > sight.since.index else None

    def _ends(self, sight: Sight) -> bool | None:
        bout = _ended(sight.seen, self._label)
        if bout is None:
            return _none_of_it(sight.seen)
        return True if bout.stop_index >= sight.since.index else None


class BoutLengthAtom:
    """`bout of winging lasts > 2 s`, `bout of winging ended after > 2 s`.

    From the bout's first exposure to its newest, but only what was seen after the last interruption: a bout that may
    have begun before is at least so long.
    """

    def __init__(self, atom: BoutLength) -> None:
        self._label = atom.label.text
        self._lasts = atom.verb == "lasts"
        self._comparison = Comparison(atom.sign, atom.duration.ns)
        self._unit_ns = NS_OF[atom.duration.unit]
        self.evidence: float | bool | None = None
        """The length, in the unit of the condition; False: there is no such bout."""

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        bout = _going_on(sight.seen, self._label) if self._lasts else _ended(sight.seen, self._label)
        if bout is None:
            self.evidence = _none_of_it(sight.seen)
            return self.evidence
        if bout.stop_index < sight.since.index:
            self.evidence = None
            return None
        length_ns = bout.stop_media_ns - max(bout.start_media_ns, sight.since.media_ns)
        self.evidence = length_ns / self._unit_ns
        holds = self._comparison.holds(length_ns)
        known = bout.start_index > sight.since.index or holds == self._comparison.upward
        return holds if known else None

    def reset(self) -> None:
        """Forget everything before an interruption."""
        self.evidence = None


def _none_of_it(seen: Seen) -> bool | None:
    """What is said of a bout that is not reported: false, or not known while the label is not."""
    return None if seen.observation.label is None else False


def _going_on(seen: Seen, label: str) -> Bout | None:
    return seen.current if seen.current is not None and seen.current.label == label else None


def _ended(seen: Seen, label: str) -> Bout | None:
    return next((each for each in seen.ended if each.source == "predicted" and each.label == label), None)
