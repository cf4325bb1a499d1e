"""Reference files on disk: their versions, and what is said where one cannot be read."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from selfee_rt.errors import ReferenceFileError
from selfee_rt.observe.archive import UNREADABLE, read_arrays

VERSION = 2
READABLE_VERSIONS = (1, 2)
"""Version 1 has no calibrations, transitions or LightGBM model."""


def read_reference(path: Path) -> dict[str, NDArray[Any]]:
    """Read every array; nothing is unpickled.

    Raises:
        ReferenceFileError: there is no such file, or it is damaged.
    """
    try:
        return read_arrays(path)
    except FileNotFoundError as error:
        raise ReferenceFileError(f"there is no reference {path}; make one with `selfee-rt fit`") from error
    except UNREADABLE as error:
        raise refused(path, f"damaged or not a reference ({error})") from error


def refused(path: Path, why: str) -> ReferenceFileError:
    """Return the error that says why a file cannot be used."""
    return ReferenceFileError(
        f"cannot use the reference {path}: {why}; expected a file made by `selfee-rt fit`, version {VERSION}"
    )
