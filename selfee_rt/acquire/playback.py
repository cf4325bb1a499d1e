"""Playing recorded frames: as a camera would have sent them, or as fast as they are read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.acquire.pacing import Pace, tolerance_ns
from selfee_rt.acquire.timing import Stamp
from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.config import Speed
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.types import Frame, SourceInfo, TimeQuality

Image = Callable[[], NDArray[np.uint8]]
"""Makes the image of a decoded frame: (H, W) grey or (H, W, 3) RGB uint8, full range, read-only."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a frame lies, so that it can be found again."""

    path: Path
    number: int
    """Frames that the decoder gives before it."""
    pts: int | None
    """Its own timestamp in ticks of the file; None: it has none."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One recorded frame that is decoded but not yet an image, since not every one is shown."""

    stamp: Stamp
    image: Image
    spot: Spot | None = None
    """None: it lies in no file."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording that is open: what it says of itself, its shots, and how to release it."""

    info: SourceInfo
    shots: Iterator[Shot]
    """Ends by raising EndOfStream."""
    close: Callable[[], None]
    """Allowed twice."""


class Player:
    """A source that plays a recording; `opener` opens it and may raise SourceError."""

    def __init__(self, opener: Callable[[], Opened], speed: Speed) -> None:
        self._opener = opener
        self._speed: Speed = speed
        self._opened: Opened | None = None
        self._playback: Playback | None = None

    def open(self) -> SourceInfo:
        """Open the recording.

        Raises:
            SourceError: it cannot be opened; nothing is left open.
        """
        self.close()
        opened = self._opened = self._opener()
        self._playback = Playback(
            opened.shots, Pace(self._speed, tolerance_ns=tolerance_ns(opened.info.fps, self._speed))
        )
        at_will = self._speed == "max"
        quality: TimeQuality = "arrival" if at_will else "due"
        return replace(opened.info, time_quality=quality, paced=not at_will, can_wait=at_will)

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame; None if none was due within `timeout_s`.

        Raises:
            EndOfStream: no more frames; the message reports how many were read, promised, and damaged.
            SourceError: it is not open.
        """
        if self._playback is None:
            raise SourceError("a recording is read that is not open; call open() first")
        return self._playback.read(timeout_s)

    def close(self) -> None:
        """Release the recording; allowed twice."""
        opened, self._opened, self._playback = self._opened, None, None
        if opened is not None:
            opened.close()


class Playback:
    """Hands out shots when they are due; at speed `max` at once and every one.

    A paced reader that is too slow loses frames as it would lose a camera's: the index jumps to the newest that is due.

    `shots` ends by raising EndOfStream, which every further `read` raises again.
    """

    def __init__(self, shots: Iterator[Shot], pace: Pace) -> None:
        self._shots = shots
        self._pace = pace
        self._next: Shot | None = None
        self._image: NDArray[np.uint8] | None = None
        """Of `_next`, made ahead while it is not due."""
        self._after: Shot | None = None
        self._end: EndOfStream | None = None

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, None if none was due within `timeout_s`.

        Raises:
            EndOfStream: there are no more.
        """
        until_ns = now_ns() + round(timeout_s * NS_PER_S)
        if self._next is None:
            self._next = self._take()
        shot = self._next
        due_ns = self._pace.due_ns(shot.stamp.media_ns)
        if due_ns is not None and self._pace.too_late(due_ns):
            shot = self._skip(shot, until_ns)
            due_ns = self._pace.due_ns(shot.stamp.media_ns)
        if self._image is None:
            self._image = shot.image()
        if due_ns is not None and not self._pace.wait(due_ns, timeout_s):
            return None
        image, self._image = self._image, None
        self._next, self._after = self._after, None
        return _frame(shot, image, due_ns)

    def _skip(self, shot: Shot, until_ns: int) -> Shot:
        """Go on with the newest shot that is due instead of `shot`, which is too late."""
        newest = self._newest_due(shot, until_ns)
        if newest is not shot:
            self._next, self._image = newest, None
        return newest

    def _take(self) -> Shot:
        if self._end is None:
            try:
                return next(self._shots)
            except EndOfStream as end:
                self._end = end
        raise self._end

    def _newest_due(self, shot: Shot, until_ns: int) -> Shot:
        """Drop shots up to the newest that is due now, or as many as can be decoded until `until_ns`."""
        media_due_ns = self._pace.media_due_ns()
        assert media_due_ns is not None
        while self._after is None:
            try:
                following = self._take()
            except EndOfStream:
                break
            if following.stamp.media_ns > media_due_ns or now_ns() > until_ns:
                self._after = following
            else:
                shot = following if not shot.stamp.inferred else keeping_inference(following)
        return shot


def keeping_inference(shot: Shot) -> Shot:
    """Return `shot`, marked as standing behind a jump that was concluded from timestamps."""
    return replace(shot, stamp=replace(shot.stamp, inferred=True))


def _frame(shot: Shot, image: NDArray[np.uint8], due_ns: int | None) -> Frame:
    received_ns = now_ns()
    return Frame(
        index=shot.stamp.index,
        media_ns=shot.stamp.media_ns,
        captured_ns=received_ns if due_ns is None else due_ns,
        received_ns=received_ns,
        image=image,
        index_inferred=shot.stamp.inferred,
    )
