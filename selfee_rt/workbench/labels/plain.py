"""Our own label file: CSV with the columns `frame,label`, one line per exposure from 0 on."""

from collections.abc import Iterator
from pathlib import Path

from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels.document import Document, open_document
from selfee_rt.workbench.labels.scored import KINDS, UNLABELLED, Event, Scored, runs

COLUMNS = ["frame", "label"]


def read_labels(path: Path) -> tuple[str, ...]:
    """Read the label of every exposure, in order; position i is exposure i.

    Raises:
        LabelsError: the file cannot be read; or a line is malformed, out of order, missing or double; names the line.
    """
    return _labels(open_document(path))


def read_plain(document: Document) -> Scored:
    """Read our own file; errors as `read_labels`."""
    labels = _labels(document)
    events = tuple(Event(label, first, last, first + 2) for label, first, last in runs(labels))
    return Scored(document.path, KINDS["csv"], events, exposures=len(labels))


def check_length(labels: tuple[str, ...], exposures: int, path: Path) -> None:
    """Refuse labels, one a line below one header line, that do not cover a recording of `exposures` exactly.

    Raises:
        LabelsError: there are more or fewer; names the line.
    """
    check_lines(len(labels), exposures, path)


def check_lines(count: int, exposures: int, path: Path) -> None:
    """As `check_length`, for `count` labels."""
    if count > exposures:
        raise LabelsError(
            f"{path}, line {exposures + 2}: labels frame {exposures}, but the recording ends with exposure "
            f"{exposures - 1}; give the labels of this recording"
        )
    if count < exposures:
        raise LabelsError(
            f"{path}, line {count + 1}: the labels end with frame {count - 1}, the recording with exposure "
            f"{exposures - 1}; label the rest {UNLABELLED!r} if nobody scored it"
        )


def _labels(document: Document) -> tuple[str, ...]:
    labels = tuple(_rows(document))
    if not labels:
        raise document.wrong(2, "there are no labels; expected one line per exposure")
    return labels


def _rows(document: Document) -> Iterator[str]:
    reader = document.rows()
    _, header = next(reader, (1, []))
    if header != COLUMNS:
        raise document.wrong(1, f"got the columns {','.join(header) or 'none'}, expected frame,label")
    for expected, (line, row) in enumerate(reader):
        yield _label(document, row, expected, line)


def _label(document: Document, row: list[str], expected: int, line: int) -> str:
    if len(row) != len(COLUMNS):
        raise document.wrong(line, f"got {len(row)} columns, expected 2: frame,label")
    label = row[1].strip()
    check_frame(document, row[0].strip(), expected, line)
    if not label:
        raise document.wrong(line, f"frame {expected} has no label; write {UNLABELLED!r} where nobody scored")
    if len(label.splitlines()) > 1:
        raise document.wrong(line, f"the label of frame {expected} goes over two lines; give it a name of one line")
    return label


def check_frame(document: Document, text: str, expected: int, line: int) -> None:
    """Refuse any frame but the expected one.

    Raises:
        LabelsError: it is not a number, or another; names the line.
    """
    frame = document.whole(text, line, "frame")
    if frame != expected:
        what = "is missing" if frame > expected else "is there twice or out of order"
        number = expected if frame > expected else frame
        raise document.wrong(line, f"frame {number} {what}; expected every frame once, in order from 0")
