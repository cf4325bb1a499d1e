"""Reading a session folder: of a session that ended, was killed, or is running now."""

from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import FolderError
from selfee_rt.folder.database import open_database, select
from selfee_rt.folder.record import SessionRecord, read_record
from selfee_rt.folder.rows import (
    EmbeddingStoreRecord,
    ExposureRow,
    HopTime,
    SessionEnd,
    action_of,
    exposure_of,
    observation_of,
    revision_of,
)
from selfee_rt.folder.rows_stimuli import delivery_of, device_clock_of, device_sync_of, trigger_of
from selfee_rt.folder.schema import (
    EMBEDDING_DTYPE,
    EMBEDDING_TABLES,
    EMBEDDINGS_FILE,
    SEGMENT_PATTERN,
    segment_number,
)
from selfee_rt.folder.tables import LogTables
from selfee_rt.stimuli import ClockSample, Delivery, SyncEdge, Trigger
from selfee_rt.types import Action, Bout, Loss, Observation, Revision, StageStatus, read_only


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


class SessionFolder(LogTables):
    """What one session left on disk; read-only, and good for one thread.

    Rows come in the order in which they were written. A killed session's log ends with its last transaction;
    nothing needs to be repaired first, and nothing in the folder is changed by reading it, also on read-only media.

    Raises:
        FolderError: the folder is not a session's, or its record or log is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.record: SessionRecord = read_record(path)
        super().__init__(path)

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

    def labels_of(self, indices: Collection[int]) -> dict[tuple[str, int], str | None]:
        """What was said of these exposures, by arena and exposure; those of which nothing was said are left out."""
        query = f"""SELECT arena, label_index, label FROM observations
                    WHERE label_index IN ({", ".join("?" * len(indices))})"""  # noqa: S608 (only question marks)
        return {(arena, index): label for arena, index, label in self._select(query, *indices)}

    def revisions(self, arena: str | None = None) -> Iterator[Revision]:
        """Exposures of one arena, or of all, that were judged again."""
        return map(revision_of, self.table("revisions", arena))

    def losses(self, arena: str) -> Iterator[Loss]:
        """Ranges of exposures that were not observed in one arena."""
        return (Loss(hop, first, last) for _, hop, first, last in self.table("losses", arena))

    def bouts(self, arena: str | None = None) -> Iterator[Bout]:
        """Bouts of one arena, or of all."""
        return (Bout(*row) for row in self.table("bouts", arena))

    def actions(self) -> Iterator[Action]:
        """What people and clients did."""
        return map(action_of, self.table("actions"))

    def triggers(self, arena: str | None = None) -> Iterator[Trigger]:
        """Every decision of the rules of one arena, or of all, also not to fire."""
        return map(trigger_of, self.table("triggers", arena))

    def deliveries(self) -> Iterator[Delivery]:
        """What became of each trial at its device."""
        return map(delivery_of, self.table("deliveries"))

    def device_clock(self, device: str) -> Iterator[ClockSample]:
        """Samples of one device's clock between two instants of the host's."""
        return (device_clock_of(row).sample for row in self.table("device_clock", device=device))

    def sync_edges(self, device: str) -> Iterator[SyncEdge]:
        """Rising edges of one device's sync output."""
        return (device_sync_of(row).edge for row in self.table("sync_edges", device=device))

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
            for _, index, vector in select(database, EMBEDDING_TABLES, "embeddings", arena=arena):
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
