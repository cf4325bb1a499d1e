"""What TensorRT says while it works: kept, so that an error of ours can repeat it."""

from typing import Any

from selfee_rt.embed.tensorrt_library import Library

KEPT = 20
"""Newest complaints that are kept; the first of several is usually the cause."""


class Complaints:
    """Errors that a library reported, oldest first."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def add(self, words: str) -> None:
        """Keep one."""
        if len(self.words) < KEPT:
            self.words.append(" ".join(words.split()))

    def __str__(self) -> str:
        return "; ".join(dict.fromkeys(self.words)) or "it gave no reason"


def logger_of(library: Library, complaints: Complaints) -> Any:
    """A logger for this library that hands its errors to `complaints` and drops everything else."""
    severity = library.module.ILogger.Severity
    errors = (severity.ERROR, severity.INTERNAL_ERROR)

    class Log(library.module.ILogger):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            library.module.ILogger.__init__(self)

        def log(self, severity: Any, msg: str) -> None:
            if severity in errors:
                complaints.add(msg)

    return Log()
