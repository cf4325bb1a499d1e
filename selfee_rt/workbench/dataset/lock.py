"""One process at a time prepares recordings in a folder."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from selfee_rt.errors import FolderError

LOCK = "preparing.lock"


@contextmanager
def only_here(folder: Path) -> Iterator[None]:
    """Keep other processes from preparing in this folder; a killed process keeps nobody.

    The lock is SQLite's, an empty database held in an exclusive transaction: it works on every system that the project
    runs on, and the system lets go of it when a process ends, however it ends.

    Raises:
        FolderError: another process is at work here, or the folder cannot be written.
    """
    with closing(_taken(folder)):
        yield


def _taken(folder: Path) -> sqlite3.Connection:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = sqlite3.connect(folder / LOCK, timeout=0, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            lock.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise FolderError(
            f"cannot prepare recordings in {folder} ({error}); if another process prepares there, wait for it; else "
            "choose another folder"
        ) from error
    return lock
