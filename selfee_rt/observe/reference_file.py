"""Reference files on disk: whole or not at all, and never unpickled."""

import io
import os
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ReferenceFileError

VERSION = 2
READABLE_VERSIONS = (1, 2)
"""Version 1 has no calibrations, transitions or LightGBM model."""

UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    SyntaxError,
    OverflowError,
    MemoryError,
    RuntimeError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""Everything that numpy and zipfile raise on damaged bytes."""


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read every array; nothing is unpickled.

    Raises:
        ReferenceFileError: there is no such file, or it is damaged.
    """
    try:
        archive = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise TypeError("it is one bare array")
        with archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError as error:
        raise ReferenceFileError(f"there is no reference {path}; make one with `selfee-rt fit`") from error
    except UNREADABLE as error:
        raise refused(path, f"damaged or not a reference ({error})") from error


def refused(path: Path, why: str) -> ReferenceFileError:
    """Return the error that says why a file cannot be used."""
    return ReferenceFileError(
        f"cannot use the reference {path}: {why}; expected a file made by `selfee-rt fit`, version {VERSION}"
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the target, then rename, so that a reader sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
