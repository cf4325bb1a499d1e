"""Small pictures of the last seconds, for whoever missed them."""

import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from selfee_rt import clock
from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import ControlError
from selfee_rt.publish.jpeg import JpegEncoder
from selfee_rt.types import Frame

WIDEST_PX = 320
PER_S = 10
MOST_BYTES = 3 * 2**19
"""JPEGs of one answer; as base64 they are 2 MiB."""


@dataclass(frozen=True, slots=True)
class Still:
    """One picture."""

    index: int
    media_ns: int
    captured_ns: int
    kept_ns: int
    """When it was taken here, on the host clock."""
    width_px: int
    height_px: int
    scale: float
    jpeg: bytes


class Stills:
    """Keeps at most PER_S pictures a second, for so many seconds, in so much memory; written by one thread."""

    def __init__(self, seconds: float, mib: float) -> None:
        self._longest_ns = round(seconds * NS_PER_S)
        self._most_bytes = round(mib * 2**20)
        self._n_bytes = 0
        self._kept: deque[Still] = deque()
        self._lock = threading.Lock()
        self._due_ns: int | None = None
        self._encoder: JpegEncoder | None = None

    def write(self, frame: Frame) -> None:
        """Keep the picture if one is due.

        Raises:
            PublishError: FFmpeg refused the picture.
        """
        now_ns = clock.now_ns()
        if self._due_ns is not None and now_ns < self._due_ns:
            return
        period_ns = NS_PER_S // PER_S
        self._due_ns = max(now_ns if self._due_ns is None else self._due_ns, now_ns - period_ns) + period_ns
        if self._encoder is None or self._encoder.shape != frame.image.shape:
            self._encoder = JpegEncoder(frame.image, widest_px=WIDEST_PX)
        encoder = self._encoder
        jpeg = encoder.encode(frame.image)
        size = encoder.width_px, encoder.height_px, encoder.scale
        self.keep(Still(frame.index, frame.media_ns, frame.captured_ns, now_ns, *size, jpeg))

    def keep(self, still: Still) -> None:
        """Add the newest picture; the oldest are forgotten."""
        with self._lock:
            self._kept.append(still)
            self._n_bytes += len(still.jpeg)
            oldest_ns = still.kept_ns - self._longest_ns
            while self._kept[0].kept_ns < oldest_ns or (self._n_bytes > self._most_bytes and len(self._kept) > 1):
                self._n_bytes -= len(self._kept.popleft().jpeg)

    def around(self, index: int, seconds: float, most: int) -> tuple[Still, ...]:
        """At most `most` pictures evenly over the seconds around an exposure, as far as they are held, oldest first.

        Raises:
            ControlError: the exposure is older than all that is held, or newer.
        """
        with self._lock:
            kept = tuple(self._kept)
        middle = _nearest(kept, index)
        half_ns = round(seconds * NS_PER_S / 2)
        around = [each for each in kept if abs(each.media_ns - middle.media_ns) <= half_ns]
        return _fitting(_spread(around, most))


def _nearest(kept: Sequence[Still], index: int) -> Still:
    if not kept:
        raise ControlError("no picture has been kept yet; ask again in a second")
    first, last = kept[0], kept[-1]
    if index < first.index or index > last.index:
        held_s = (last.kept_ns - first.kept_ns) / NS_PER_S
        why = "are no longer held" if index < first.index else "have not been kept yet"
        raise ControlError(
            f"pictures of exposure {index} {why}; those of exposures {first.index} to {last.index} are, the last "
            f"{held_s:.1f} s; older ones are in the session folder's video, if it is recorded"
        )
    place = bisect_left(kept, index, key=lambda each: each.index)
    return min(kept[max(0, place - 1) : place + 1], key=lambda each: abs(each.index - index))


def _spread(stills: Sequence[Still], most: int) -> Sequence[Still]:
    if len(stills) <= most:
        return stills
    return [stills[place * len(stills) // most] for place in range(most)]


def _fitting(stills: Sequence[Still]) -> tuple[Still, ...]:
    """Every second one, and again, until they fit into an answer."""
    while len(stills) > 1 and sum(len(each.jpeg) for each in stills) > MOST_BYTES:
        stills = stills[::2]
    return tuple(stills)
