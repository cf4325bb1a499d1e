"""The time after the start of a trial in which there is no other."""

from selfee_rt.clock import NS_PER_S


class Refractory:
    """Runs from the start of the last trial.

    >>> rest = Refractory(2_000_000_000)
    >>> rest.start(now_ns=0)
    >>> rest.why_not(now_ns=800_000_000)
    '1.2 s of 2 s refractory time left'
    """

    def __init__(self, length_ns: int) -> None:
        self.length_ns = length_ns
        self._since_ns: int | None = None

    def start(self, now_ns: int) -> None:
        """Begin anew."""
        self._since_ns = now_ns

    def left_ns(self, now_ns: int) -> int:
        """What is left of it; 0: it is over."""
        return 0 if self._since_ns is None else max(0, self._since_ns + self.length_ns - now_ns)

    def why_not(self, now_ns: int) -> str:
        """Why there may be no trial now; empty: it is over."""
        left_ns = self.left_ns(now_ns)
        if not left_ns:
            return ""
        return f"{left_ns / NS_PER_S:.6g} s of {self.length_ns / NS_PER_S:g} s refractory time left"
