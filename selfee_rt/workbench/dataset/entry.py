"""One prepared recording on disk: raw pictures, mapped into memory, and a header that appears when they are whole."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import FolderError, SourceError
from selfee_rt.workbench.dataset.recording import Recording
from selfee_rt.workbench.dataset.size import Size

FORMAT = 1
PARTIAL = ".partial"
KEY_DIGITS = 16


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the JSON file beside the pictures says."""

    format: int
    key: str
    """sha256 of everything that decides a pixel."""
    content: str
    """What was read, in words."""
    name: str
    fps: float
    size_px: Size
    """(height, width) of every picture."""
    runs: tuple[tuple[int, int], ...]
    """Exposures that arrived without a hole, both ends inclusive; all of them in order are the pictures."""
    ended: str
    """How the source ended, in its own words."""

    @property
    def exposures(self) -> NDArray[np.int64]:
        """(T,) exposure of each picture."""
        parts = [np.arange(first, last + 1, dtype=np.int64) for first, last in self.runs]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one arena of one recording is, or will be, kept."""

    folder: Path
    name: str
    key: str
    size_px: Size

    @property
    def header_path(self) -> Path:
        """JSON; exists when and only when the pictures are whole."""
        return self.folder / f"{self._stem}.json"

    @property
    def pictures_path(self) -> Path:
        """T pictures of H rows of W bytes, nothing between them."""
        return self.folder / f"{self._stem}.grey"

    @property
    def _stem(self) -> str:
        readable = re.sub(r"[^A-Za-z0-9._-]+", "_", self.name)[:60]
        return f"{readable}-{self.key[:KEY_DIGITS]}"

    def open(self) -> Recording | None:
        """Return what is kept, or None where nothing is.

        Raises:
            SourceError: the files are not what was written.
        """
        if not self.header_path.exists():
            return None
        header = self._header()
        exposures = header.exposures
        expected = len(exposures) * self.size_px[0] * self.size_px[1]
        got = self.pictures_path.stat().st_size if self.pictures_path.exists() else 0
        if got != expected or not len(exposures):
            raise self._broken(f"the pictures are {got} bytes, expected {expected}")
        mapped = np.memmap(self.pictures_path, np.uint8, "r", shape=(len(exposures), *self.size_px))
        return Recording(self.name, header.fps, exposures, np.asarray(mapped), header.ended)

    def _header(self) -> Header:
        try:
            header = msgspec.json.decode(self.header_path.read_bytes(), type=Header)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._broken(str(error)) from error
        if (header.format, header.key, header.size_px) != (FORMAT, self.key, self.size_px):
            raise self._broken("it was written for something else")
        return header

    def _broken(self, why: str) -> SourceError:
        return SourceError(f"{self.header_path} is not a prepared recording ({why}); delete it and prepare it again")

    @contextmanager
    def writing(self) -> Iterator["Writer"]:
        """Write the entry; it exists once `Writer.commit` has been called, and nothing is left of it otherwise."""
        partial = self.pictures_path.with_name(self.pictures_path.name + PARTIAL)
        try:
            with partial.open("wb") as file:
                yield Writer(self, partial, file)
        finally:
            partial.unlink(missing_ok=True)


class Writer:
    """Writes the pictures of one entry, in the order of their exposures."""

    def __init__(self, entry: Entry, partial: Path, file: BinaryIO) -> None:
        self._entry, self._partial, self._file = entry, partial, file
        self._runs: list[tuple[int, int]] = []

    def append(self, exposure: int, picture: NDArray[np.uint8]) -> None:
        """Add one picture (H, W)."""
        self._file.write(picture.tobytes())
        if self._runs and self._runs[-1][1] == exposure - 1:
            self._runs[-1] = (self._runs[-1][0], exposure)
        else:
            self._runs.append((exposure, exposure))

    def commit(self, content: str, fps: float, ended: str) -> None:
        """Give the pictures their name and then write the header, so that a header always means whole pictures."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._entry.pictures_path)
        header = Header(
            FORMAT, self._entry.key, content, self._entry.name, fps, self._entry.size_px, tuple(self._runs), ended
        )
        path = self._entry.header_path
        beside = path.with_name(path.name + PARTIAL)
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(header)))
        beside.replace(path)


def delete_partial(folder: Path) -> None:
    """Delete what killed processes left.

    Raises:
        FolderError: it cannot be deleted.
    """
    for left in folder.glob(f"*{PARTIAL}"):
        try:
            left.unlink(missing_ok=True)
        except OSError as error:
            raise FolderError(f"cannot delete {left}, left by a killed process: {error.strerror}") from error
