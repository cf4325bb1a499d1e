"""Labels of a recording: a CSV file with the columns `frame,label`, one line per exposure from 0 on."""

import csv
from collections.abc import Iterator
from pathlib import Path

from selfee_rt.errors import LabelsError

UNLABELLED = "unlabel"
"""The label of exposures that nobody scored; they are left out."""

COLUMNS = ["frame", "label"]


def read_labels(path: Path) -> tuple[str, ...]:
    """Read the label of every exposure, in order; position i is exposure i.

    Raises:
        LabelsError: the file cannot be read; or a line is malformed, out of order, missing or double; names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            labels = tuple(_rows(csv.reader(file, strict=True), path))
    except OSError as error:
        raise LabelsError(f"cannot read the labels {path}: {error.strerror}; give an existing CSV file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{path} is not a CSV file in UTF-8 ({error}); expected the columns frame,label") from error
    if not labels:
        raise LabelsError(f"{path}, line 2: there are no labels; expected one line per exposure")
    return labels


def check_length(labels: tuple[str, ...], exposures: int, path: Path) -> None:
    """Refuse labels that do not cover a recording of `exposures` exactly.

    Raises:
        LabelsError: there are more or fewer; names the line.
    """
    if len(labels) > exposures:
        raise LabelsError(
            f"{path}, line {exposures + 2}: labels frame {exposures}, but the recording ends with exposure "
            f"{exposures - 1}; give the labels of this recording"
        )
    if len(labels) < exposures:
        raise LabelsError(
            f"{path}, line {len(labels) + 1}: the labels end with frame {len(labels) - 1}, the recording with exposure "
            f"{exposures - 1}; label the rest {UNLABELLED!r} if nobody scored it"
        )


def _rows(reader: Iterator[list[str]], path: Path) -> Iterator[str]:
    header = next(reader, [])
    if header != COLUMNS:
        raise LabelsError(f"{path}, line 1: got the columns {','.join(header) or 'none'}, expected frame,label")
    for expected, row in enumerate(reader):
        yield _label(row, expected, f"{path}, line {expected + 2}")


def _label(row: list[str], expected: int, where: str) -> str:
    if len(row) != len(COLUMNS):
        raise LabelsError(f"{where}: got {len(row)} columns, expected 2: frame,label")
    frame, label = row[0].strip(), row[1].strip()
    if not (frame.isascii() and frame.isdigit()):
        raise LabelsError(f"{where}: got frame {frame!r}, expected a whole number")
    if int(frame) != expected:
        what = "is missing" if int(frame) > expected else "is there twice or out of order"
        number = expected if int(frame) > expected else int(frame)
        raise LabelsError(f"{where}: frame {number} {what}; expected every frame once, in order from 0")
    if not label:
        raise LabelsError(f"{where}: frame {expected} has no label; write {UNLABELLED!r} where nobody scored")
    return label
