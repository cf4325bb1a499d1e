"""Reads the numbers of a condition, each within its range: comparisons, thresholds, durations."""

import math
from typing import NamedTuple, cast

from selfee_rt.trigger.complaints import of_hysteresis
from selfee_rt.trigger.cursor import Cursor
from selfee_rt.trigger.values import NS_OF, Comparison, Duration, Sign, Threshold, Unit

SIGNS = (">", ">=", "<", "<=")

LONGEST_NS = 24 * 60 * NS_OF["min"]


class Range(NamedTuple):
    """What a number is, and where it may lie, both ends included."""

    what: str
    lowest: float = -math.inf
    highest: float = math.inf


PROBABILITY = Range("a probability from 0 to 1", 0, 1)
SCORE = Range("a finite number")
GREY_VALUE = Range("a grey value from 0 to 255", 0, 255)
_LENGTH = Range("a duration from 0 to 24 hours", 0)


def read_threshold(cursor: Cursor, range_: Range) -> Threshold:
    """Read `> 0.8` or `> 0.8 until < 0.6`."""
    on = read_comparison(cursor, range_)
    if not cursor.accept("until"):
        return Threshold(on)
    at = cursor.next
    until = read_comparison(cursor, range_)
    problem = of_hysteresis(on, until)
    if problem is not None:
        cursor.refuse(at, problem)
    return Threshold(on, until)


def read_comparison(cursor: Cursor, range_: Range) -> Comparison:
    """Read `> 0.8`; one that nothing in the range can satisfy is refused."""
    sign, at = read_sign(cursor), cursor.next
    number = _number(cursor, range_)
    if (sign, number) in ((">", range_.highest), ("<", range_.lowest)):
        cursor.refuse(at, f"got {sign} {at.text}, which never holds; expected {range_.what}")
    return Comparison(sign, number)


def read_sign(cursor: Cursor) -> Sign:
    """Read one of the signs of a comparison."""
    if not cursor.at(*SIGNS):
        cursor.fail(f"one of {', '.join(SIGNS)}")
    return cast(Sign, cursor.take().text)


def read_duration(cursor: Cursor) -> Duration:
    """Read `200 ms`."""
    at = cursor.next
    number = _number(cursor, _LENGTH)
    if not cursor.at(*NS_OF):
        cursor.fail("a unit: ms, s or min", NS_OF)
    unit = cast(Unit, cursor.take().text)
    if number * NS_OF[unit] > LONGEST_NS:
        cursor.refuse(at, f"got {at.text} {unit}, expected {_LENGTH.what}")
    return Duration(number, unit)


def _number(cursor: Cursor, range_: Range) -> float:
    number = float(cursor.next.text) if cursor.next.kind == "number" else math.nan
    if not (math.isfinite(number) and range_.lowest <= number <= range_.highest):
        cursor.fail(range_.what)
    cursor.take()
    return number
