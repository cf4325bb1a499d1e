"""One SQLite file of a session, read table by table."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from selfee_rt.folder.database import damaged, open_database, select
from selfee_rt.folder.rows import Row
from selfee_rt.folder.schema import LOG_FILE, LOG_TABLES


class LogTables:
    """The tables of a session's log; read-only, and good for one thread.

    Raises:
        FolderError: the log is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        """The session folder."""
        self._log = open_database(path / LOG_FILE)

    def close(self) -> None:
        """Close the log; allowed twice."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def hold(self) -> None:
        """Read the log of a running session as it is now, from here to `close`, so that its tables fit one another.

        Raises:
            FolderError: the log is damaged.
        """
        self._select("BEGIN")
        self._select("SELECT count(*) FROM session_end")

    def table(self, name: str, arena: str | None = None, *, device: str | None = None) -> Iterator[Row]:
        """Rows of one table of the log as SQLite gives them, columns as in `schema.LOG_TABLES`.

        Raises:
            FolderError: the log is damaged.
        """
        return select(self._log, LOG_TABLES, name, arena=arena, device=device)

    def integers(self, name: str, *columns: str, arena: str | None = None) -> NDArray[np.int64]:
        """Chosen integer columns of one table of the log, in the order in which the rows were written.

        Returns (N, columns) int64.

        Raises:
            FolderError: the log is damaged.
        """
        found = list(select(self._log, {name: columns}, name, arena=arena))
        return np.array(found, np.int64).reshape(len(found), len(columns))

    def distinct(self, name: str, column: str) -> set[Any]:
        """Values that occur in one column of one table of the log.

        Raises:
            FolderError: the log is damaged.
        """
        return {row[0] for row in self._select(f"SELECT DISTINCT {column} FROM {name}")}  # noqa: S608 (names are ours)

    def _select(self, query: str, *values: Any) -> list[Row]:
        try:
            return self._log.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise damaged(self.path / LOG_FILE, error) from error
