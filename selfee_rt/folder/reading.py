"""Reading a session folder: of a session that ended, was killed, or is running now."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import FolderError
from selfee_rt.folder.record import SessionRecord, read_record
from selfee_rt.folder.rows import (
    EmbeddingStoreRecord,
    ExposureRow,
    HopTime,
    Row,
    SessionEnd,
    action_of,
    exposure_of,
    observation_of,
)
from selfee_rt.folder.schema import (
    EMBEDDING_DTYPE,
    EMBEDDING_TABLES,
    EMBEDDINGS_FILE,
    LOG_FILE,
    LOG_TABLES,
    SEGMENT_PATTERN,
    column_names,
    segment_number,
)
from selfee_rt.types import Action, Bout, Loss, Observation, StageStatus, read_only


def create(path: Path) -> Path:
    """Make the folder of a new session, with its parents, and return its absolute path.

    Raises:
        FolderError: it exists already, or cannot be made.
    """
    try:
        path.mkdir(parents=True)
    except FileExistsError as error:
        raise FolderError(f"{path} exists; a session never overwrites anything, choose another folder") from error
    except OSError as error:
        raise FolderError(f"cannot make the session folder {path}: {error.strerror}; choose another place") from error
    return path.resolve()


class SessionFolder:
    """What one session left on disk; read-only, and good for one thread.

    Rows come in the order in which they were written. A killed session's log ends with its last transaction;
    nothing needs to be repaired first, and nothing in the folder is changed by reading it, also on read-only media.

    Raises:
        FolderError: the folder is not a session's, or its record or log is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.record: SessionRecord = read_record(path)
        self._log = open_database(path / LOG_FILE)

    def close(self) -> None:
        """Close the log; allowed twice."""
        self._log.close()

    def __enter__(self) -> "SessionFolder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ended(self) -> SessionEnd | None:
        """How the session ended; None: it was killed, or is running."""
        ends = [SessionEnd(*row) for row in self.table("session_end")]
        return ends[-1] if ends else None

    @property
    def last_index(self) -> int:
        """The last exposure that is accounted for in every arena; -1: there is none."""
        end = self.ended
        if end is not None:
            return end.last_index
        return min((self._last_fate(arena) for arena in self.record.arenas), default=-1)

    def _last_fate(self, arena: str) -> int:
        query = """SELECT max(coalesce((SELECT max(frame_index) FROM observations WHERE arena = ?1), -1),
                              coalesce((SELECT max(last_index) FROM losses WHERE arena = ?1), -1))"""
        return int(self._select(query, arena)[0][0])

    def exposures(self) -> Iterator[ExposureRow]:
        """Every exposure that arrived, and where its picture is."""
        return map(exposure_of, self.table("exposures"))

    def observations(self, arena: str | None = None) -> Iterator[Observation]:
        """Observations of one arena, or of all."""
        return map(observation_of, self.table("observations", arena))

    def losses(self, arena: str) -> Iterator[Loss]:
        """Ranges of exposures that were not observed in one arena."""
        return (Loss(hop, first, last) for _, hop, first, last in self.table("losses", arena))

    def bouts(self, arena: str | None = None) -> Iterator[Bout]:
        """Bouts of one arena, or of all."""
        return (Bout(*row) for row in self.table("bouts", arena))

    def actions(self) -> Iterator[Action]:
        """What people and clients did."""
        return map(action_of, self.table("actions"))

    def status(self) -> Iterator[tuple[int, StageStatus]]:
        """Once a second and stage: host time in ns, and how the stage was doing."""
        return ((row[0], StageStatus(*row[1:])) for row in self.table("status"))

    def hop_times(self) -> Iterator[HopTime]:
        """When exposures passed the hops after the decision."""
        return (HopTime(*row) for row in self.table("hop_times"))

    @property
    def segments(self) -> tuple[Path, ...]:
        """The video segments, in the order in which they were recorded."""
        return tuple(sorted(self.path.glob(SEGMENT_PATTERN), key=lambda path: segment_number(path.name)))

    def embeddings(self, arena: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Stored embeddings of one arena: exposure, and (D,) float32 exactly as it was scored; none: nothing stored.

        Raises:
            FolderError: the store is damaged.
        """
        path = self.path / EMBEDDINGS_FILE
        if not path.exists():
            return
        with closing(open_database(path)) as database:
            for _, index, vector in select(database, EMBEDDING_TABLES, "embeddings", arena):
                yield index, read_only(np.frombuffer(vector, EMBEDDING_DTYPE).astype(np.float32))

    @property
    def embedding_store(self) -> EmbeddingStoreRecord | None:
        """What the embedding store says of itself; None: no embeddings were stored.

        Raises:
            FolderError: the store is damaged.
        """
        path = self.path / EMBEDDINGS_FILE
        if not path.exists():
            return None
        with closing(open_database(path)) as database:
            return next((EmbeddingStoreRecord(*row) for row in select(database, EMBEDDING_TABLES, "store")), None)

    def table(self, name: str, arena: str | None = None) -> Iterator[Row]:
        """Rows of one table of the log as SQLite gives them, columns as in `schema.LOG_TABLES`.

        Raises:
            FolderError: the log is damaged.
        """
        return select(self._log, LOG_TABLES, name, arena)

    def integers(self, name: str, *columns: str, arena: str | None = None) -> NDArray[np.int64]:
        """Chosen integer columns of one table of the log, in the order in which the rows were written.

        Returns (N, columns) int64.

        Raises:
            FolderError: the log is damaged.
        """
        found = list(select(self._log, {name: columns}, name, arena))
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
            raise _damaged(self.path / LOG_FILE, error) from error


def select(
    database: sqlite3.Connection, tables: dict[str, tuple[str, ...]], table: str, arena: str | None = None
) -> Iterator[Row]:
    """Rows of one table in the order in which they were written.

    Raises:
        FolderError: the database is damaged, or the table is missing.
    """
    query = f"SELECT {column_names(tables[table])} FROM {table}"  # noqa: S608 (names are ours)
    if arena is not None:
        query += " WHERE arena = ?"
    try:
        cursor = database.execute(query + " ORDER BY rowid", () if arena is None else (arena,))
        while chunk := cursor.fetchmany(1000):
            yield from chunk
    except sqlite3.Error as error:
        raise FolderError(f"cannot read the table {table}: {error}; the file is damaged or not ours") from error


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
        return _connect(path, in_place=True)
    except sqlite3.OperationalError:
        pass
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error
    try:
        return _copied(path)
    except sqlite3.Error as error:
        raise _damaged(path, error) from error


def _connect(path: Path, *, in_place: bool) -> sqlite3.Connection:
    wal = path.with_name(path.name + "-wal")
    options = "mode=ro" if wal.exists() or not in_place else "mode=ro&immutable=1"
    database = sqlite3.connect(f"{path.resolve().as_uri()}?{options}", uri=True, isolation_level=None)
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


def _damaged(path: Path, error: sqlite3.Error) -> FolderError:
    return FolderError(f"cannot read {path}: {error}; the file is damaged or not a session's")
