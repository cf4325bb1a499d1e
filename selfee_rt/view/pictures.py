"""The pictures that this window has seen or fetched, to be found by their time, in bounded memory."""

import threading
from bisect import bisect_left, insort

from selfee_rt.clock import NS_PER_S
from selfee_rt.view.decode import Preview

PER_S = 5
"""Of the pictures that are seen, so many a second are kept."""
MOST_BYTES = 24 * 2**20
"""Of those seen: two minutes and more of 640 px."""
MOST_FETCHED_BYTES = 8 * 2**20
WITHIN_S = 0.6
"""A picture stands for the time around it."""


class Pictures:
    """Any thread may read; those that are seen come from the link's."""

    def __init__(self) -> None:
        self._seen = _Shelf(MOST_BYTES)
        self._fetched = _Shelf(MOST_FETCHED_BYTES)
        self._lock = threading.Lock()
        self._due_ns = 0

    def see(self, preview: Preview) -> None:
        """A picture came; keep it if one is due."""
        if preview.heard_ns >= self._due_ns:
            self._due_ns = max(self._due_ns, preview.heard_ns - NS_PER_S // PER_S) + NS_PER_S // PER_S
            with self._lock:
                self._seen.add(preview)

    def fetch(self, preview: Preview) -> None:
        """A picture that was asked for came."""
        with self._lock:
            self._fetched.add(preview)

    def at(self, media_ns: int) -> Preview | None:
        """The picture nearest to an instant; None: there is none around it."""
        with self._lock:
            found = [each for shelf in (self._seen, self._fetched) if (each := shelf.nearest(media_ns)) is not None]
        best = min(found, key=lambda each: abs(each.header.media_ns - media_ns), default=None)
        if best is None or abs(best.header.media_ns - media_ns) > WITHIN_S * NS_PER_S:
            return None
        return best


class _Shelf:
    """Pictures in the order of their time; those that came first are forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._n_bytes = 0
        self._by_time: list[Preview] = []
        self._came: list[Preview] = []

    def add(self, preview: Preview) -> None:
        insort(self._by_time, preview, key=_time)
        self._came.append(preview)
        self._n_bytes += len(preview.jpeg)
        while self._n_bytes > self._most_bytes and len(self._came) > 1:
            oldest = self._came.pop(0)
            self._n_bytes -= len(oldest.jpeg)
            place = bisect_left(self._by_time, _time(oldest), key=_time)
            while self._by_time[place] is not oldest:
                place += 1
            del self._by_time[place]

    def nearest(self, media_ns: int) -> Preview | None:
        place = bisect_left(self._by_time, media_ns, key=_time)
        around = self._by_time[max(0, place - 1) : place + 1]
        return min(around, key=lambda each: abs(_time(each) - media_ns), default=None)


def _time(preview: Preview) -> int:
    return preview.header.media_ns
