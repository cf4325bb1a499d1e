"""How long to wait before the next attempt."""

from selfee_rt.clock import NS_PER_S

FIRST_PAUSE_S = 0.25


class Backoff:
    """Pauses that double from a quarter of a second to a longest one, until it is time to give up.

    >>> backoff = Backoff(longest_s=0.9, give_up_s=2.0, since_ns=0)
    >>> [backoff.pause_s(0) for _ in range(4)]
    [0.25, 0.5, 0.9, 0.9]
    >>> backoff.pause_s(1_500_000_000), backoff.pause_s(2_000_000_000)
    (0.5, None)
    """

    def __init__(self, *, longest_s: float, give_up_s: float | None, since_ns: int) -> None:
        self._longest_s = longest_s
        self._give_up_ns = None if give_up_s is None else since_ns + round(give_up_s * NS_PER_S)
        self._next_s = min(FIRST_PAUSE_S, longest_s)

    def pause_s(self, now_ns: int) -> float | None:
        """Return the next pause in seconds; None when it is time to give up."""
        pause_s, self._next_s = self._next_s, min(2 * self._next_s, self._longest_s)
        if self._give_up_ns is None:
            return pause_s
        left_s = (self._give_up_ns - now_ns) / NS_PER_S
        return min(pause_s, left_s) if left_s > 0 else None
