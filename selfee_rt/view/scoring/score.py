"""What has been scored, and every change to it, to be taken back and made again."""

from collections import deque
from dataclasses import dataclass, replace

from selfee_rt.types import UNLABELLED
from selfee_rt.view.scoring.spans import Span, Spans, painted

KEPT_CHANGES = 5000
"""So many changes can be taken back."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Running:
    """A state that has begun and not ended."""

    label: str
    since: int
    """The exposure at which its key was pressed."""

    def span(self, index: int) -> Span:
        """Its exposures if it ended at `index`, which may lie before its beginning."""
        return Span(self.label, min(self.since, index), max(self.since, index))


@dataclass(frozen=True, slots=True)
class Scored:
    """What has been scored in one arena."""

    spans: Spans = ()
    running: Running | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a change may change."""

    names: tuple[str, ...]
    """Labels in the order of their keys."""
    arenas: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the history."""

    says: str
    arena: int
    before: State
    after: State


class Score:
    """Labels of every arena; exposures that nobody scored are `unlabel`. The label of that name takes labels away."""

    def __init__(self, names: tuple[str, ...], arenas: tuple[Scored, ...] = (Scored(),)) -> None:
        self.state = State(names, arenas)
        self.arena = 0
        """The arena that is scored now."""
        self._done: deque[Change] = deque(maxlen=KEPT_CHANGES)
        self._undone: list[Change] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Labels in the order of their keys."""
        return self.state.names

    @property
    def spans(self) -> Spans:
        """Of the arena that is scored now."""
        return self.state.arenas[self.arena].spans

    @property
    def running(self) -> Running | None:
        """The state that has begun in this arena."""
        return self.state.arenas[self.arena].running

    # --- states -------------------------------------------------------------------------------------------------------

    def press(self, label: str, index: int) -> Change | None:
        """A label's key was pressed at an exposure: its state begins, or ends with this exposure.

        A state that another one ends has the exposures up to the one before; None: nothing changed.
        """
        running = self.running
        if running is None:
            return self._run(f"{label} begins at exposure {index:,}", self.spans, Running(label, index))
        if running.label == label:
            span = running.span(index)
            says = f"{_shown(span)} scored"
            return self._run(says, painted(self.spans, span.first, span.last, label), None)
        spans = self.spans
        if index != running.since:
            span = running.span(index - 1 if index > running.since else index + 1)
            spans = painted(spans, span.first, span.last, running.label)
        return self._run(f"{running.label} ends, {label} begins at exposure {index:,}", spans, Running(label, index))

    def drop(self) -> Change | None:
        """Forget the state that has begun."""
        running = self.running
        return None if running is None else self._run(f"{running.label} dropped", self.spans, None)

    # --- spans --------------------------------------------------------------------------------------------------------

    def relabel(self, span: Span, label: str) -> Change | None:
        """Give a span another label."""
        return self._paint(f"{_shown(span)} is now {label}", painted(self.spans, span.first, span.last, label))

    def delete(self, span: Span) -> Change | None:
        """Take a span away: nobody scored its exposures."""
        spans = painted(self.spans, span.first, span.last, UNLABELLED)
        return self._paint(f"{_shown(span)} deleted", spans)

    def move(self, span: Span, first: int, last: int) -> Change | None:
        """Give a span other ends; what it comes to lie on gives way."""
        first, last = min(first, last), max(first, last)
        says = f"{_shown(span)} moved to {first:,} … {last:,}"
        return self._paint(says, moved(self.spans, span, first, last))

    def add_name(self, name: str) -> Change | None:
        """A further label, for the next key; the caller has asked `wrong_name`."""
        return self._change(f"label {name} added", replace(self.state, names=(*self.names, name)))

    # --- history ------------------------------------------------------------------------------------------------------

    def undo(self) -> Change | None:
        """Take the last change back, and go to its arena; None: there is none."""
        if not self._done:
            return None
        change = self._done.pop()
        self._undone.append(change)
        self.state, self.arena = change.before, change.arena
        return change

    def redo(self) -> Change | None:
        """Make the change that was taken back last again; None: there is none."""
        if not self._undone:
            return None
        change = self._undone.pop()
        self._done.append(change)
        self.state, self.arena = change.after, change.arena
        return change

    def _run(self, says: str, spans: Spans, running: Running | None) -> Change | None:
        arenas = list(self.state.arenas)
        arenas[self.arena] = Scored(spans, running)
        return self._change(says, replace(self.state, arenas=tuple(arenas)))

    def _paint(self, says: str, spans: Spans) -> Change | None:
        return self._run(says, spans, self.running)

    def _change(self, says: str, after: State) -> Change | None:
        if after == self.state:
            return None
        change = Change(says, self.arena, self.state, after)
        self._done.append(change)
        self._undone.clear()
        self.state = after
        return change


def moved(spans: Spans, span: Span, first: int, last: int) -> Spans:
    """The spans with one of them at another place.

    >>> moved((Span("a", 0, 3), Span("b", 4, 9)), Span("a", 0, 3), 1, 5)
    (Span(label='a', first=1, last=5), Span(label='b', first=6, last=9))
    """
    without = painted(spans, span.first, span.last, UNLABELLED)
    return painted(without, first, last, span.label)


def wrong_name(name: str, names: tuple[str, ...]) -> str | None:
    """Why a label cannot have this name beside the others; None: it can.

    >>> wrong_name("unlabel", ()), wrong_name("wing", ("wing",)), wrong_name("nothing", ())
    ('unlabel is what nobody scored; choose another name', 'there is a label wing already', None)
    """
    if not name or name != name.strip() or len(name.splitlines()) > 1:
        return "a label needs a name of one line, without spaces at its ends"
    if len(name) > LONGEST_NAME:
        return f"the name has {len(name)} letters; expected at most {LONGEST_NAME}"
    if name == UNLABELLED:
        return f"{UNLABELLED} is what nobody scored; choose another name"
    return f"there is a label {name} already" if name in names else None


def _shown(span: Span) -> str:
    return f"{span.label} {span.first:,} … {span.last:,}"
