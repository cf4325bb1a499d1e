"""What one session has said, as far as the window shows it, in bounded memory."""

import threading
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from selfee_rt import palette
from selfee_rt.clock import NS_PER_S
from selfee_rt.types import Bout
from selfee_rt.view import sentences
from selfee_rt.view.alarms import Alarms
from selfee_rt.view.bouts import Bouts
from selfee_rt.view.journal import Entry, Journal, Kind
from selfee_rt.view.missed import Missed
from selfee_rt.view.saying import Lost
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

FAULTS = ("device_lost", "device_tripped", "arming_ends_soon", "arming_ended")
"""Actions that nobody asked for."""


class Model:
    """Written by the link's thread, read by the window's; every method may be called from either.

    It keeps the last half hour, or `most_rows` observations of each arena.
    """

    def __init__(self, session: SessionMessage, most_rows: int | None = None) -> None:
        self.session = session
        self.colours = palette.on_dark(session.labels)
        self.vitals = Vitals()
        self.missed = Missed()
        detectors = [each.name for each in session.detectors]
        self._series = {
            each.name: Series(session.source.fps, session.labels, detectors, most_rows) for each in session.arenas
        }
        self._bouts = Bouts()
        self._journal = Journal()
        self._alarms = {each.name: Alarms() for each in session.arenas}
        self._first_alarm: dict[str, Entry] = {}
        self._first_host_less_media_ns: int | None = None
        self.strangest = Strangest(session.source.fps, detectors)
        self.n_prepended = 0
        """Rises when something older has come."""
        self.jumped_ns: int | None = None
        """Media time of the first exposure after the camera's clock jumped back; None: it did not."""
        self._first_index: int | None = None
        self._met_ns = session.started_ns
        """When the first status was made, on the session's clock."""
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
                if self.status is None:
                    self._met_ns = message.at_ns
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
                if self._bouts.add(message):
                    self._tell_bout(message)
            case LogMessage():
                kind: Kind = "fault" if message.action in FAULTS else "action"
                self._note(self._when(message.at_ns, message.index), kind, sentences.of_action(message))
            case TriggerMessage():
                text = sentences.of_trigger(message)
                self._note(self._when(message.decided_ns, message.index), "trigger", text, message.arena)
            case DeliveryMessage():
                text = sentences.of_delivery(message)
                self._note(self._when(message.at_ns, message.index), "trigger", text, message.arena)

    def _tell_bout(self, message: BoutMessage) -> None:
        time_s = self.clock_s(message.stop_media_ns)
        self._journal.add(time_s, "bout", sentences.of_bout(message), message.arena, message.label)

    def _observed(self, message: ObservationMessage) -> None:
        series = self._series.get(message.arena)
        if series is None:
            return
        if series.is_older(message):
            self._jumped(message)
        series.push(message)
        self.strangest.push(message)
        if self._first_host_less_media_ns is None:
            self._first_host_less_media_ns = message.captured_ns - message.media_ns
            self._first_index = message.index
        if self._alarms[message.arena].push(message):
            self._tell_alarm(message, self.thresholds)

    def _tell_alarm(self, message: ObservationMessage, thresholds: Mapping[str, float | None]) -> Entry:
        text = sentences.of_alarm(message, thresholds)
        entry = self._journal.add(self.clock_s(message.media_ns), "alarm", text, message.arena)
        self._first_alarm.setdefault(message.arena, entry)
        return entry

    def _jumped(self, message: ObservationMessage) -> None:
        """The camera's clock jumped back: what is found by its time is forgotten, since times would not be unique."""
        newest_ns = max(each.extent[1] for each in self._series.values() if each.extent is not None)
        for series in self._series.values():
            series.clear()
        self._bouts = Bouts()
        self.strangest.forget()
        self._alarms = {arena: Alarms() for arena in self._series}
        self._first_alarm.clear()
        self._first_host_less_media_ns = None
        self.jumped_ns = message.media_ns
        text = sentences.of_jump((newest_ns - message.media_ns) / NS_PER_S)
        self._note(self._session_s(message.captured_ns), "fault", text)

    def prepend(self, history: History) -> int:
        """Take what was observed before the first message came; return how many observations there was room for.

        After a jump of the camera's clock nothing is taken: what was before it has times of another clock.
        """
        with self._lock:
            if self.jumped_ns is not None:
                return 0
            self.n_prepended += 1
            for bout in self._bouts.prepend(history.bouts):
                self._tell_bout(bout)
            return sum(self._prepend(arena, history.observations) for arena in self._series)

    def _prepend(self, arena: str, observations: Sequence[ObservationMessage]) -> int:
        added = self._series[arena].prepend([each for each in observations if each.arena == arena])
        for each in added:
            self.strangest.push(each)
        found = self._alarms[arena].prepend(added)
        if found.joins:
            self._journal.remove(self._first_alarm[arena])
        told = [self._tell_alarm(each, {}) for each in found.begins]
        if told:
            self._first_alarm[arena] = told[0]
        return len(added)

    def recall(self, said: Iterable[Message | Lost]) -> None:
        """Take what the session folder says of the time before the first message came; what is known is left out."""
        for message in said:
            with self._lock:
                if not isinstance(message, Lost):
                    self._happened(message)
                elif self._first_index is None or message.first_index < self._first_index:
                    self.lose(message)

    def cannot_recall(self, why: str) -> None:
        """The session folder cannot be read from here."""
        with self._lock:
            text = f"what people and rules did before this window was opened is not known here: {why}"
            self._note(self._session_s(self._met_ns), "action", text)

    def lose(self, lost: Lost) -> None:
        """Exposures were lost, as the session folder tells."""
        with self._lock:
            at_ns = self._time_of(lost.first_index)
            if at_ns is not None:
                self._note(self.clock_s(at_ns), "loss", sentences.of_losses(lost.hop, lost.count))

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

    @property
    def n_told(self) -> int:
        """Rises with every change of the journal."""
        return self._journal.n_changes

    def told(self, most: int, around_ns: int | None = None) -> list[Entry]:
        """At most so many entries of the journal in the order of time: the last, or those around an instant."""
        with self._lock:
            return self._journal.around(None if around_ns is None else self.clock_s(around_ns), most)

    def _note(self, time_s: float, kind: Kind, text: str, arena: str = "") -> None:
        self._journal.add(time_s, kind, text, arena)

    def _session_s(self, host_ns: int) -> float:
        return (host_ns - self.session.started_ns) / NS_PER_S

    def _when(self, host_ns: int, index: int | None) -> float:
        """Seconds since the session started, of something that is about an exposure.

        Where the source is not paced, hours of it pass in minutes: then the stream's own time tells.
        """
        at_ns = None if index is None or self.session.source.paced else self._time_of(index)
        return self._session_s(host_ns) if at_ns is None else self.clock_s(at_ns)

    def _time_of(self, index: int) -> int | None:
        times = (series.time_of(index) for series in self._series.values())
        return next((each for each in times if each is not None), None)

    def _now_s(self) -> float:
        return 0.0 if self.status is None else self.status.elapsed_s
