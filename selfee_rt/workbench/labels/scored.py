"""What a label file says, before it is known how long the recording is and what overlaps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from selfee_rt.config import LabelsFormat
from selfee_rt.errors import LabelsError
from selfee_rt.types import UNLABELLED as UNLABELLED

KINDS: dict[LabelsFormat, str] = {
    "csv": "frame,label CSV",
    "fly": "the Selfee authors' fly format (start end code)",
    "mouse": "the Selfee authors' mouse format (frame time behaviour subject start|stop)",
    "boris-aggregated": "BORIS aggregated events",
    "boris-tabular": "BORIS tabular events",
    "deepethogram": "DeepEthogram labels",
    "simba": "SimBA targets_inserted",
}
"""What people call each format."""


@dataclass(frozen=True, slots=True)
class Event:
    """One behaviour from `start` to `stop`.

    In exposures both ends are inclusive and counted from 0. In seconds the behaviour ends at `stop`: the exposure
    nearest to `stop` shows it no more.
    """

    behaviour: str
    """As the file writes it."""
    start: float
    stop: float
    line: int
    subject: str = ""
    modifiers: str = ""
    point: bool = False
    """It has no duration; `stop` equals `start`."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The content of one label file."""

    path: Path
    kind: str
    events: tuple[Event, ...]
    unit: Literal["exposures", "seconds"] = "exposures"
    exposures: int | None = None
    """Length of the recording, where the file says it."""
    exact: bool = True
    """False: the recording may be longer than `exposures`."""
    fps: float | None = None
    """Frame rate of the recording, where the file says it."""
    stated: tuple[tuple[int, int, float], ...] = ()
    """Line, exposure and seconds, where a file gives both."""
    codes: tuple[tuple[str, str], ...] = ()
    """What the format's own codes mean where no `map` is given; empty: names are used as they are."""

    def wrong(self, line: int, what: str) -> LabelsError:
        """Return the error that names a line."""
        return LabelsError(f"{self.path}, line {line}: {what}")


def runs(labels: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Bouts: label, first and last exposure.

    >>> list(runs(["a", "a", "b"]))
    [('a', 0, 1), ('b', 2, 2)]
    """
    first = 0
    for label, same in groupby(labels):
        count = sum(1 for _ in same)
        yield label, first, first + count - 1
        first += count
