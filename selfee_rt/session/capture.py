"""The capturing stage: owns the source, composes live frames, hands everything on."""

import threading
from dataclasses import dataclass

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.compose.background_first import BackgroundFirst
from selfee_rt.compose.live_frame import Composer
from selfee_rt.errors import ChannelClosed, EndOfStream
from selfee_rt.protocols import Source
from selfee_rt.session.line import Line
from selfee_rt.session.meter import Meter
from selfee_rt.session.stage import Ready
from selfee_rt.types import Frame, SourceInfo

READ_TIMEOUT_S = 0.2
"""How long a stop may take to be noticed while nothing arrives."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlets:
    """Where captured exposures go; what there is to open is known only once the source is."""

    composer: Composer | BackgroundFirst
    line: Line


class CaptureStage:
    """Reads the source from its first exposure to its end, and composes before anything may be dropped."""

    def __init__(
        self, source: Source, seconds: float | None, stop: threading.Event, meters: tuple[Meter, Meter]
    ) -> None:
        self.info: SourceInfo
        self.outlets: Outlets | None = None
        """Set before `go`; None: the session could not start."""
        self.go = threading.Event()
        self.last_index = -1
        self.how = "the source ended"
        """How the stream ended."""
        self._source = source
        self._seconds = seconds
        self._stop = stop
        self._meter, self._compose_meter = meters
        self._first_media_ns: int | None = None

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        try:
            self.info = self._source.open()
            ready()
            self.go.wait()
            if self.outlets is not None:
                self._read(self.outlets)
        finally:
            self._source.close()
            if self.outlets is not None:
                self.outlets.composer.finish()
                self.outlets.line.live.close()
                if self.outlets.line.preview is not None:
                    self.outlets.line.preview.close()

    def _read(self, outlets: Outlets) -> None:
        deadline_ns = None if self._seconds is None else now_ns() + round(self._seconds * NS_PER_S)
        while not self._stop.is_set():
            try:
                frame = self._source.read(READ_TIMEOUT_S)
                if frame is None and self.info.paced and deadline_ns is not None and now_ns() >= deadline_ns:
                    self.how = f"the {self._seconds:g} s asked for are over"
                    return
                if frame is not None and not self._take(frame, outlets):
                    return
            except EndOfStream as end:
                self.how = str(end)
                return
            except ChannelClosed:
                self.how = "a later stage ended"
                return

    def _take(self, frame: Frame, outlets: Outlets) -> bool:
        """Compose, then hand on; False when the seconds asked for are over."""
        if self._first_media_ns is None:
            self._first_media_ns = frame.media_ns
        if self._seconds is not None and frame.media_ns - self._first_media_ns >= self._seconds * NS_PER_S:
            self.how = f"the {self._seconds:g} s asked for are over"
            return False
        self._meter.n_in += frame.index - self.last_index
        self._meter.n_out += 1
        self._meter.took(frame.received_ns - frame.captured_ns)
        self.last_index = frame.index
        live = outlets.composer.push(frame)
        self._compose_meter.n_in += 1
        try:
            if live is not None:
                self._compose_meter.n_out += 1
                self._compose_meter.took(live.composed_ns - frame.received_ns)
                outlets.line.composed(live)
        finally:  # it arrived, so it is recorded, also where nothing can be decided any more
            outlets.line.captured(frame)
        return True
