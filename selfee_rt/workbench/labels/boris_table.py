"""The table in an export of BORIS, and the lines of it that belong to one recording."""

from dataclasses import dataclass, field
from typing import NamedTuple

from selfee_rt.config import LabelsConfig, LabelsFormat
from selfee_rt.workbench.labels.document import Document
from selfee_rt.workbench.labels.remedy import remedy
from selfee_rt.workbench.labels.scored import KINDS

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


def read_table(document: Document, format_: LabelsFormat) -> Table:
    """Read the metadata, the columns' names and the lines below them.

    Raises:
        LabelsError: there is no such table, or a line has other columns; names the line.
    """
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


def of_one_recording(document: Document, table: Table, config: LabelsConfig) -> list[Row]:
    """Lines of the chosen observation, or of the only one there is.

    Raises:
        LabelsError: there are several and none is chosen, or they are of several videos; names the line.
    """
    rows = table.rows if config.observation is None else _of_observation(document, table, config.observation)
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


def _of_observation(document: Document, table: Table, wanted: str) -> list[Row]:
    only = table.metadata.get(OBSERVATION, "")
    rows = [row for row in table.rows if row.cells.get(OBSERVATION, only) == wanted]
    if not rows:
        found = sorted({row.cells.get(OBSERVATION, only) for row in table.rows})
        raise document.wrong(
            table.rows[0].line, f"no event is of the observation {wanted!r}; the file holds {', '.join(found)}"
        )
    return rows


def offset_of(document: Document, table: Table, rows: list[Row], config: LabelsConfig) -> float:
    """Return the seconds to subtract from every time.

    Raises:
        LabelsError: BORIS added an offset, and the table does not say what to subtract; names the line.
    """
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


def fps_of(rows: list[Row]) -> float | None:
    """Frame rate that the lines agree on; None: they give none, or several."""
    rates = {rate for row in rows for rate in row.first(FPS).replace("|", ";").split(";")} - {"", "NA"}
    try:
        values = {float(rate) for rate in rates}
    except ValueError:
        return None
    return values.pop() if len(values) == 1 and min(values) > 0 else None
