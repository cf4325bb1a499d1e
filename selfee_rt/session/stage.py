"""One stage of the line: a thread that owns its resources from open to close."""

import threading
from collections.abc import Callable

Ready = Callable[[], None]
"""Called by a stage's body once its resources are open."""


class Stage:
    """Runs `body` in a thread of its own and keeps the error it ends with.

    `body(ready)` opens what it owns, calls `ready()`, works until its input ends, and closes what it opened.
    """

    def __init__(self, name: str, body: Callable[[Ready], None], on_failure: Callable[[str, Exception], None]) -> None:
        self.name = name
        self.error: Exception | None = None
        self._body = body
        self._on_failure = on_failure
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"selfee-rt {name}", daemon=False)

    def start(self) -> None:
        """Start the thread and wait until its resources are open.

        Raises:
            Exception: whatever opening them raised.
        """
        self._thread.start()
        self._opened.wait()
        if self.error is not None:
            self._thread.join()
            raise self.error

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread to end; False if it has not within `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._body(self._opened.set)
        except Exception as error:  # noqa: BLE001 - the thread's boundary: kept, and reported by the session
            self.error = error
            self._on_failure(self.name, error)
        finally:
            self._opened.set()
