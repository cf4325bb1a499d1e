"""Checking a written file while the window stays alive: one thread, which waits until the source is free."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from selfee_rt.errors import SelfeeRTError
from selfee_rt.setup.watching import Watcher

RELEASE_S = 30.0
"""A source that is being opened may take so long to let go of."""


class Checking:
    """Runs `check` of one file at a time; lines or problems come back through `result`."""

    def __init__(self, check: Callable[[Path], Sequence[str]], watcher: Watcher) -> None:
        self._check, self._watcher = check, watcher
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="setup-check")
        self._running: Future[str] | None = None

    @property
    def busy(self) -> bool:
        """A check is under way, or its result has not been fetched."""
        return self._running is not None

    def start(self, path: Path) -> None:
        """Close the picture's source, then check the file."""
        self._watcher.watch(None)
        self._running = self._pool.submit(self._work, path)

    def result(self) -> str | None:
        """What the check has said, once; None while there is nothing new."""
        if self._running is None or not self._running.done():
            return None
        finished, self._running = self._running, None
        return finished.result()

    def close(self) -> None:
        """Wait for a check that is under way. Allowed twice."""
        self._pool.shutdown()

    def _work(self, path: Path) -> str:
        self._watcher.released(RELEASE_S)
        try:
            return "\n".join(self._check(path))
        except SelfeeRTError as error:
            return f"This is wrong:\n\n{error}"
