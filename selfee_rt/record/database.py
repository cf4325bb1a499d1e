"""One SQLite file that rows are only ever appended to, in transactions."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from selfee_rt.clock import NS_PER_MS
from selfee_rt.errors import FolderError, RecordingFailed
from selfee_rt.folder.rows import Row
from selfee_rt.folder.schema import create_sql, insert_sql

COMMIT_EVERY_NS = 200 * NS_PER_MS
"""Asked for at least every 50 ms, this gives a transaction at least every 250 ms."""


class AppendOnly:
    """Collects rows, and writes them in one transaction that is on the disk when `commit` returns.

    Write-ahead log, `synchronous = FULL`: neither a kill nor a power cut costs more than what was not committed,
    and others can read meanwhile. Used by the thread that made it only.

    Raises:
        FolderError: the file exists.
        RecordingFailed: it cannot be made.
    """

    def __init__(self, path: Path, tables: dict[str, tuple[str, ...]]) -> None:
        if path.exists():
            raise FolderError(f"{path} exists; a session never overwrites anything")
        self._path = path
        self._insert = {name: insert_sql(tables, name) for name in tables}
        self._pending: dict[str, list[Row]] = {name: [] for name in tables}
        self._n_pending = 0
        self._closed = False
        self._failed = False
        self._committed_ns: int | None = None
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(create_sql(tables))
        except sqlite3.Error as error:
            raise RecordingFailed(f"cannot make {path}: {error}; choose another disk") from error

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Take rows for the next transaction.

        Raises:
            RecordingFailed: it is closed.
        """
        if self._closed:
            raise RecordingFailed(f"{self._path} is closed; nothing more can be recorded")
        self._pending[table].extend(rows)
        self._n_pending += len(rows)

    def due(self, now_ns: int) -> bool:
        """Whether there is something to commit, and the last transaction is long enough ago."""
        if self._committed_ns is None:
            self._committed_ns = now_ns
        return self._n_pending > 0 and now_ns - self._committed_ns >= COMMIT_EVERY_NS

    def commit(self, now_ns: int | None = None) -> None:
        """Write what was taken; after an error it is still waiting, and may be tried again.

        Raises:
            RecordingFailed: it could not be written (disk full or gone, file locked by another program).
        """
        try:
            self._transaction()
        except sqlite3.Error as error:
            self._failed = True
            with suppress(sqlite3.Error):  # SQLite has often rolled back by itself
                self._connection.execute("ROLLBACK")
            raise RecordingFailed(
                f"cannot write {self._path}: {error}; what was written before is safe, make space on the disk"
            ) from error
        self._n_pending = 0
        self._committed_ns = now_ns
        for rows in self._pending.values():
            rows.clear()

    def _transaction(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for table, rows in self._pending.items():
            if rows:
                self._connection.executemany(self._insert[table], rows)
        self._connection.execute("COMMIT")

    def close(self, *, keep: bool = True) -> None:
        """Commit what is left if it is to be kept, fold the write-ahead log into the file, and close it; twice is fine.

        Raises:
            RecordingFailed: what is left could not be written, and `commit` has not said so before. It is closed.
        """
        if self._closed:
            return
        self._closed = True
        said = self._failed
        try:
            if keep and self._n_pending:
                self.commit()
        except RecordingFailed:
            if not said:
                raise
        finally:
            with suppress(
                sqlite3.Error
            ):  # somebody reads, or the disk is full: the write-ahead log stays, as after a kill
                self._connection.execute("PRAGMA journal_mode = DELETE")
            self._connection.close()
