"""When the light of trials is in the picture of one arena, or was shortly before."""

from collections import deque

from selfee_rt.types import Stimulus


class Spans:
    """A union of spans of time, each without its start and with its end."""

    def __init__(self) -> None:
        self._spans: deque[tuple[int, int]] = deque()

    def add(self, start_ns: int, stop_ns: int) -> None:
        """Add one, which starts no earlier than those before it."""
        if self._spans and start_ns <= self._spans[-1][1]:
            first_ns, last_ns = self._spans.pop()
            start_ns, stop_ns = first_ns, max(last_ns, stop_ns)
        self._spans.append((start_ns, stop_ns))

    def forget(self, before_ns: int) -> None:
        """Forget spans that ended before a time: nobody asks for earlier ones any more."""
        while self._spans and self._spans[0][1] < before_ns:
            self._spans.popleft()

    def hold(self, times_ns: tuple[int, ...]) -> bool:
        """Whether any of these times is in one of them."""
        return any(start_ns < at_ns <= stop_ns for start_ns, stop_ns in self._spans for at_ns in times_ns)


class Blanking:
    """Knows the trials whose light enters one arena's picture. Shams count as if they had light."""

    def __init__(self) -> None:
        self._light = Spans()
        self._blank = Spans()

    def add(self, now_ns: int, *, light_ns: int, blank_ns: int) -> None:
        """A trial was decided now: its light is over at most `light_ns` later, and counts for `blank_ns` more."""
        self._light.add(now_ns, now_ns + light_ns)
        self._blank.add(now_ns, now_ns + light_ns + blank_ns)

    def stimulus(self, times_ns: tuple[int, int, int]) -> Stimulus:
        """The state of a live frame whose three exposures, the past one first, are at these times."""
        self._light.forget(times_ns[0])
        self._blank.forget(times_ns[0])
        if self._light.hold(times_ns):
            return "on"
        return "after" if self._blank.hold(times_ns) else "off"
