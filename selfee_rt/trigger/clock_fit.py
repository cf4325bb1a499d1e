"""From a device's clock to the host's, and back."""

from collections import deque
from dataclasses import dataclass

from selfee_rt.clock import NS_PER_S
from selfee_rt.stimuli import ClockSample
from selfee_rt.trigger.clock_line import NS_PER_US, UNKNOWN_RATE, Best, Line, fitted

SPAN_NS = NS_PER_S
"""Of each span of host time, the sample with the shortest round trip is kept."""
SPANS = 64
"""Spans in the window; older ones are forgotten, so that a rate that changes slowly is followed."""
SPANS_FOR_DRIFT = 8
"""Before there are so many, the drift counts as not known."""
LEEWAY_NS = 5_000_000.0
"""A device's clock that is no further off than this is not said to have jumped."""
WANDER = 1e-4
"""How much its rate may have changed since, once the drift is known."""


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The device's clock is not where it was going: the device was reset, or the host slept."""

    at_ns: int
    """Host time at which it is certain."""
    by_us: int
    """Of the device's clock against what was expected; negative: back, as after a reset."""


class DeviceClockFit:
    """Maps a device's clock to the host's from samples that lie between two instants of the host's.

    A reading of the device's clock was taken some time between the request and the reply; its middle is at most half
    the round trip off (Cristian, Probabilistic clock synchronization, Distributed Computing 3:146, 1989). So of each
    second only the sample with the shortest round trip is kept (as NTP's clock filter does; Mills, Internet time
    synchronization, IEEE Trans. Commun. 39:1482, 1991), and a line is fitted to 64 of these by least squares, each
    weighted by how much longer than the shortest its round trip was (Veitch, Ridoux and Babu, Robust synchronization of
    absolute and difference clocks over networks, IEEE/ACM Trans. Netw. 17:417, 2009). What request and reply always
    differ by cannot be seen: it stays, as half of that difference, in the offset.

    Two readings running that contradict the line but not each other are a jump, and the fit starts anew with them; a
    single one is left out and counted. Memory is bounded.

    >>> fit = DeviceClockFit()
    >>> for second in range(20):
    ...     sent_ns = second * 1_000_000_000
    ...     jump = fit.push(ClockSample(sent_ns, sent_ns + 2_000_000, 500 + second * 1_000_100))
    >>> round(fit.host_ns(500), -4), round(fit.device_us(1_000_000)), round(fit.drift_ppm), fit.bound_us
    (1000000, 500, 100, 1000.0)
    """

    def __init__(self) -> None:
        self.rejected = 0
        """Single readings that contradicted all others."""
        self._suspect: ClockSample | None = None
        self._origin_us = self._origin_ns = 0
        self._newest_ns = 0
        self._span = -1
        self._best: deque[Best] = deque(maxlen=SPANS)
        self._line = Line(0.0, 0.0, 0.0)
        self._least_ns = 0.0

    @property
    def known(self) -> bool:
        """Whether there was a sample: without one, both clocks have nothing to do with each other."""
        return bool(self._best)

    @property
    def drift_ppm(self) -> float | None:
        """By how many millionths the device's clock is faster than the host's; None: not known yet."""
        if len(self._best) < SPANS_FOR_DRIFT:
            return None
        return (NS_PER_US / (NS_PER_US + self._line.slope_ns_per_us) - 1) * 1e6

    @property
    def residual_us(self) -> float | None:
        """Mean distance of the window's best samples from the line; None: there are none."""
        if not self._best:
            return None
        return sum(abs(each.excess_ns - self._line.at(each.device_us)) for each in self._best) / len(self._best) / 1000

    @property
    def bound_us(self) -> float | None:
        """Half the shortest round trip of the window: more the offset can hardly be off; None: there is none."""
        return self._least_ns / NS_PER_US if self._best else None

    @property
    def window_us(self) -> tuple[int, int]:
        """The device's time at the first and the last sample of the window.

        Raises:
            ValueError: there is no sample.
        """
        self._need_sample()
        return self._origin_us + self._best[0].device_us, self._origin_us + self._best[-1].device_us

    def host_ns(self, device_us: float) -> int:
        """Host time at which the device's clock showed `device_us`.

        Raises:
            ValueError: there is no sample.
        """
        self._need_sample()
        device = device_us - self._origin_us
        return self._origin_ns + round(device * NS_PER_US + self._line.at(device))

    def device_us(self, host_ns: int) -> float:
        """What the device's clock showed at `host_ns`, whole microseconds and parts.

        Raises:
            ValueError: there is no sample.
        """
        self._need_sample()
        line, host = self._line, host_ns - self._origin_ns
        since = (host - line.device_us * NS_PER_US - line.excess_ns) / (NS_PER_US + line.slope_ns_per_us)
        return self._origin_us + line.device_us + since

    def push(self, sample: ClockSample) -> ClockJump | None:
        """Take one sample, newer than those before; return the jump that it makes certain, if any.

        Raises:
            ValueError: its reply came before its request.
        """
        if sample.received_ns < sample.sent_ns:
            raise ValueError(f"a reply at {sample.received_ns} ns to a request at {sample.sent_ns} ns; expected later")
        if not self._best or self._fits(sample):
            self._drop_suspect()
            self._keep(sample)
            return None
        suspect, self._suspect = self._suspect, sample
        if suspect is None or not _agree(suspect, sample):
            self.rejected += suspect is not None
            return None
        jump = ClockJump(sample.received_ns, round(sample.device_us - self.device_us(_middle_ns(sample))))
        self._start_anew(suspect, sample)
        return jump

    def _need_sample(self) -> None:
        if not self._best:
            raise ValueError("the device's clock is not known before the first sample; ask `known` first")

    def _drop_suspect(self) -> None:
        self.rejected += self._suspect is not None
        self._suspect = None

    def _start_anew(self, *samples: ClockSample) -> None:
        self._best.clear()
        self._suspect = None
        self._line = Line(0.0, 0.0, 0.0)
        for sample in samples:
            self._keep(sample)

    def _fits(self, sample: ClockSample) -> bool:
        """Whether the line passes between request and reply, or near enough."""
        rate = UNKNOWN_RATE if len(self._best) < SPANS_FOR_DRIFT else WANDER
        leeway_ns = LEEWAY_NS + self._least_ns + rate * (sample.sent_ns - self._newest_ns)
        host_ns = self.host_ns(sample.device_us)
        return sample.sent_ns - leeway_ns <= host_ns <= sample.received_ns + leeway_ns

    def _keep(self, sample: ClockSample) -> None:
        middle_ns = _middle_ns(sample)
        if not self._best:
            self._origin_us, self._origin_ns, self._span = sample.device_us, middle_ns, -1
        self._newest_ns = sample.received_ns
        device_us = sample.device_us - self._origin_us
        excess_ns = float(middle_ns - self._origin_ns - device_us * NS_PER_US)
        best = Best(device_us, excess_ns, (sample.received_ns - sample.sent_ns) / 2)
        span = (middle_ns - self._origin_ns) // SPAN_NS
        if span != self._span:
            self._span = span
            self._best.append(best)
        elif best.half_ns < self._best[-1].half_ns:
            self._best[-1] = best
        else:
            return
        self._least_ns = min(each.half_ns for each in self._best)
        self._line = fitted(self._best, self._least_ns)


def _middle_ns(sample: ClockSample) -> int:
    return (sample.sent_ns + sample.received_ns) // 2


def _agree(one: ClockSample, other: ClockSample) -> bool:
    """Whether both can be of one clock that did not jump between them."""
    elapsed_ns = (other.device_us - one.device_us) * NS_PER_US
    least_ns, most_ns = other.sent_ns - one.received_ns, other.received_ns - one.sent_ns
    leeway_ns = LEEWAY_NS + UNKNOWN_RATE * most_ns
    return least_ns - leeway_ns <= elapsed_ns <= most_ns + leeway_ns
