"""Label files with one column of 0 and 1 per behaviour and one line per exposure: DeepEthogram and SimBA.

Sources: Bohnslav et al. 2021, eLife 10:e63377 (background first, -1 where nobody scored); Goodwin et al. 2024, Nature
Neuroscience 27:1411 (features, then targets).
"""

from collections.abc import Iterator

from selfee_rt.config import LabelsConfig, LabelsFormat
from selfee_rt.workbench.labels.document import Document
from selfee_rt.workbench.labels.plain import check_frame
from selfee_rt.workbench.labels.remedy import remedy
from selfee_rt.workbench.labels.scored import KINDS, UNLABELLED, Event, Scored, runs

BACKGROUND = "background"
INDEX_NAMES = ("", "Unnamed: 0")
"""What the first column is called: pandas' index."""

FLAGS = {"0": 0, "0.0": 0, "1": 1, "1.0": 1, "-1": -1, "-1.0": -1}


def read_deepethogram(document: Document) -> Scored:
    """Read `_labels.csv`: the exposure, `background`, then the behaviours; -1 everywhere where nobody scored.

    Raises:
        LabelsError: a line is malformed; names it.
    """
    header, rows = _table(document)
    if header[0] not in INDEX_NAMES or header[1:2] != [BACKGROUND]:
        raise document.wrong(1, f"got the columns {','.join(header)}, expected an unnamed one, then {BACKGROUND}")
    return _scored(document, "deepethogram", header, rows, list(range(1, len(header))), {0, 1, -1})


def read_simba(document: Document, config: LabelsConfig) -> Scored:
    """Read `targets_inserted`: features, then a column per behaviour; which ones, `config.targets` says.

    Raises:
        LabelsError: the targets are not named, or a line is malformed; names it.
    """
    header, rows = _table(document)
    if not config.targets:
        guess = _looks_like_targets(header, rows)
        raise document.wrong(
            1,
            "features and behaviours are not told apart by this format; name the columns that are behaviours"
            + remedy(config, targets=guess or ("BEHAVIOUR",)),
        )
    missing = [name for name in config.targets if name not in header]
    if missing:
        raise document.wrong(1, f"there is no column {missing[0]!r}; the last columns are {', '.join(header[-5:])}")
    return _scored(document, "simba", header, rows, [header.index(name) for name in config.targets], {0, 1})


Rows = list[tuple[int, list[str]]]


def _table(document: Document) -> tuple[list[str], Rows]:
    rows = iter(document.rows())
    header = [name.strip() for name in next(rows, (1, [""]))[1]]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise document.wrong(1, f"the column {twice[0]!r} is there twice; give every column a name of its own")
    found = list(rows)
    for line, row in found:
        if len(row) != len(header):
            raise document.wrong(line, f"got {len(row)} columns, expected {len(header)} as in line 1")
    if not found:
        raise document.wrong(2, "there are no labels; expected one line per exposure")
    return header, found


def _scored(
    document: Document, format_: LabelsFormat, header: list[str], rows: Rows, columns: list[int], allowed: set[int]
) -> Scored:
    if header[0] in INDEX_NAMES:
        for expected, (line, row) in enumerate(rows):
            check_frame(document, row[0].strip(), expected, line)
    flags = [[_flag(document, line, row[column], header[column], allowed) for column in columns] for line, row in rows]
    unscored = [_unscored(document, line, row) for (line, _), row in zip(rows, flags, strict=True)]
    events = list(_events(UNLABELLED, unscored, rows))
    for position, column in enumerate(columns):
        events += _events(header[column], [row[position] == 1 for row in flags], rows)
    return Scored(document.path, KINDS[format_], tuple(events), exposures=len(rows))


def _flag(document: Document, line: int, text: str, column: str, allowed: set[int]) -> int:
    flag = FLAGS.get(text.strip())
    if flag is None or flag not in allowed:
        wanted = " or ".join(str(each) for each in sorted(allowed, reverse=True))
        raise document.wrong(line, f"got {text!r} in the column {column!r}, expected {wanted}")
    return flag


def _unscored(document: Document, line: int, flags: list[int]) -> bool:
    if -1 in flags and set(flags) != {-1}:
        raise document.wrong(line, "is -1 in some columns only; expected -1 (nobody scored) in all of them or in none")
    return -1 in flags


def _events(behaviour: str, present: list[bool], rows: Rows) -> Iterator[Event]:
    for value, first, last in runs("x" if each else "" for each in present):
        if value:
            yield Event(behaviour, first, last, rows[first][0])


def _looks_like_targets(header: list[str], rows: Rows) -> tuple[str, ...]:
    """Last columns that hold 0 and 1 alone, as a suggestion."""
    found: list[str] = []
    for position in range(len(header) - 1, 0, -1):
        if any(FLAGS.get(row[position].strip(), -1) < 0 for _, row in rows):
            break
        found.append(header[position])
    return tuple(reversed(found))
