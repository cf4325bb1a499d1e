"""The rolling window: three exposures, one frame interval apart, make a live frame."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from selfee_rt import clock
from selfee_rt.compose.arena import ArenaPreparer
from selfee_rt.compose.image_stats import PictureMeter
from selfee_rt.errors import AccountingError
from selfee_rt.types import Exposure, Frame, ImageStats, LiveFrames, Loss, read_only


class _Times(NamedTuple):
    media_ns: int
    captured_ns: int
    received_ns: int


@dataclass(slots=True)
class _Run:
    """Exposures that arrived without a hole; both ends inclusive."""

    first: int
    last: int


class Composer:
    """Builds the live frames of all arenas as soon as their future has arrived.

    A gap in `Frame.index` breaks the window: a live frame never spans a dropped exposure. Every exposure from 0 on
    either becomes the current one of exactly one live frame or is given exactly once to `on_loss`, in order of index:
    as `source` (never arrived), `edge` (the first or last `interval` exposures) or `gap` (one within `interval` is
    missing). A loss is given before any live frame of a higher index is returned. Where composing begins later than
    at 0, all of this holds from there on.
    """

    def __init__(
        self,
        preparers: Sequence[ArenaPreparer],
        *,
        size_px: tuple[int, int],
        interval: int,
        on_loss: Callable[[Loss], None],
    ) -> None:
        """Compose arenas in this order, which are prepared to `size_px` (H, W); `interval` is in exposures.

        Raises:
            ValueError: the interval is less than one exposure.
        """
        if interval < 1:
            raise ValueError(f"the frame interval is {interval} exposures, expected at least 1")
        self.interval = interval
        self._on_loss = on_loss
        self._preparers = tuple(preparers)
        self._slots = 2 * interval + 1
        self._pictures = np.empty((self._slots, len(preparers), *size_px), np.uint8)
        self._stats = np.empty((self._slots, len(preparers), ImageStats.COUNT), np.float32)
        self._meter = PictureMeter(size_px)
        self._times: list[_Times] = [_Times(0, 0, 0)] * self._slots
        self._runs: deque[_Run] = deque()
        self._first = self._next = 0
        self._finished = False

    def begin_at(self, index: int) -> None:
        """Say, before the first frame, that what came before exposure `index` was accounted for by another."""
        self._first = self._next = index

    def push(self, frame: Frame) -> LiveFrames | None:
        """Take the newest frame; return the live frames that it completes, if any.

        Raises:
            AccountingError: its index does not rise, or the stream had been finished.
            SourceError: the picture's size has changed.
        """
        self._extend(frame.index)
        self._keep(frame)
        current = frame.index - self.interval
        whole = self._runs[-1].first <= current - self.interval
        self._lose(current if whole else current + 1, arrived="gap")
        if not whole:
            return None
        self._next = current + 1
        return self._live_frames(current)

    def finish(self) -> None:
        """Say that the stream has ended; what still waited for its future is lost at the edge."""
        self._finished = True
        if self._runs:
            self._lose(self._runs[-1].last + 1, arrived="edge")

    def _extend(self, index: int) -> None:
        newest = self._runs[-1].last if self._runs else -1
        if index <= newest or self._finished:
            ended = " and was finished" if self._finished else ""
            raise AccountingError(f"exposure {index} was pushed after {newest}, which was the newest{ended}")
        if self._runs and index == newest + 1:
            self._runs[-1].last = index
        else:
            self._runs.append(_Run(index, index))

    def _keep(self, frame: Frame) -> None:
        """Resize and measure the exposure, once, into the window."""
        slot = frame.index % self._slots
        for arena, preparer in enumerate(self._preparers):
            picture = self._pictures[slot, arena]
            seen = preparer.prepare(frame.image, picture)
            self._meter.measure(seen, self._stats[slot, arena])
        self._times[slot] = _Times(frame.media_ns, frame.captured_ns, frame.received_ns)

    def _lose(self, stop: int, *, arrived: str) -> None:
        """Report every exposure from the first without a fate up to, not including, `stop`; missing ones whole."""
        while self._next < stop:
            run = self._runs[0]
            if run.last < self._next:
                self._runs.popleft()
            elif self._next < run.first:
                self._report("source", run.first)
            elif self._next < self._first + self.interval:
                self._report("edge", min(stop, run.last + 1, self._first + self.interval))
            else:
                self._report(arrived, min(stop, run.last + 1))

    def _report(self, hop: str, stop: int) -> None:
        loss = Loss(hop, self._next, stop - 1)
        self._next = stop
        self._on_loss(loss)

    def _live_frames(self, current: int) -> LiveFrames:
        slots = [index % self._slots for index in (current - self.interval, current, current + self.interval)]
        now, newest = self._times[slots[1]], self._times[slots[2]]
        return LiveFrames(
            exposure=Exposure(current, *now, current + self.interval, *newest),
            image=read_only(np.stack([self._pictures[slot] for slot in slots], axis=1)),
            image_stats=read_only(self._stats[slots[1]].copy()),
            composed_ns=clock.now_ns(),
        )
