"""Rising edges as another recorder saw them: a text file with one edge per line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import AlignmentError
from selfee_rt.types import read_only

Unit = Literal["s", "ms", "samples"]
Line = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class EdgesFormat:
    """Where the times are in such a file, and what they count."""

    column: str | None = None
    """Its heading, or its place from 1 on; None: there is only one."""
    unit: Unit = "s"
    rate_hz: float | None = None
    """Samples per second; with the unit samples only."""

    @property
    def per_second(self) -> float:
        """Units in a second.

        Raises:
            AlignmentError: the rate is missing, or there is one that nothing needs.
        """
        if self.unit != "samples":
            if self.rate_hz is not None:
                raise AlignmentError(f"--rate is for --unit samples, the unit is {self.unit}; leave one of both out")
            return {"s": 1.0, "ms": 1000.0}[self.unit]
        if self.rate_hz is None or not (isfinite(self.rate_hz) and self.rate_hz > 0):
            raise AlignmentError(f"--unit samples needs --rate in samples per second, got {self.rate_hz}")
        return self.rate_hz


def read_edges(path: Path, how: EdgesFormat) -> NDArray[np.float64]:
    """Times of rising edges: (N,) float64, seconds of the other recorder, rising strictly.

    One line per edge, columns separated by commas, tabs or semicolons, a point before decimals; a first line with
    headings and blank lines are allowed.

    Raises:
        AlignmentError: the file cannot be read, a line holds no time, or a time is not later than the one before.
    """
    per_second = how.per_second
    lines = _lines(path)
    if not lines:
        raise AlignmentError(f"{path} is empty; expected a line per rising edge")
    headings = None if all(_is_number(cell) for cell in lines[0][1]) else lines[0][1]
    column = _column(path, how.column, headings, len(lines[0][1]))
    times = list(_times(path, lines if headings is None else lines[1:], column))
    if not times:
        raise AlignmentError(f"{path} has headings and no edge; expected a line per rising edge")
    return read_only(np.array(times) / per_second)


def _lines(path: Path) -> list[Line]:
    """Lines that are not blank, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AlignmentError(f"{path} is not text (UTF-8): {error.reason}; export the edges as CSV") from error
    except OSError as error:
        raise AlignmentError(f"cannot read {path}: {error.strerror}") from error
    reader = csv.reader(text.splitlines(), delimiter=_delimiter(text))
    try:
        return [
            (reader.line_num, [cell.strip() for cell in row]) for row in reader if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise AlignmentError(f"{path}, line {reader.line_num}: {error}") from error


def _delimiter(text: str) -> str:
    """What separates the columns of the first line.

    >>> _delimiter("time;state"), _delimiter("12.5")
    (';', ',')
    """
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _column(path: Path, wanted: str | None, headings: Sequence[str] | None, count: int) -> int:
    """Place of the column with the times, from 0 on."""
    known = [str(place) for place in range(1, count + 1)] if headings is None else list(headings)
    if wanted is None:
        if count == 1:
            return 0
        raise AlignmentError(f"{path} has {count} columns; choose the one with the times: --column {known[0]!r}, or …")
    if headings is not None and wanted in headings:
        return headings.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= count:
        return int(wanted) - 1
    raise AlignmentError(f"{path} has no column {wanted!r}, expected one of: {', '.join(known)}")


def _times(path: Path, lines: Sequence[Line], column: int) -> Iterator[float]:
    before = float("-inf")
    for number, cells in lines:
        cell = cells[column] if column < len(cells) else ""
        if not (_is_number(cell) and isfinite(float(cell))):
            raise AlignmentError(f"{path}, line {number}: got {cell!r}, expected the time of an edge as a number")
        time = float(cell)
        if time <= before:
            raise AlignmentError(
                f"{path}, line {number}: {cell} comes after {before:g}; expected the rising edges of one channel of "
                "one recording, in their order"
            )
        yield time
        before = time
