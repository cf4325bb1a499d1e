"""How long the disk will do."""

import shutil
from pathlib import Path

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.wire import Disk

SETTLED_S = 20.0
"""Before that, how fast the session folder grows is not known well."""
GIGABYTE = 1e9
S_PER_HOUR = 3600


class DiskWatch:
    """Compares what is free with how fast the session folder has grown since the first look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._began: tuple[int, int] | None = None
        """When, and how large the folder was."""
        self.state: Disk | None = None
        """As of the last look; None: there was none, or the disk cannot be asked."""

    def look(self) -> None:
        """Ask the disk; takes well under a millisecond for a folder of a session's few files."""
        try:
            free = shutil.disk_usage(self._folder).free
            used = sum(path.stat().st_size for path in self._folder.iterdir() if path.is_file())
        except OSError:  # a disk that is gone is what recording reports
            self.state = None
            return
        now = now_ns()
        if self._began is None:
            self._began = now, used
        elapsed_s, grown = (now - self._began[0]) / NS_PER_S, used - self._began[1]
        known = elapsed_s >= SETTLED_S and grown > 0
        hours_left = free / (grown / elapsed_s) / S_PER_HOUR if known else None
        self.state = Disk(free_gb=free / GIGABYTE, hours_left=hours_left)
