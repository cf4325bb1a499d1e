"""Opening the SQLite files of a session read-only, whatever state they were left in."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from selfee_rt.errors import FolderError
from selfee_rt.folder.rows import Row
from selfee_rt.folder.schema import LATER_TABLES, column_names


def select(
    database: sqlite3.Connection, tables: dict[str, tuple[str, ...]], table: str, **only: str | None
) -> Iterator[Row]:
    """Rows of one table in the order in which they were written; with `only`, where a column has that value.

    Raises:
        FolderError: the database is damaged, or the table is missing and always was part of the format.
    """
    asked = {column: value for column, value in only.items() if value is not None}
    query = f"SELECT {column_names(tables[table])} FROM {table}"  # noqa: S608 (names are ours)
    if asked:
        query += " WHERE " + " AND ".join(f"{column} = ?" for column in asked)
    try:
        if table in LATER_TABLES and not _has(database, table):
            return
        cursor = database.execute(query + " ORDER BY rowid", tuple(asked.values()))
        while chunk := cursor.fetchmany(1000):
            yield from chunk
    except sqlite3.Error as error:
        raise FolderError(f"cannot read the table {table}: {error}; the file is damaged or not ours") from error


def _has(database: sqlite3.Connection, table: str) -> bool:
    return bool(database.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone())


def open_database(path: Path) -> sqlite3.Connection:
    """Open one SQLite file of a session read-only, whatever state it was left in.

    A killed session leaves a write-ahead log (`-wal`) beside the file. Where SQLite cannot read that in place
    (read-only media without the `-shm` index), both are copied to a temporary folder and read there.

    Raises:
        FolderError: it is missing or damaged.
    """
    if not path.is_file():
        raise FolderError(f"{path.parent} is not a whole session folder: {path.name} is missing")
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        pass
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from error
    try:
        return _copied(path)
    except sqlite3.Error as error:
        raise damaged(path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        database.close()
        raise
    return database


def _copied(path: Path) -> sqlite3.Connection:
    """Recover a copy, move it into memory, and remove the copy."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (path.name, path.name + "-wal"):
            if (path.parent / name).exists():
                shutil.copyfile(path.parent / name, Path(folder) / name)
        memory = sqlite3.connect(":memory:", isolation_level=None)
        with closing(sqlite3.connect(Path(folder) / path.name)) as copy:
            copy.backup(memory)
    return memory


def damaged(path: Path, error: sqlite3.Error) -> FolderError:
    """What SQLite said, as an error of ours."""
    return FolderError(f"cannot read {path}: {error}; the file is damaged or not a session's")
