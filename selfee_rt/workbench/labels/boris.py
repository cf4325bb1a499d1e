"""Events that BORIS exported, as CSV or TSV: aggregated (one line per state) and tabular (one per start and stop).

Both the columns of today's BORIS and those of versions before 8, whose tabular files begin with lines of metadata.
Source: Friard and Gamba 2016, Methods in Ecology and Evolution 7:1325; column names as exported.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from selfee_rt.config import LabelsConfig, LabelsFormat
from selfee_rt.workbench.labels.document import Document
from selfee_rt.workbench.labels.remedy import remedy
from selfee_rt.workbench.labels.scored import KINDS, Event, Scored

NO_SUBJECT = "No focal subject"
AGGREGATED = {"Behavior", "Behavior type", "Start (s)", "Stop (s)"}
TABULAR = {"Behavior", "Time"}
MEDIA = ("Media file name", "Media file", "Media file path")
FPS = ("FPS (frame/s)", "FPS")
OFFSET = "Time offset (s)"
OBSERVATION = "Observation id"
DEEPEST_HEADER = 500
"""Rows of metadata within which a table must begin."""


class Row(NamedTuple):
    """One line of the table."""

    line: int
    cells: dict[str, str]

    def first(self, names: tuple[str, ...]) -> str:
        """Return the first of these columns that is there and not empty, else nothing."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


@dataclass(frozen=True)
class Table:
    """The table in an export."""

    format: LabelsFormat
    rows: list[Row]
    metadata: dict[str, str] = field(default_factory=dict)
    """What the lines above the table say."""


def find_table(document: Document) -> tuple[LabelsFormat, str, int] | None:
    """Format, delimiter and row number of the header; None: this is no export of BORIS."""
    for delimiter in "\t,;":
        for number, line in enumerate(document.lines[:DEEPEST_HEADER]):
            names = {name.strip().strip('"') for name in line.split(delimiter)}
            if names >= AGGREGATED:
                return "boris-aggregated", delimiter, number
            if names >= TABULAR and names & {"Status", "Behavior type"}:
                return "boris-tabular", delimiter, number
    return None


def read_aggregated(document: Document, config: LabelsConfig) -> Scored:
    """Read aggregated events: a line per state or point event, with its start and stop in seconds.

    Raises:
        LabelsError: a line is malformed, or the file leaves a choice that `config` does not make; names the line.
    """
    return _scored(document, config, "boris-aggregated", _aggregated)


def read_tabular(document: Document, config: LabelsConfig) -> Scored:
    """Read tabular events: a line per start, stop and point; errors as `read_aggregated`."""
    return _scored(document, config, "boris-tabular", _paired)


def _scored(
    document: Document,
    config: LabelsConfig,
    format_: LabelsFormat,
    events: Callable[[Document, list[Row], float], Iterator[Event]],
) -> Scored:
    table = _table(document, format_)
    rows = _of_one_recording(document, table, config)
    offset_s = _offset_s(document, table, rows, config)
    return Scored(
        document.path, KINDS[format_], tuple(events(document, rows, offset_s)), unit="seconds", fps=_fps(rows)
    )


def _table(document: Document, format_: LabelsFormat) -> Table:
    found = find_table(document)
    if found is None or found[0] != format_:
        wanted = AGGREGATED if format_ == "boris-aggregated" else TABULAR | {"Status or Behavior type"}
        raise document.wrong(1, f"got no such columns, expected those of {KINDS[format_]}: {', '.join(sorted(wanted))}")
    _, delimiter, header_row = found
    header: list[str] = []
    metadata: dict[str, str] = {}
    rows: list[Row] = []
    for line, row in document.rows(delimiter):
        if line <= header_row and len(row) > 1 and row[0]:
            metadata[row[0].strip()] = row[1].strip()
        elif line == header_row + 1:
            header = [name.strip() for name in row]
        elif line > header_row + 1 and any(row):
            rows.append(_row(document, line, header, row))
    if not rows:
        raise document.wrong(header_row + 2, "there are no events; expected a line for each below the columns' names")
    return Table(format_, rows, metadata)


def _row(document: Document, line: int, header: list[str], row: list[str]) -> Row:
    if len(row) != len(header):
        raise document.wrong(line, f"got {len(row)} columns, expected {len(header)} as in the line of names")
    return Row(line, {name: cell.strip() for name, cell in zip(header, row, strict=True)})


def _of_one_recording(document: Document, table: Table, config: LabelsConfig) -> list[Row]:
    rows = table.rows
    if config.observation is not None:
        found = sorted({row.cells.get(OBSERVATION, table.metadata.get(OBSERVATION, "")) for row in rows})
        rows = [
            row for row in rows if row.cells.get(OBSERVATION, table.metadata.get(OBSERVATION, "")) == config.observation
        ]
        if not rows:
            raise document.wrong(
                table.rows[0].line,
                f"no event is of the observation {config.observation!r}; the file holds {', '.join(found)}",
            )
    first = rows[0]
    for row in rows:
        name = row.cells.get(OBSERVATION, "")
        if name != first.cells.get(OBSERVATION, ""):
            raise document.wrong(
                row.line,
                f"is of the observation {name!r}, line {first.line} of {first.cells[OBSERVATION]!r}; choose one"
                + remedy(config, observation=first.cells[OBSERVATION]),
            )
        if row.first(MEDIA) != first.first(MEDIA):
            raise document.wrong(
                row.line,
                f"is in the media file {row.first(MEDIA)!r}, line {first.line} in {first.first(MEDIA)!r}; labels are "
                "of one video: score each in an observation of its own",
            )
    return rows


def _offset_s(document: Document, table: Table, rows: list[Row], config: LabelsConfig) -> float:
    if config.offset_s is not None:
        return config.offset_s
    for line, text in [(1, table.metadata.get(OFFSET, "")), *((row.line, row.cells.get(OFFSET, "")) for row in rows)]:
        if text in ("", "NA"):
            continue
        offset_s = document.seconds(text, line, OFFSET)
        if offset_s:
            raise document.wrong(
                line,
                f"the observation has a time offset of {text} s; say what to subtract from its times, 0 if nothing"
                + remedy(config, offset_s=offset_s),
            )
    return 0.0


def _fps(rows: list[Row]) -> float | None:
    """Frame rate that the lines agree on; None: they give none, or several."""
    rates = {rate for row in rows for rate in row.first(FPS).replace("|", ";").split(";")} - {"", "NA"}
    try:
        values = {float(rate) for rate in rates}
    except ValueError:
        return None
    return values.pop() if len(values) == 1 and min(values) > 0 else None


def _time_s(document: Document, row: Row, column: str, offset_s: float) -> float:
    text = row.cells[column]
    if text in ("", "NA"):
        raise document.wrong(
            row.line, f"{column} is {text or 'empty'}; expected seconds: observations of pictures have none"
        )
    value = document.seconds(text, row.line, column) - offset_s
    if value < 0:
        raise document.wrong(
            row.line, f"{column} is {value:g} s from the start of the recording; check labels.offset_s"
        )
    return value


def _event(row: Row, start: float, stop: float, line: int, *, point: bool = False) -> Event:
    behaviour, subject, modifiers = _key(row)
    return Event(behaviour, start, stop, line, subject, modifiers, point)


def _key(row: Row) -> tuple[str, str, str]:
    modifiers = "|".join(text for name, text in row.cells.items() if name.startswith("Modifier") and text)
    return row.cells["Behavior"], row.cells.get("Subject") or NO_SUBJECT, modifiers


def _aggregated(document: Document, rows: list[Row], offset_s: float) -> Iterator[Event]:
    for row in rows:
        kind = _kind(document, row, "Behavior type", ("STATE", "POINT"))
        start = _time_s(document, row, "Start (s)", offset_s)
        if kind == "POINT":
            yield _event(row, start, start, row.line, point=True)
            continue
        if row.cells["Stop (s)"] in ("", "NA"):
            raise document.wrong(row.line, f"{row.cells['Behavior']!r} starts and never stops; expected a Stop (s)")
        stop = _time_s(document, row, "Stop (s)", offset_s)
        if stop < start:
            raise document.wrong(row.line, f"stops at {stop:g} s, before its start, {start:g} s")
        yield _event(row, start, stop, row.line)


def _kind(document: Document, row: Row, column: str, allowed: tuple[str, ...]) -> str:
    kind = row.cells[column]
    if kind not in allowed:
        raise document.wrong(row.line, f"{column} is {kind!r}, expected {' or '.join(allowed)}")
    if not row.cells["Behavior"]:
        raise document.wrong(row.line, "Behavior is empty; expected a name")
    return kind


def _paired(document: Document, rows: list[Row], offset_s: float) -> Iterator[Event]:
    column = "Status" if "Status" in rows[0].cells else "Behavior type"
    running: dict[tuple[str, str, str], tuple[Row, float]] = {}
    for row in rows:
        kind = _kind(document, row, column, ("START", "STOP", "POINT"))
        at = _time_s(document, row, "Time", offset_s)
        if kind == "POINT":
            yield _event(row, at, at, row.line, point=True)
        elif kind == "START":
            _start(document, running, row, at)
        else:
            yield _stopped(document, running, row, at)
    for row, _ in running.values():
        raise document.wrong(row.line, f"{row.cells['Behavior']!r} starts and never stops; expected a STOP after it")


def _start(document: Document, running: dict[tuple[str, str, str], tuple[Row, float]], row: Row, at: float) -> None:
    begun = running.get(_key(row))
    if begun is not None:
        raise document.wrong(
            row.line, f"{row.cells['Behavior']!r} starts again; the start in line {begun[0].line} has no stop"
        )
    running[_key(row)] = (row, at)


def _stopped(document: Document, running: dict[tuple[str, str, str], tuple[Row, float]], row: Row, at: float) -> Event:
    begun = running.pop(_key(row), None)
    if begun is None:
        raise document.wrong(row.line, f"{row.cells['Behavior']!r} stops without a start; expected a START before it")
    if at < begun[1]:
        raise document.wrong(
            row.line,
            f"stops at {at:g} s, before its start, {begun[1]:g} s (line {begun[0].line}); expected lines by time",
        )
    return _event(row, begun[1], at, begun[0].line)
