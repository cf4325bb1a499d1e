"""Reads the `when` of a rule: recursive descent, one function for each rule of the grammar in docs/triggers.md."""

from collections.abc import Iterator
from contextlib import contextmanager

from selfee_rt.trigger.complaints import A_CONDITION, MOMENTARY, after_condition, after_label, either_way
from selfee_rt.trigger.cursor import Cursor
from selfee_rt.trigger.quantities import (
    GREY_VALUE,
    PROBABILITY,
    SCORE,
    SIGNS,
    read_duration,
    read_sign,
    read_threshold,
)
from selfee_rt.trigger.syntax import (
    Alarm,
    And,
    Atom,
    BoutEdge,
    BoutLength,
    Brightness,
    Condition,
    Held,
    LabelIs,
    Match,
    Node,
    Not,
    Or,
    Probability,
    Score,
    momentary,
)

DEEPEST = 20
"""Parentheses and negations inside one another."""

_JOINING = ("and", "or", "for", "until")


def parse(text: str) -> Condition:
    """Read a condition.

    Raises:
        ConfigError: it is not one; the message holds the text, and a caret under the column at which reading failed.

    >>> print(parse("winging>0.8 until <.6 for 200ms and not (alarm)"))
    winging > 0.8 until < 0.6 for 200 ms and not alarm
    """
    parser = _Parser(Cursor(text))
    return Condition(parser.whole(), text)


class _Parser:
    """Each method reads what it is named after, and leaves the cursor behind it."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._depth = 0

    def whole(self) -> Node:
        root = self._either()
        if self._cursor.next.kind != "end":
            self._cursor.fail(after_condition(inside=False), _JOINING)
        return root

    def _either(self) -> Node:
        parts = [self._both()]
        while self._cursor.accept("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self) -> Node:
        parts = [self._term()]
        while self._cursor.accept("and"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _term(self) -> Node:
        if self._cursor.at("not"):
            return self._negated()
        part, at = self._single(), self._cursor.next
        if not self._cursor.accept("for"):
            return part
        if momentary(part):
            self._cursor.refuse(at, MOMENTARY)
        return Held(part, read_duration(self._cursor))

    def _negated(self) -> Not:
        with self._deeper():
            self._cursor.expect("not")
            part = self._negated() if self._cursor.at("not") else self._single()
        if self._cursor.at("for"):
            self._cursor.refuse(self._cursor.next, either_way(part))
        return Not(part)

    def _single(self) -> Node:
        if not self._cursor.at("("):
            return self._atom()
        with self._deeper():
            self._cursor.expect("(")
            inner = self._either()
        if not self._cursor.accept(")"):
            self._cursor.fail(after_condition(inside=True), _JOINING)
        return inner

    def _atom(self) -> Atom:
        cursor = self._cursor
        if cursor.accept("label"):
            return self._label()
        if cursor.accept("bout"):
            return self._bout()
        if cursor.accept("alarm"):
            return Alarm(cursor.name("a detector") if cursor.accept("of") else None)
        if cursor.accept("score"):
            cursor.expect("of")
            return Score(cursor.name("a detector"), read_threshold(cursor, SCORE))
        if cursor.accept("match"):
            cursor.expect("of")
            return Match(cursor.name("a template"))
        if cursor.accept("brightness"):
            return Brightness(read_threshold(cursor, GREY_VALUE))
        return self._probability()

    def _label(self) -> LabelIs:
        self._cursor.expect("is")
        negated = self._cursor.accept("not")
        return LabelIs(self._cursor.name("a label"), negated)

    def _bout(self) -> BoutEdge | BoutLength:
        cursor = self._cursor
        cursor.expect("of")
        label = cursor.name("a label")
        if cursor.accept("starts"):
            return BoutEdge(label, "starts")
        if cursor.accept("ends"):
            return BoutEdge(label, "ends")
        if cursor.accept("lasts"):
            return BoutLength(label, "lasts", read_sign(cursor), read_duration(cursor))
        if not cursor.accept("ended"):
            cursor.fail("starts, ends, lasts or ended after", ("starts", "ends", "lasts", "ended"))
        cursor.expect("after")
        return BoutLength(label, "ended after", read_sign(cursor), read_duration(cursor))

    def _probability(self) -> Probability:
        if not self._cursor.at_name:
            self._cursor.fail(A_CONDITION)
        label = self._cursor.name("a label")
        if not self._cursor.at(*SIGNS):
            self._cursor.fail(after_label(label), ("is",))
        return Probability(label, read_threshold(self._cursor, PROBABILITY))

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > DEEPEST:
            self._cursor.refuse(
                self._cursor.next,
                f"got {self._depth} parentheses and negations inside one another, expected at most "
                f"{DEEPEST}; make it simpler",
            )
        yield
        self._depth -= 1
