"""Which time the window shows: what happens now, or a moment that is over."""

from collections.abc import Callable

from selfee_rt.clock import NS_PER_S, now_ns

SPANS_S = (10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0)
FIRST_SPAN_S = 60.0

Extent = Callable[[], tuple[int, int] | None]
"""Oldest and newest instant that can be looked at, in media_ns; None: there is none yet."""


class Sight:
    """Follows the newest exposure until somebody looks back, and again when somebody says so.

    Looking back, `at_ns` is the moment that is looked at, in media time: the middle of what plots show, except near
    the beginning.
    """

    def __init__(self, extent: Extent) -> None:
        self.span_s = FIRST_SPAN_S
        """How much plots show."""
        self.at_ns: int | None = None
        """None: live."""
        self.playing = False
        self.has_live = True
        """False: everything is over, so that there is always a moment that is looked at."""
        self._extent = extent
        self._stop_ns: int | None = None
        self._ticked_ns = 0

    @property
    def is_live(self) -> bool:
        """Whether the newest exposure is followed."""
        return self.at_ns is None

    def edges(self, oldest_ns: int, newest_ns: int) -> tuple[int, int]:
        """Left and right edge of what plots show, in media_ns; looking back, nothing before the oldest instant."""
        span_ns = round(self.span_s * NS_PER_S)
        if self.at_ns is None:
            return newest_ns - span_ns, newest_ns
        left_ns = max(self.at_ns - span_ns // 2, min(oldest_ns, self.at_ns))
        return left_ns, left_ns + span_ns

    def live(self) -> None:
        """Follow the newest exposure; where nothing is live, look at the last."""
        extent = self._extent()
        self.at_ns = None if self.has_live or extent is None else extent[1]
        self.playing = False

    def go(self, at_ns: int) -> None:
        """Look at a moment, or at the nearest that there is."""
        extent = self._extent()
        self.playing = False
        if extent is not None:
            self.at_ns = min(max(at_ns, extent[0]), extent[1])

    def scroll(self, seconds: float) -> None:
        """Look at a moment so much later, or earlier where it is negative; past the newest is live."""
        extent = self._extent()
        if extent is None or (self.at_ns is None and seconds >= 0):
            return
        from_ns = self._middle(extent[1]) if self.at_ns is None else self.at_ns
        to_ns = from_ns + round(seconds * NS_PER_S)
        if self.at_ns is not None and to_ns >= extent[1]:
            self.live()
        else:
            self.go(to_ns)

    def scroll_spans(self, spans: float) -> None:
        """Scroll by a part of what is shown."""
        self.scroll(spans * self.span_s)

    def oldest(self) -> None:
        """Look at the beginning of what there is."""
        extent = self._extent()
        if extent is not None:
            self.go(extent[0])

    def zoom(self, step: int) -> None:
        """Show more, or less where `step` is negative."""
        place = SPANS_S.index(self.span_s) + step
        self.span_s = SPANS_S[min(max(place, 0), len(SPANS_S) - 1)]

    def play(self) -> None:
        """Let what is looked at go on as fast as it happened, or stop it."""
        if self.at_ns is not None:
            self._begin(not self.playing, None)

    def play_around(self, at_ns: int, seconds: float) -> None:
        """Show so many seconds around a moment, once."""
        self.go(at_ns - round(seconds * NS_PER_S / 2))
        if self.at_ns is not None:
            self._begin(True, at_ns + round(seconds * NS_PER_S / 2))

    def tick(self) -> None:
        """Go on, if it plays."""
        extent = self._extent()
        if extent is not None:
            self._stay_inside(*extent)
        if not self.playing or self.at_ns is None or extent is None:
            return
        now = now_ns()
        stop_ns = extent[1] if self._stop_ns is None else min(self._stop_ns, extent[1])
        self.at_ns = min(self.at_ns + now - self._ticked_ns, stop_ns)
        self.playing = self.at_ns < stop_ns
        self._ticked_ns = now

    def _stay_inside(self, oldest_ns: int, newest_ns: int) -> None:
        """Where nothing is live, begin at the beginning; what is no longer kept is not looked at any more."""
        if self.at_ns is None:
            self.at_ns = None if self.has_live else oldest_ns
        elif self.at_ns > newest_ns:
            self.live()
        else:
            self.at_ns = max(self.at_ns, oldest_ns)

    def _begin(self, playing: bool, stop_ns: int | None) -> None:
        self.playing, self._stop_ns, self._ticked_ns = playing, stop_ns, now_ns()

    def _middle(self, newest_ns: int) -> int:
        return newest_ns - round(self.span_s * NS_PER_S / 2)
