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
from selfee_rt.view.film import Film
from selfee_rt.view.model import Model
from selfee_rt.view.source import Moments, Source
from selfee_rt.view.summary import session_message, stimulation
from selfee_rt.wire import Message, StatusMessage
from selfee_rt.wire import make as messages

Said = tuple[int, str, Message]
"""Exposure, topic, message."""


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
                self.film.find(session)
                model = self.model = Model(session_message(self.record, self.folder), session.last_index + 1)
                for _, topic, message in _said(session):
                    if self._stopping:
                        return
                    model.apply(topic, message)
                model.apply("status", _status(session))
        except SelfeeRTError as error:
            self.heard.garbage = str(error)


def _said(session: SessionFolder) -> Iterator[Said]:
    """All that was said, in the order of the exposures that it is about."""
    tables = (_observations, _revisions, _bouts, _triggers, _actions)
    return merge(*(each(session, session.record.session_id) for each in tables), key=itemgetter(0))


def _observations(session: SessionFolder, session_id: str) -> Iterator[Said]:
    for each in session.observations():
        yield each.exposure.index, f"observation.{each.arena}", messages.observation(each, session_id)


def _revisions(session: SessionFolder, session_id: str) -> Iterator[Said]:
    for each in session.revisions():
        yield each.newest_index, f"revision.{each.arena}", messages.revision(each, session_id)


def _bouts(session: SessionFolder, session_id: str) -> Iterator[Said]:
    for each in session.bouts():
        yield each.stop_index, f"bout.{each.arena}", messages.bout(each, session_id)


def _actions(session: SessionFolder, session_id: str) -> Iterator[Said]:
    for each in session.actions():
        yield each.frame_index, "log", messages.log(each, session_id)


def _triggers(session: SessionFolder, session_id: str) -> Iterator[Said]:
    told = stimulation(session.record)
    rules = {} if told is None else {each.name: each for each in told.rules}
    delivered = {each.trigger_id: each for each in session.deliveries()}
    for each in session.triggers():
        yield each.frame_index, f"trigger.{each.arena}", messages.trigger(each, session_id)
        delivery, rule = delivered.get(each.trigger_id), rules.get(each.rule)
        if delivery is not None and rule is not None:
            said = messages.delivery(delivery, rule, session_id)
            yield each.frame_index, f"delivery.{each.arena}", said


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
