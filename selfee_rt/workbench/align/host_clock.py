"""The host's clock against a device's, over a whole session."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from selfee_rt.errors import AlignmentError
from selfee_rt.stimuli import ClockSample
from selfee_rt.trigger.clock_fit import ClockJump, DeviceClockFit
from selfee_rt.types import read_only
from selfee_rt.workbench.align.straight import Floats, Line, end_rates, interpolated

KNOT_US = 10_000_000
"""Device time between two knots."""
_SECOND_US = 1_000_000
Knot = tuple[float, float]
"""Device time in microseconds, host time in nanoseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class HostClock:
    """Both clocks, straight from knot to knot."""

    host_ns: Floats
    """(K,) of the knots, rising; K is at least 2."""
    device_us: Floats
    """(K,) what the device's clock showed then."""
    residual_us: float
    """How far the samples with the shortest round trips lie from the fits, on average."""
    bound_us: float
    """Half the shortest round trip, of the window in which that was longest: both clocks are known to that."""
    rejected: int
    """Samples that contradicted all others."""
    jumps: tuple[ClockJump, ...]
    """Where one clock moved on without the other; between the samples around it, times are uncertain by that much."""

    @property
    def drift_ppm(self) -> float:
        """By how many millionths the device's clock was faster than the host's over the whole session."""
        return (Line.through(self.host_ns, self.device_us).rate * 1000 - 1) * 1e6

    def device_at(self, host_ns: Floats) -> Floats:
        """What the device's clock showed at (N,) host times, in microseconds."""
        return interpolated(host_ns, self.host_ns, self.device_us, end_rates(self.host_ns, self.device_us))

    def host_at(self, device_us: Floats) -> Floats:
        """Host times, in nanoseconds, at which the device's clock showed (N,) `device_us`."""
        return interpolated(device_us, self.device_us, self.host_ns, end_rates(self.device_us, self.host_ns))


def host_clock(device: str, samples: Iterable[ClockSample]) -> HostClock | None:
    """Fit both clocks to a session's samples; None: there are no samples.

    Raises:
        AlignmentError: the device was reset.
    """
    knots, before_us = _Knots(), -1
    for sample in samples:
        if sample.device_us < before_us:
            raise AlignmentError(
                f"device {device!r} was reset during the session: its clock fell from {before_us} to "
                f"{sample.device_us} µs; what came before and after cannot be aligned together"
            )
        before_us = sample.device_us
        knots.push(sample)
    return knots.clock()


class _Knots:
    """Fits samples as they come: a knot at the start, then in the middle of windows, and at the end and each jump."""

    def __init__(self) -> None:
        self._fit = DeviceClockFit()
        self._found: list[Knot] = []
        self._begun = False
        self._ends: tuple[Knot, Knot] | None = None
        self._quality: list[tuple[float, float]] = []
        self._jumps: list[ClockJump] = []

    def push(self, sample: ClockSample) -> None:
        """Take one sample."""
        jump = self._fit.push(sample)
        if jump is not None:
            self._jumps.append(jump)
            self._end_stretch()
        first_us, last_us = self._fit.window_us
        self._ends = self._knot(first_us), self._knot(last_us)
        middle_us = (first_us + last_us) / 2
        if self._fit.drift_ppm is not None and not (self._begun and middle_us < self._found[-1][0] + KNOT_US):
            self._begin()
            self._found.append(self._knot(middle_us))
            self._quality.append(self._fit_quality())

    def clock(self) -> HostClock | None:
        """Both clocks; None: there was no sample."""
        if not self._fit.known:
            return None
        self._begin()
        self._quality.append(self._fit_quality())
        self._found.append(self._knot(self._fit.window_us[1] + _SECOND_US))
        device_us, host_ns = np.array(_rising(self._found), np.float64).T
        residual_us, bound_us = np.array(self._quality).T
        return HostClock(
            host_ns=read_only(host_ns.copy()),
            device_us=read_only(device_us.copy()),
            residual_us=float(residual_us.mean()),
            bound_us=float(bound_us.max()),
            rejected=self._fit.rejected,
            jumps=tuple(self._jumps),
        )

    def _begin(self) -> None:
        """Put the first knot of a stretch, as soon as the fit is good enough, or must do."""
        assert self._ends is not None
        if not self._begun:
            self._found.append(self._ends[0])
        self._begun = True

    def _end_stretch(self) -> None:
        """Put the last one, by the fit before the jump."""
        assert self._ends is not None
        self._begin()
        self._found.append(self._ends[1])
        self._begun = False

    def _knot(self, device_us: float) -> Knot:
        return float(device_us), float(self._fit.host_ns(device_us))

    def _fit_quality(self) -> tuple[float, float]:
        assert self._fit.residual_us is not None and self._fit.bound_us is not None
        return self._fit.residual_us, self._fit.bound_us


def _rising(knots: Iterable[Knot]) -> list[Knot]:
    """Knots that are later than those before on both clocks."""
    kept: list[Knot] = []
    for knot in knots:
        if not kept or (knot[0] > kept[-1][0] and knot[1] > kept[-1][1]):
            kept.append(knot)
    return kept
