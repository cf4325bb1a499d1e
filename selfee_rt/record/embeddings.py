"""Stored embeddings: rescoring a session from them gives exactly what it said live."""

from pathlib import Path

from selfee_rt.folder.record import read_record
from selfee_rt.folder.schema import EMBEDDING_DTYPE, EMBEDDING_TABLES, EMBEDDINGS_FILE
from selfee_rt.record.database import AppendOnly
from selfee_rt.types import Embeddings


class EmbeddingStore:
    """Keeps embeddings.sqlite: the embeddings of every exposure whose index is a multiple of `every`, as float16.

    Made after session.json was written; used by one thread, from construction to `close`.

    Raises:
        FolderError: the folder has no session.json, or a store already.
        RecordingFailed: the store cannot be made.
        ValueError: `every` is below 1.
    """

    def __init__(self, folder: Path, every: int, model_id: str) -> None:
        if every < 1:
            raise ValueError(f"every is {every}, expected 1 or more; store no embeddings by making no store")
        self._every = every
        self._arenas = read_record(folder).arenas
        self._tables = AppendOnly(folder / EMBEDDINGS_FILE, EMBEDDING_TABLES)
        self._tables.add("store", ((model_id, every, EMBEDDING_DTYPE),))

    def write(self, embeddings: Embeddings) -> None:
        """Take the embeddings of all arenas of one exposure, if it is one to keep."""
        index = embeddings.exposure.index
        if index % self._every:
            return
        vectors = embeddings.vector.astype(EMBEDDING_DTYPE)  # exact: they were rounded before they were scored
        rows = [(arena, index, vector.tobytes()) for arena, vector in zip(self._arenas, vectors, strict=True)]
        self._tables.add("embeddings", rows)

    def commit_if_due(self, now_ns: int) -> None:
        """Commit if 200 ms have passed since the last time; to be called at least every 50 ms.

        Raises:
            RecordingFailed: the disk is full or gone.
        """
        if self._tables.due(now_ns):
            self._tables.commit(now_ns)

    def end(self) -> None:
        """Commit what is left.

        Raises:
            RecordingFailed: the disk is full or gone.
        """
        self._tables.commit()

    def close(self) -> None:
        """Commit what is left, and close the store. Allowed twice.

        Raises:
            RecordingFailed: what is left could not be written, and nothing said so before. It is closed all the same.
        """
        self._tables.close()
