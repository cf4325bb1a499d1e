"""What one session has said, as far as the window shows it, in bounded memory."""

import threading
from collections import deque

import numpy as np
from numpy.typing import NDArray

from selfee_rt import palette
from selfee_rt.clock import NS_PER_S
from selfee_rt.types import Bout
from selfee_rt.view import sentences
from selfee_rt.view.bouts import Bouts
from selfee_rt.view.journal import Entry, Journal, Kind
from selfee_rt.view.missed import Missed
from selfee_rt.view.series import Seen, Series
from selfee_rt.view.strangest import Strangest
from selfee_rt.view.vitals import Vitals
from selfee_rt.wire import (
    BoutMessage,
    DeliveryMessage,
    History,
    LogMessage,
    Message,
    ObservationMessage,
    RevisionMessage,
    SessionMessage,
    StatusMessage,
    TriggerMessage,
)

ALARM_MERGE_S = 1.0
"""Exposures with an alarm that are less apart than this are one alarm."""
FAULTS = ("device_lost", "device_tripped", "arming_ends_soon", "arming_ended")
"""Actions that nobody asked for."""
DECISIONS = 500


class Model:
    """Written by the link's thread, read by the window's; every method may be called from either.

    It keeps the last half hour, or `most_rows` observations of each arena.
    """

    def __init__(self, session: SessionMessage, most_rows: int | None = None) -> None:
        self.session = session
        self.colours = palette.on_dark(session.labels)
        self.vitals = Vitals()
        self.missed = Missed()
        self.triggers: deque[TriggerMessage] = deque(maxlen=DECISIONS)
        self.deliveries: deque[DeliveryMessage] = deque(maxlen=DECISIONS)
        detectors = [each.name for each in session.detectors]
        self._series = {
            each.name: Series(session.source.fps, session.labels, detectors, most_rows) for each in session.arenas
        }
        self._bouts = Bouts()
        self._journal = Journal()
        self._alarmed_ns: dict[str, int] = {}
        self._host_less_media_ns = 0
        self._first_host_less_media_ns: int | None = None
        self.strangest = Strangest(session.source.fps)
        self.n_prepended = 0
        """Rises when something older has come."""
        self._lock = threading.RLock()

    # --- written by the link ---------------------------------------------------------------------------------------

    def apply(self, topic: str, message: Message) -> None:
        """Take one message of this session."""
        with self._lock:
            lost = self.missed.note(topic, message.seq)
            if lost:
                self._note(self._now_s(), "fault", f"this window missed {lost} messages of {topic}")
            self._apply(message)

    def _apply(self, message: Message) -> None:
        match message:
            case ObservationMessage():
                self._observed(message)
            case RevisionMessage() if message.arena in self._series:
                self._series[message.arena].revise(message)
            case StatusMessage():
                for kind, arena, text in self.vitals.take(message):
                    self._note(self._session_s(message.at_ns), kind, text, arena)
            case SessionMessage():
                self.session = message
            case _:
                self._happened(message)

    def _happened(self, message: Message) -> None:
        """Write what happened to the journal."""
        match message:
            case BoutMessage() if message.arena in self._series:
                self._bouts.add(message)
                time_s = self._session_s(message.stop_media_ns + self._host_less_media_ns)
                self._journal.add(time_s, "bout", sentences.of_bout(message), message.arena, message.label)
            case LogMessage():
                kind: Kind = "fault" if message.action in FAULTS else "action"
                self._note(self._session_s(message.at_ns), kind, sentences.of_action(message))
            case TriggerMessage():
                self.triggers.append(message)
                text = sentences.of_trigger(message)
                self._note(self._session_s(message.decided_ns), "trigger", text, message.arena)
            case DeliveryMessage():
                self.deliveries.append(message)
                text = sentences.of_delivery(message)
                self._note(self._session_s(message.at_ns), "trigger", text, message.arena)

    def _observed(self, message: ObservationMessage) -> None:
        series = self._series.get(message.arena)
        if series is None:
            return
        series.push(message)
        self.strangest.push(message)
        self._host_less_media_ns = message.captured_ns - message.media_ns
        if self._first_host_less_media_ns is None:
            self._first_host_less_media_ns = self._host_less_media_ns
        if message.alarm:
            before_ns = self._alarmed_ns.get(message.arena)
            self._alarmed_ns[message.arena] = message.media_ns
            if before_ns is None or message.media_ns - before_ns > ALARM_MERGE_S * NS_PER_S:
                text = sentences.of_alarm(message, self.thresholds)
                self._note(self._session_s(message.captured_ns), "alarm", text, message.arena)

    def prepend(self, history: History) -> int:
        """Take what was observed before the first message came; return how many observations there was room for."""
        with self._lock:
            self.n_prepended += 1
            self._bouts.prepend(history.bouts)
            of: dict[str, list[ObservationMessage]] = {arena: [] for arena in self._series}
            for each in history.observations:
                if each.arena in of:
                    of[each.arena].append(each)
                    self.strangest.push(each)
            return sum(self._series[arena].prepend(messages) for arena, messages in of.items())

    # --- read by the window ----------------------------------------------------------------------------------------

    @property
    def status(self) -> StatusMessage | None:
        """The newest status; None: none has come yet."""
        return self.vitals.status

    @property
    def arenas(self) -> tuple[str, ...]:
        """Names of the arenas."""
        return tuple(self._series)

    @property
    def thresholds(self) -> dict[str, float | None]:
        """By detector: what its score is compared with now."""
        if self.status is not None:
            return self.status.thresholds
        return {each.name: each.threshold for each in self.session.detectors}

    def latest(self, arena: str) -> ObservationMessage | None:
        """The newest observation of one arena."""
        return self._series[arena].latest

    def between(self, arena: str, left_ns: int, right_ns: int) -> tuple[NDArray[np.void], int]:
        """Rows of a time of one arena, as in `Series`, and the number of the first of them."""
        with self._lock:
            return self._series[arena].between(left_ns, right_ns)

    def seen_at(self, arena: str, media_ns: int) -> Seen | None:
        """What was observed at an instant; None: nothing."""
        with self._lock:
            return self._series[arena].seen_at(media_ns)

    def index_at(self, arena: str, media_ns: int) -> int | None:
        """The last exposure of one arena that was observed up to an instant; None: none that is kept."""
        with self._lock:
            return self._series[arena].index_at(media_ns)

    def extent(self, arena: str) -> tuple[int, int] | None:
        """Times of the oldest and the newest exposure of one arena that are kept; None: there is none."""
        with self._lock:
            return self._series[arena].extent

    @property
    def oldest_index(self) -> int | None:
        """The oldest exposure that is kept in every arena; None: in one there is none."""
        with self._lock:
            oldest = [each.oldest_index for each in self._series.values()]
            return None if None in oldest else max((each for each in oldest if each is not None), default=None)

    def clock_s(self, media_ns: int) -> float:
        """Seconds since the session started, of an instant of the stream's own time."""
        return self._session_s(media_ns + (self._first_host_less_media_ns or 0))

    def bout_at(self, arena: str, media_ns: int) -> Bout | None:
        """The bout at one instant; one that has not ended goes on to the newest observation. None: no label there."""
        with self._lock:
            return self._bouts.at(arena, media_ns) or self._series[arena].run_at(arena, media_ns)

    def journal_since(self, number: int) -> list[Entry]:
        """Entries of the journal from `number` on."""
        with self._lock:
            return self._journal.since(number)

    def _note(self, time_s: float, kind: Kind, text: str, arena: str = "") -> None:
        self._journal.add(time_s, kind, text, arena)

    def _session_s(self, host_ns: int) -> float:
        return (host_ns - self.session.started_ns) / NS_PER_S

    def _now_s(self) -> float:
        return 0.0 if self.status is None else self.status.elapsed_s
