"""The text of a label file, its lines, and what is wrong with them."""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from selfee_rt.errors import LabelsError


@dataclass(frozen=True, slots=True)
class Document:
    """A label file in memory."""

    path: Path
    text: str

    @property
    def lines(self) -> list[str]:
        """Lines without their ends; the first is line 1."""
        return [line.rstrip("\r") for line in self.text.split("\n")]

    def wrong(self, line: int, what: str) -> LabelsError:
        """Return the error that names a line."""
        return LabelsError(f"{self.path}, line {line}: {what}")

    def whole(self, text: str, line: int, what: str) -> int:
        """Parse a whole number.

        Raises:
            LabelsError: it is none, for example fractional; names the line.
        """
        if not (text.isascii() and text.isdigit()):
            raise self.wrong(line, f"got {what} {text!r}, expected a whole number")
        return int(text)

    def seconds(self, text: str, line: int, what: str) -> float:
        """Parse a time in seconds, with a decimal point.

        Raises:
            LabelsError: it is none; names the line.
        """
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(line, f"got {what} {text!r}, expected seconds, such as 12.345")
        return value

    def rows(self, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
        """Rows of a delimited file, each with the number of its first line.

        Raises:
            LabelsError: quotes that do not match; names the line.
        """
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=delimiter, strict=True)
        line = 1
        try:
            for row in reader:
                yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise self.wrong(line, f"this is not a CSV file ({error}); check the quotes from here on") from error


def open_document(path: Path) -> Document:
    """Read a label file, UTF-8 with or without its mark.

    Raises:
        LabelsError: it cannot be read, or is in another encoding; names the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabelsError(f"cannot read the labels {path}: {error.strerror}; give an existing file") from error
    try:
        return Document(path, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LabelsError(
            f"{path}, line {line}: the byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8 text"
        ) from error
