"""The folder of an analysis: tables as CSV, a summary as JSON, and figures; it appears when it is whole."""

import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from selfee_rt.errors import ConfigError, FolderError, SelfeeRTError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its name when everything has gone well, and is deleted otherwise.

    Raises:
        ConfigError: `out` exists, or the folder it would be in does not.
        FolderError: it cannot be written.
    """
    check_new(out)
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.mkdir()
    except OSError as error:
        raise FolderError(f"cannot make {beside}: {error.strerror}; choose another folder, or remove it") from error
    try:
        yield beside
        beside.rename(out)
    except SelfeeRTError:
        raise
    except OSError as error:
        raise FolderError(f"cannot write {out}: {error}; choose a writable folder with enough space") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_new(out: Path) -> None:
    """Refuse a place that is taken, before any work.

    Raises:
        ConfigError: `out` exists, or the folder it would be in does not.
    """
    if out.exists():
        raise ConfigError([f"--out {out} exists; nothing is ever overwritten, choose another folder"])
    if not out.resolve().parent.is_dir():
        raise ConfigError([f"--out {out}: there is no folder {out.resolve().parent}; make it first"])


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file; None is an empty cell."""
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def write_summary(path: Path, summary: dict[str, Any]) -> None:
    """Write what was asked for and what came of it as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
