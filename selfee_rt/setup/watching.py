"""A source that is looked at before there is a session: one thread opens, reads and closes whatever is asked for."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.clock import now_ns
from selfee_rt.config import RecordedConfig, SourceConfig, SyntheticConfig, VideoFileConfig
from selfee_rt.errors import EndOfStream, SelfeeRTError
from selfee_rt.protocols import Source
from selfee_rt.types import SourceInfo

READ_S = 0.1
"""How long one read waits; so long, at most, another order has to wait while a source is open."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is known of the source that was asked for last."""

    wanted: SourceConfig | None = None
    info: SourceInfo | None = None
    """None: not open yet, or never."""
    image: NDArray[np.uint8] | None = None
    """(H, W) grey or (H, W, 3) RGB uint8, 0..255; None: nothing has arrived yet."""
    number: int = 0
    """Differs from picture to picture."""
    arrived_ns: int = 0
    """Host clock when `image` had arrived."""
    problem: str | None = None
    """Why there is no picture, or no more."""


class Watcher:
    """Owns a thread from construction to `close`; a recording is played again and again at its own speed."""

    def __init__(self, open_source: Callable[[SourceConfig], Source] = build.source) -> None:
        self._open_source = open_source
        self._changed = threading.Condition()
        self._wanted: SourceConfig | None = None
        self._orders = 0
        self._done = 0
        self._closed = False
        self._numbers = count(1)
        self.sight = Sight()
        """Replaced as a whole, by the thread and by `watch`."""
        self._thread = threading.Thread(target=self._run, name="setup-watcher")
        self._thread.start()

    def watch(self, source: SourceConfig | None) -> None:
        """Look at this source from now on, at none if None; returns at once."""
        with self._changed:
            self._wanted = source
            self._orders += 1
            self.sight = Sight(source)
            self._changed.notify_all()

    def released(self, timeout_s: float) -> bool:
        """Wait until the last order has been taken up and, where it was None, nothing is open any more."""
        with self._changed:
            return self._changed.wait_for(lambda: self._done == self._orders, timeout_s)

    def close(self) -> None:
        """End; waits until the source that is open, or being opened, is closed. Allowed twice."""
        with self._changed:
            self._closed = True
            self._orders += 1
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._done != self._orders)
                if self._closed:
                    return
                order, wanted = self._orders, self._wanted
                self._done = order
                self._changed.notify_all()
            if wanted is not None:
                self._show(order, wanted)

    def _show(self, order: int, wanted: SourceConfig) -> None:
        """Open and read one source until there is another order, or it fails."""
        try:
            source = self._open_source(_at_its_own_speed(wanted))
            try:
                self._play(order, source)
            finally:
                source.close()
        except SelfeeRTError as error:
            self._tell(order, problem=str(error))

    def _play(self, order: int, source: Source) -> None:
        """Read until there is another order; what ends begins again, unless there was nothing in it."""
        self._tell(order, info=source.open())
        empty = True
        while self._orders == order:
            try:
                frame = source.read(READ_S)
            except EndOfStream:
                if empty:
                    raise
                source.open()
                empty = True
                continue
            if frame is not None:
                empty = False
                self._tell(order, image=frame.image, number=next(self._numbers), arrived_ns=now_ns())

    def _tell(self, order: int, **news: object) -> None:
        with self._changed:
            if self._orders == order:
                self.sight = replace(self.sight, **news)  # type: ignore[arg-type]


def _at_its_own_speed(source: SourceConfig) -> SourceConfig:
    """A recording as fast as it was made, whatever the session is going to do."""
    if isinstance(source, SyntheticConfig | VideoFileConfig | RecordedConfig):
        return source.model_copy(update={"speed": 1.0})
    return source
