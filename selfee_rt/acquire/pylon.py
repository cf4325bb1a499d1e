"""Basler's runtime, loaded where it is installed."""

import warnings
from typing import Any

from selfee_rt.errors import MissingExtra


def load() -> tuple[Any, Any]:
    """Import pypylon and return its modules `pylon` and `genicam`.

    Its generated types warn while they are imported; where warnings are errors that would crash the interpreter.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from pypylon import genicam, pylon
    except ImportError as error:
        raise MissingExtra(
            "a Basler camera needs pypylon, which is not installed: pip install 'selfee-rt[basler]'"
        ) from error
    return pylon, genicam
