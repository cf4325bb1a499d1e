"""What a table of a session is made of, and how its cells are written."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from selfee_rt.folder import Anchor


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a CSV file."""

    name: str
    meaning: str
    """With its unit; for the README."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One CSV file."""

    name: str
    """Without .csv."""
    says: str
    """What a row is."""
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Any]]
    """May be read once; None is an empty cell."""


def seconds(ns: float | None) -> str | None:
    """Nanoseconds as seconds, to the microsecond; None and NaN: not known.

    >>> seconds(1_234_567_891), seconds(None)
    ('1.234568', None)
    """
    return None if ns is None or math.isnan(ns) else f"{ns / 1e9:.6f}"


def milliseconds(ns: int | None) -> str | None:
    """Nanoseconds as milliseconds, to the microsecond; None: not known.

    >>> milliseconds(2_345_678)
    '2.346'
    """
    return None if ns is None else f"{ns / 1e6:.3f}"


class HostTimes:
    """Host times of one session, as people read them."""

    def __init__(self, started: Anchor) -> None:
        self._started_ns = started.host_ns
        self._local = datetime.fromisoformat(started.local)

    def seconds(self, host_ns: float | None) -> str | None:
        """Seconds since the session started; None and NaN: not known."""
        return None if host_ns is None else seconds(host_ns - self._started_ns)

    def wall_clock(self, host_ns: int) -> str:
        """ISO 8601 with microseconds and the offset of the recording computer's time zone."""
        at = self._local + timedelta(microseconds=(host_ns - self._started_ns) // 1000)
        return at.isoformat(timespec="microseconds")
