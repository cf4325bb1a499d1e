"""Which exposure is looked at: stepping, jumping, playing at several speeds."""

from selfee_rt.clock import NS_PER_S
from selfee_rt.view.scoring.timeline import Timeline

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Times as fast as it happened."""


class Player:
    """A place in a timeline; it stays where it is until it is told, or plays."""

    def __init__(self, timeline: Timeline) -> None:
        self.number = 0
        """Of the exposure that is looked at."""
        self.speed = 1.0
        self.playing = False
        self._timeline = timeline
        self._at_ns = 0.0
        """Media time while it plays."""
        self._ticked_ns = 0

    @property
    def index(self) -> int | None:
        """The exposure that is looked at; None: none is known yet."""
        return self._timeline.index(self.number) if self._timeline.count else None

    def go(self, number: int) -> None:
        """Look at an exposure by its number, or at the nearest that there is."""
        self.playing = False
        self.number = min(max(number, 0), max(0, self._timeline.count - 1))

    def go_to_index(self, index: int) -> None:
        """Look at an exposure, or at the last with a picture before it."""
        if self._timeline.count:
            self.go(self._timeline.number_of(index))

    def step(self, exposures: int) -> None:
        """Look at one so many later, or earlier where it is negative."""
        self.go(self.number + exposures)

    def jump(self, seconds: float) -> None:
        """Look at what was so much later or earlier, and go on playing if it plays."""
        if self._timeline.count:
            playing = self.playing
            self.go(self._timeline.number_at(self._timeline.media_ns(self.number) + round(seconds * NS_PER_S)))
            self.playing = playing
            self._at_ns = float(self._timeline.media_ns(self.number))

    def play(self, now_ns: int) -> None:
        """Begin to play, or stop; at the end nothing begins."""
        if self.playing or not self._timeline.count or self._at_end():
            self.playing = False
            return
        self.playing = True
        self._ticked_ns, self._at_ns = now_ns, float(self._timeline.media_ns(self.number))

    def change_speed(self, step: int) -> None:
        """Play faster, or slower where `step` is negative."""
        place = SPEEDS.index(self.speed) + step
        self.speed = SPEEDS[min(max(place, 0), len(SPEEDS) - 1)]

    def tick(self, now_ns: int) -> None:
        """Go on, if it plays; it waits where the recording has not been read yet, and stops at its end."""
        if not self.playing:
            return
        passed_ns, self._ticked_ns = now_ns - self._ticked_ns, now_ns
        last_ns = self._timeline.media_ns(self._timeline.count - 1)
        self._at_ns = min(self._at_ns + passed_ns * self.speed, float(last_ns))
        self.number = self._timeline.number_at(int(self._at_ns))
        self.playing = not self._at_end()

    def _at_end(self) -> bool:
        return self._timeline.complete and self.number >= self._timeline.count - 1
