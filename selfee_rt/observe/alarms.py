"""Alarms as events: exposures with an alarm that are close in time are one alarm."""

from selfee_rt.clock import NS_PER_S


class AlarmCounter:
    """Counts the alarms of one arena.

    An exposure with an alarm begins a new one where the last such exposure lies at least `merge_s` back; otherwise it
    goes on with that one, whatever lies between. So no stretch shorter than `merge_s` holds the beginnings of two
    alarms, which is what a threshold stated as a rate relies on. Source: "runs declustering" of threshold
    exceedances, Coles 2001, An Introduction to Statistical Modeling of Extreme Values, section 5.3.2.

    >>> counter = AlarmCounter(merge_s=10.0)
    >>> [counter.push(alarm, second * 10**9) for second, alarm in ((0, True), (9, True), (18, None), (30, True))]
    [True, False, False, True]
    >>> counter.count
    2
    """

    def __init__(self, merge_s: float) -> None:
        if not merge_s > 0:
            raise ValueError(f"alarms merged within {merge_s:g} s; expected a time above 0")
        self.count = 0
        self._merge_ns = round(merge_s * NS_PER_S)
        self._last_ns: int | None = None

    def push(self, alarm: bool | None, media_ns: int) -> bool:
        """Take what one exposure says, None where nothing is known; return whether it begins a new alarm."""
        if not alarm:
            return False
        begins = self._last_ns is None or media_ns - self._last_ns >= self._merge_ns
        self._last_ns = media_ns
        self.count += begins
        return begins
