"""A line of figures for every step, in a file and, if wanted, for TensorBoard."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from selfee_rt.errors import FolderError, MissingExtra

LOG = "log.jsonl"


class Log(Protocol):
    """Where figures go."""

    def write(self, figures: Mapping[str, float]) -> None:
        """Take the figures of one step, its number under `step`."""


class LineLog:
    """`log.jsonl`: one JSON object a step."""

    def __init__(self, file: Any, path: Path) -> None:
        self._file, self._path = file, path

    def write(self, figures: Mapping[str, float]) -> None:
        """Append one line."""
        try:
            print(json.dumps(figures), file=self._file, flush=True)
        except OSError as error:
            with suppress(OSError):  # closing writes what is left, and fails likewise
                self._file.close()
            raise FolderError(f"cannot write {self._path} ({error}). Make room, then --resume") from error


class TensorBoardLog:
    """Event files in the run's folder `tensorboard`."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, figures: Mapping[str, float]) -> None:
        """Add one point to each curve."""
        for name, value in figures.items():
            if name not in ("step", "steps"):
                self._writer.add_scalar(name, value, int(figures["step"]))


@contextmanager
def line_log(folder: Path, done: int) -> Iterator[LineLog]:
    """Append to the folder's `log.jsonl`; lines of steps after `done`, which a killed run left, are taken out first.

    Raises:
        FolderError: it cannot be written.
    """
    path = folder / LOG
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _keep_until(path, done)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise FolderError(f"cannot write {path} ({error}); choose another folder") from error
    with file:
        yield LineLog(file, path)


def _keep_until(path: Path, done: int) -> None:
    """Drop the lines of steps that will be done again, and what a kill left of a line."""
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= done]
    if kept != lines:
        partial = path.with_name(path.name + ".partial")
        partial.write_text("".join(kept), encoding="utf-8")
        partial.replace(path)


@contextmanager
def tensorboard_log(folder: Path, done: int) -> Iterator[TensorBoardLog]:
    """Write event files that hide what an earlier run wrote after step `done`.

    Raises:
        MissingExtra: tensorboard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtra("--tensorboard needs tensorboard; pip install tensorboard") from error
    writer = SummaryWriter(str(folder / "tensorboard"), purge_step=done + 1)
    try:
        yield TensorBoardLog(writer)
    finally:
        writer.close()
