"""Keeps a stream coming: connects, measures, receives, and connects again when it was lost."""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from selfee_rt.acquire.backoff import Backoff
from selfee_rt.acquire.connection import Arrival, Connection
from selfee_rt.acquire.grey import Pictures
from selfee_rt.acquire.timeline import Timeline, frame_rate
from selfee_rt.channels import Channel
from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.config import StreamConfig
from selfee_rt.errors import SourceError, SourceLost
from selfee_rt.types import Frame, SourceInfo

logger = logging.getLogger(__name__)

MEASURED_NS = NS_PER_S
MEASURED_FRAMES = 4
"""The frame rate is measured on at least this long and this many frames."""
RISING = 0.9
"""Share of the timestamps that must rise for them to be believed."""
LOST_PERIODS = 1.5
"""`lost_after_s` must be longer than so many frames take."""
KEPT_OUTAGES = 1000


@dataclass(frozen=True, slots=True)
class Outage:
    """A time without the stream."""

    lost_ns: int
    """Host clock when the last frame before it arrived."""
    why: str
    back_ns: int | None = None
    """Host clock when the first frame after it arrived; None while it lasts."""
    missed: int | None = None
    """Exposures that are missing, concluded from the time that passed."""


class Receiver:
    """Puts the frames of one stream into a channel until told to stop. One thread calls its methods.

    Args:
        config: the stream.
        frames: where frames go; the index of each is settled before, so what the channel drops is a jump.
        stop: set by another thread to end `receive`, within the longest wait for the network.
    """

    def __init__(self, config: StreamConfig, frames: Channel[Frame], stop: threading.Event) -> None:
        self._config = config
        self._frames = frames
        self._stop = stop
        self._last_index = -1
        self._last_arrived_ns = 0
        self.outages: deque[Outage] = deque(maxlen=KEPT_OUTAGES)

    def connect(self) -> SourceInfo:
        """Connect and measure the frame rate; the frames it is measured on are not delivered.

        Raises:
            SourceError: it cannot be opened, or its frame rate cannot be measured or is too low for `lost_after_s`.
        """
        deadline_ns = now_ns() + round(self._config.open_timeout_s * NS_PER_S)
        self._connect(silent_s=self._config.open_timeout_s)
        try:
            return self._introduce(deadline_ns)
        except BaseException:
            self._connection.close()
            raise

    def receive(self) -> None:
        """Deliver frames until `stop` is set.

        Raises:
            SourceLost: the stream did not come back in time, or came back with another picture size.
        """
        try:
            while not self._stop.is_set():
                arrival = self._next()
                if arrival is not None:
                    self._deliver(arrival)
        finally:
            self._connection.close()

    def _connect(self, silent_s: float) -> None:
        self._connection = Connection(self._config, open_s=self._config.open_timeout_s, silent_s=silent_s)
        self._arrivals: Iterator[Arrival] = self._connection.arrivals()

    def _introduce(self, deadline_ns: int) -> SourceInfo:
        first = next(self._arrivals)
        self._pictures = Pictures(first.frame, range_=self._config.range, colour=self._config.colour)
        stamps, arrivals = self._first_times(first, deadline_ns)
        use_timestamps = self._connection.has_timestamps and _believable(stamps)
        times = sorted(stamp for stamp in stamps if stamp is not None) if use_timestamps else arrivals
        fps = self._config.fps or frame_rate(times)
        if fps is None:
            raise SourceError(
                f"{self._connection.name}: got {len(arrivals)} frames, too few to measure the frame rate, before "
                f"{self._config.open_timeout_s:g} s were over; set source.fps or raise source.open_timeout_s"
            )
        self._refuse_slow(fps)
        self._last_arrived_ns = arrivals[-1]
        self._timeline = Timeline(period_ns=NS_PER_S / fps, use_timestamps=use_timestamps)
        return SourceInfo(
            name=self._connection.name,
            width_px=self._pictures.width_px,
            height_px=self._pictures.height_px,
            colour=self._config.colour,
            fps=fps,
            frames=None,
            time_quality="arrival",
            paced=True,
            can_wait=False,
            notes=(
                *self._pictures.notes,
                _note_on_fps(self._config.fps),
                _note_on_times(use_timestamps),
                *self._connection.notes,
            ),
        )

    def _first_times(self, first: Arrival, deadline_ns: int) -> tuple[list[int | None], list[int]]:
        """Timestamps and arrival times of the first second, or of the first few frames if the rate is given."""
        stamps, arrivals = [first.timestamp_ns], [first.arrived_ns]
        measured_ns = MEASURED_NS if self._config.fps is None else 0
        while arrivals[-1] < deadline_ns:
            if arrivals[-1] - arrivals[0] >= measured_ns and len(arrivals) >= MEASURED_FRAMES:
                break
            arrival = next(self._arrivals)
            stamps.append(arrival.timestamp_ns)
            arrivals.append(arrival.arrived_ns)
        return stamps, arrivals

    def _refuse_slow(self, fps: float) -> None:
        longest_s = LOST_PERIODS / fps
        if longest_s > self._config.lost_after_s:
            raise SourceError(
                f"{self._connection.name} sends {fps:.3g} frames per second, but source.lost_after_s is "
                f"{self._config.lost_after_s:g} s: every frame would count as lost; set more than {longest_s:.3g} s"
            )

    def _next(self) -> Arrival | None:
        try:
            return next(self._arrivals)
        except SourceLost as lost:
            self._connection.close()
            return self._regain(lost)

    def _deliver(self, arrival: Arrival) -> None:
        if not self._pictures.fits(arrival.frame):
            raise SourceLost(
                f"{self._connection.name} now sends {arrival.frame.width}x{arrival.frame.height} pixels, expected "
                f"{'x'.join(map(str, self._pictures.source_size))} as when the session began; start a new session"
            )
        place = self._timeline.place(arrival.timestamp_ns, arrival.arrived_ns)
        if place is None:
            return
        if self.outages and self.outages[-1].back_ns is None:
            self._resumed(arrival.arrived_ns, place.index - self._last_index - 1)
        self._last_index, self._last_arrived_ns = place.index, arrival.arrived_ns
        image = self._pictures.convert(arrival.frame)
        self._frames.put(Frame(place.index, place.media_ns, arrival.arrived_ns, now_ns(), image, place.inferred))

    def _regain(self, lost: SourceLost) -> Arrival | None:
        """Connect again until a frame arrives; None if told to stop meanwhile."""
        lost_ns = self._last_arrived_ns
        logger.warning("%s; connecting again", lost)
        self.outages.append(Outage(lost_ns, str(lost)))
        backoff = Backoff(
            longest_s=self._config.longest_pause_s, give_up_s=self._config.give_up_after_s, since_ns=lost_ns
        )
        why: SourceError = lost
        while (pause_s := backoff.pause_s(now_ns())) is not None:
            if self._stop.wait(pause_s):
                return None
            try:
                arrival = self._reconnected()
            except SourceError as error:
                why = error
                continue
            self._timeline.interrupted()
            return arrival
        raise SourceLost(
            f"{self._connection.name} did not come back within {self._config.give_up_after_s:g} s "
            f"(source.give_up_after_s); the last attempt: {why}"
        ) from why

    def _reconnected(self) -> Arrival:
        self._connect(silent_s=min(self._config.lost_after_s, self._config.open_timeout_s))
        try:
            return next(self._arrivals)
        except SourceLost:
            self._connection.close()
            raise

    def _resumed(self, arrived_ns: int, missed: int) -> None:
        outage = self.outages[-1]
        self.outages[-1] = replace(outage, back_ns=arrived_ns, missed=missed)
        away_s = (arrived_ns - outage.lost_ns) / NS_PER_S
        logger.warning("%s is back after %.1f s, %d exposures are missing", self._connection.name, away_s, missed)


def _believable(stamps: Sequence[int | None]) -> bool:
    """Whether the timestamps of the first frames rise; RTP has none before the sender's first report."""
    known = [stamp for stamp in stamps if stamp is not None]
    rising = sum(earlier < later for earlier, later in pairwise(known))
    return rising >= RISING * (len(stamps) - 2) > 0


def _note_on_fps(given: float | None) -> str:
    return "frame rate measured on the first second" if given is None else "frame rate as configured"


def _note_on_times(use_timestamps: bool) -> str:
    if use_timestamps:
        return "times are the stream's timestamps; missing exposures are inferred from them"
    return "the stream has no usable timestamps: times are arrival times, and missing exposures are inferred from them"
