"""The session's log: everything about every exposure except its picture and its embedding."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from selfee_rt import clock
from selfee_rt.errors import RecordingFailed
from selfee_rt.folder.record import read_record
from selfee_rt.folder.rows import (
    ExposureRow,
    HopTime,
    Row,
    action_row,
    bout_row,
    exposure_row,
    hop_time_row,
    loss_rows,
    observation_row,
    revision_row,
    status_row,
)
from selfee_rt.folder.rows_stimuli import delivery_row, device_clock_row, device_sync_row, trigger_row
from selfee_rt.folder.schema import LOG_FILE, LOG_TABLES
from selfee_rt.record.ballast import Ballast
from selfee_rt.record.database import AppendOnly
from selfee_rt.stimuli import Delivery, DeviceClock, DeviceSync, Trigger
from selfee_rt.types import Action, Bout, Loss, Observation, Revision, StageStatus

Stimuli = Trigger | Delivery | DeviceClock | DeviceSync
LogItem = ExposureRow | Observation | Revision | Loss | Bout | Action | Stimuli | HopTime | tuple[StageStatus, ...]

_TABLES: dict[type, tuple[str, Callable[[Any], Row]]] = {
    ExposureRow: ("exposures", exposure_row),
    Revision: ("revisions", revision_row),
    Bout: ("bouts", bout_row),
    Action: ("actions", action_row),
    Trigger: ("triggers", trigger_row),
    Delivery: ("deliveries", delivery_row),
    DeviceClock: ("device_clock", device_clock_row),
    DeviceSync: ("sync_edges", device_sync_row),
    HopTime: ("hop_times", hop_time_row),
}
"""Where what becomes one row goes, and how it becomes it."""


class SessionLog:
    """Keeps log.sqlite. Made after session.json was written; used by one thread, from construction to `close`.

    What is written in order of index stays in order: a transaction ends with a whole exposure (all arenas), so any
    prefix that survives a kill accounts for every exposure up to its last one.

    When the disk is full, 4 MiB that were kept back are freed, what was waiting is committed there, and
    `RecordingFailed` is raised once and by every `write` after it; `end` then still works.

    Raises:
        FolderError: the folder has no session.json, or a log already.
        RecordingFailed: the log cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._arenas = read_record(folder).arenas
        self._last_index = -1
        self._arenas_missing = 0
        self._failed: RecordingFailed | None = None
        self._tables = AppendOnly(folder / LOG_FILE, LOG_TABLES)
        try:
            self._ballast = Ballast(folder)
        except RecordingFailed:
            self._tables.close()
            raise

    @property
    def last_index(self) -> int:
        """The last exposure whose fate was written; -1: none yet."""
        return self._last_index

    def write(self, item: LogItem) -> None:
        """Take one item for the next transaction.

        Raises:
            RecordingFailed: a transaction has failed before.
        """
        if self._failed is not None:
            raise RecordingFailed(*self._failed.args) from self._failed
        match item:
            case Observation():
                self._observation(item)
            case Loss():
                self._loss(item)
            case tuple():
                self._status(item)
            case _:
                table, row = _TABLES[type(item)]
                self._tables.add(table, (row(item),))

    def _observation(self, observation: Observation) -> None:
        self._tables.add("observations", (observation_row(observation),))
        self._last_index = observation.exposure.index
        self._arenas_missing = (self._arenas_missing or len(self._arenas)) - 1

    def _loss(self, loss: Loss) -> None:
        self._tables.add("losses", loss_rows(loss, self._arenas))
        self._last_index = loss.last_index

    def _status(self, stages: tuple[StageStatus, ...]) -> None:
        at_ns = clock.now_ns()
        self._tables.add("status", [status_row(stage, at_ns) for stage in stages])

    def commit_if_due(self, now_ns: int) -> bool:
        """Commit if 200 ms have passed since the last time, and say whether; to be called at least every 50 ms.

        Raises:
            RecordingFailed: the disk is full or gone. If it was only full, everything taken so far is safe.
        """
        if self._failed is not None or self._arenas_missing or not self._tables.due(now_ns):
            return False
        try:
            self._tables.commit(now_ns)
        except RecordingFailed as failed:
            self._failed = failed
            self._commit_into_ballast()
            raise
        return True

    def _commit_into_ballast(self) -> None:
        self._ballast.release()
        self._tables.commit()

    def end(self, how: str, last_index: int, why: str = "") -> None:
        """Commit everything, and how the session ended: a word or two, and in a sentence why.

        `last_index` is the last exposure that was accounted for, -1 if there was none; where recording stopped
        before the session did, it is this log's own `last_index`.

        Raises:
            RecordingFailed: not even the space that was kept back was enough.
        """
        self._tables.add("session_end", ((how, why, last_index, clock.now_ns()),))
        try:
            self._tables.commit()
        except RecordingFailed:
            self._commit_into_ballast()

    def close(self) -> None:
        """Commit what is left, unless an arena is missing from its last exposure, and close the log. Allowed twice.

        Without `end` before, the log looks as after a kill.

        Raises:
            RecordingFailed: what is left could not be written, and nothing said so before. It is closed all the same.
        """
        try:
            self._tables.close(keep=self._arenas_missing == 0)
        finally:
            self._ballast.release()
