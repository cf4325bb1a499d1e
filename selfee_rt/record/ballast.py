"""Space kept back on the disk, so that a session that fills it can still write its end."""

import os
from pathlib import Path

from selfee_rt.errors import RecordingFailed
from selfee_rt.folder.schema import BALLAST_FILE

BALLAST_BYTES = 4 * 1024 * 1024


class Ballast:
    """A file of 4 MiB that is removed when space is needed, or when the session has ended.

    Its content is random, so that the blocks are real also on disks that compress or leave holes.

    Raises:
        RecordingFailed: there is not even that much space.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / BALLAST_FILE
        try:
            with self._path.open("xb") as file:
                file.write(os.urandom(BALLAST_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.release()
            raise RecordingFailed(
                f"cannot keep {BALLAST_BYTES // 2**20} MiB back in {folder}: {error.strerror}; make space on the disk"
            ) from error

    def release(self) -> None:
        """Give the space free; allowed twice."""
        self._path.unlink(missing_ok=True)
