"""Stored embeddings of a few exposures, found without reading the others."""

import sqlite3
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import FolderError
from selfee_rt.folder.database import damaged, open_database
from selfee_rt.folder.rows import Row
from selfee_rt.folder.schema import EMBEDDING_DTYPE, EMBEDDINGS_FILE

Stored = tuple[str, int, NDArray[np.float32]]
"""Arena, exposure, and its embedding, (D,) float32 exactly as it was scored."""


class StoredEmbeddings:
    """The embedding store of one session, also of one that is running; read-only, and good for one thread.

    Rows stand in the order of their exposures, so that one is found by halving.

    Raises:
        FolderError: no embeddings were stored, or the store is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / EMBEDDINGS_FILE
        if not self._path.exists():
            raise FolderError("the session stored no embeddings (record.embeddings_every = 0)")
        self._database = open_database(self._path)

    def close(self) -> None:
        """Close the store; allowed twice."""
        self._database.close()

    @property
    def last_index(self) -> int:
        """The last exposure whose embeddings are stored; -1: there is none.

        Raises:
            FolderError: the store is damaged.
        """
        rows = self._select("SELECT frame_index FROM embeddings WHERE rowid = ?", self._last())
        return int(rows[0][0]) if rows else -1

    def between(self, first_index: int, last_index: int) -> list[Stored]:
        """Embeddings of all arenas of the exposures from `first_index` to `last_index`, both inclusive.

        Raises:
            FolderError: the store is damaged.
        """
        first, stop = self._row(first_index), self._row(last_index + 1)
        return [_stored(row) for row in self._rows("rowid >= ? AND rowid < ?", first, stop)]

    def spread(self, most: int) -> list[Stored]:
        """At most so many embeddings, evenly spread over the session; of all arenas in turn.

        Raises:
            FolderError: the store is damaged.
        """
        count = self._last()
        chosen = np.unique(np.linspace(1, count, min(most, count)).round().astype(int)).tolist()
        return [_stored(row) for number in chosen for row in self._rows("rowid = ?", number)]

    def _row(self, index: int) -> int:
        """Number of the first row whose exposure is not before `index`."""
        low, high = 1, self._last() + 1
        while low < high:
            middle = (low + high) // 2
            (found,) = self._select("SELECT frame_index FROM embeddings WHERE rowid = ?", middle)
            low, high = (middle + 1, high) if found[0] < index else (low, middle)
        return low

    def _last(self) -> int:
        """Number of the last row; 0: there is none."""
        return int(self._select("SELECT coalesce(max(rowid), 0) FROM embeddings")[0][0])

    def _rows(self, where: str, *values: int) -> list[Row]:
        query = f"SELECT arena, frame_index, vector FROM embeddings WHERE {where} ORDER BY rowid"  # noqa: S608 (ours)
        return self._select(query, *values)

    def _select(self, query: str, *values: int) -> list[Row]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise damaged(self._path, error) from error


def _stored(row: Row) -> Stored:
    arena, index, vector = row
    return arena, index, np.frombuffer(vector, EMBEDDING_DTYPE).astype(np.float32)
