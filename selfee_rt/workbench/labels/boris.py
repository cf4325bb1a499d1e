"""Events that BORIS exported, as CSV or TSV: aggregated (one line per state) and tabular (one per start and stop).

Both the columns of today's BORIS and those of versions before 8, whose tabular files begin with lines of metadata.
Source: Friard and Gamba 2016, Methods in Ecology and Evolution 7:1325; column names as exported.
"""

from collections.abc import Callable, Iterator

from selfee_rt.config import LabelsConfig, LabelsFormat
from selfee_rt.workbench.labels.boris_table import Row, fps_of, of_one_recording, offset_of, read_table
from selfee_rt.workbench.labels.document import Document
from selfee_rt.workbench.labels.scored import KINDS, Event, Scored

NO_SUBJECT = "No focal subject"


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
    table = read_table(document, format_)
    rows = of_one_recording(document, table, config)
    offset_s = offset_of(document, table, rows, config)
    return Scored(
        document.path, KINDS[format_], tuple(events(document, rows, offset_s)), unit="seconds", fps=fps_of(rows)
    )


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
