"""What every .npz file of this room needs: reading that survives damage, writing that is whole or not at all."""

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
    """Every array of an .npz file; nothing in it is unpickled.

    Raises:
        FileNotFoundError: there is no such file.
        Any other of `UNREADABLE`: it is damaged, or another kind of file.
    """
    archive = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise TypeError("it is one bare array")
    with archive:
        return {name: archive[name] for name in archive.files}


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the target, then rename, so that a reader sees the old file or the new one.

    Raises:
        OSError: it cannot be written; the target is as it was.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
