"""The threads of one session by name, and what ends them all: somebody asks for it, or one of them fails."""

import threading
from collections.abc import Callable

from selfee_rt.session.capture import CaptureStage
from selfee_rt.session.meter import Meter
from selfee_rt.session.stage import Ready, Stage

METERS = ("acquire", "compose", "embed", "decide", "publish", "record", "video", "total")


class Crew:
    """Starts stages and waits for them; the first that asks or fails says how the session ended."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        self.meters = {name: Meter(name) for name in METERS}
        self.stopping = threading.Event()
        """Set when the source is to end, and everything after it when its input does."""
        self.error: Exception | None = None
        """What ended the session, if it did not end in order."""
        self._stopped_by: str | None = None

    def run(self, name: str, body: Callable[[Ready], None]) -> None:
        """Start a stage; on return it is open.

        Raises:
            Exception: whatever opening it raised.
        """
        stage = Stage(name, body, self.failed)
        self.stages[name] = stage
        stage.start()

    def join(self, name: str) -> None:
        """Wait until a stage has ended, if there is one of this name."""
        if name in self.stages:
            self.stages[name].join()

    def join_all(self) -> None:
        """Wait until every stage has ended."""
        for stage in self.stages.values():
            stage.join()

    def stop(self, how: str) -> None:
        """Ask the source to end, saying why; from any thread, at any time and twice."""
        if self._stopped_by is None:
            self._stopped_by = how
        self.stopping.set()

    def failed(self, name: str, error: Exception) -> None:
        """A stage has failed: keep the first error, and end the session in order."""
        if self.error is None:
            self.error = error
        if name in self.meters:
            self.meters[name].error = str(error)
        self.stopping.set()

    def ending(self, capture: CaptureStage) -> tuple[str, int, str]:
        """How the session ended in a word, its last exposure, and why in a sentence."""
        if self.error is not None:
            return "failed", capture.last_index, str(self.error)
        if self._stopped_by is not None:
            return "stopped", capture.last_index, self._stopped_by
        return "ended", capture.last_index, capture.how
