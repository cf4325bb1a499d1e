"""A session that is over, read from its folder as if it were being said again."""

import threading
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from pathlib import Path

from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import SelfeeRTError
from selfee_rt.folder import SessionFolder, read_record
from selfee_rt.types import StageStatus
from selfee_rt.view import saying
from selfee_rt.view.film import Film
from selfee_rt.view.model import Model
from selfee_rt.view.source import Moments, Source
from selfee_rt.view.summary import session_message
from selfee_rt.wire import StatusMessage


class Finished(Source):
    """Reads from `start` on, in a thread; what has been read is shown.

    Raises:
        FolderError: it is not a session folder.
    """

    is_over = True

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.record = read_record(folder)
        self.deaf = "the session is over; nothing can be asked of it"
        self.film = Film(folder, self.record)
        self.part_read = 0.0
        """How much of it has been read, 0 to 1."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="selfee-rt view folder")

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()
        self.film.start()

    def close(self) -> None:
        """End both threads."""
        self._stopping = True
        self._thread.join()
        self.film.close()

    def moments(self) -> Moments:
        """Pictures are decoded from the video."""
        return self.film

    def _run(self) -> None:
        try:
            with SessionFolder(self.folder) as session:
                self._read(session)
        except SelfeeRTError as error:
            self.heard.garbage = str(error)

    def _read(self, session: SessionFolder) -> None:
        """Let it all be said again, until the window closes."""
        last_index = session.last_index
        model = self.model = Model(session_message(self.record, self.folder), last_index + 1)
        for index, topic, message in _said(session):
            if self._stopping:
                return
            self.part_read = max(0.0, index / max(1, last_index))
            if isinstance(message, saying.Lost):
                model.lose(message)
            else:
                model.apply(topic, message)
        model.apply("status", _status(session))
        self.part_read = 1.0


def _said(session: SessionFolder) -> Iterator[saying.Said]:
    """All that was said, in the order of the exposures that it is about."""
    tables = (saying.observations, saying.revisions, saying.bouts, saying.triggers, saying.actions, saying.losses)
    return merge(*(each(session) for each in tables), key=itemgetter(0))


def _status(session: SessionFolder) -> StatusMessage:
    """How the session was when it ended."""
    end, record = session.ended, session.record
    last: dict[str, StageStatus] = {}
    at_ns = record.started.host_ns
    for said_ns, stage in session.status():
        at_ns, last[stage.name] = said_ns, stage
    losses: dict[str, int] = {}
    for loss in session.losses(record.arenas[0]):
        losses[loss.hop] = losses.get(loss.hop, 0) + loss.count
    thresholds = {each.name: each.threshold for each in record.detectors}
    for action in session.actions():
        if action.action == "set_threshold" and action.result == "ok":
            thresholds[action.arguments["detector"]] = action.arguments["threshold"]
    at_ns = at_ns if end is None else end.at_ns
    return StatusMessage(
        session_id=record.session_id,
        index=session.last_index,
        at_ns=at_ns,
        state="ended",
        elapsed_s=(at_ns - record.started.host_ns) / NS_PER_S,
        fps=None,
        n_exposures=session.last_index + 1,
        n_observed=session.last_index + 1 - sum(losses.values()),
        losses=losses,
        thresholds=thresholds,
        recording=False,
        stages=tuple(last.values()),
        error=None if end is not None else "the session was killed, or is still running",
    )
