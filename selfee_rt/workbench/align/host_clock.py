"""The host's clock against a device's, over a whole session."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from selfee_rt.errors import AlignmentError
from selfee_rt.stimuli import ClockSample
from selfee_rt.trigger.clock_fit import DeviceClockFit
from selfee_rt.types import read_only
from selfee_rt.workbench.align.straight import Floats, Line, interpolated

KNOT_US = 10_000_000
"""Device time between two knots."""
_SECOND_US = 1_000_000


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

    @property
    def drift_ppm(self) -> float:
        """By how many millionths the device's clock was faster than the host's over the whole session."""
        return (Line.through(self.host_ns, self.device_us).rate * 1000 - 1) * 1e6

    def device_at(self, host_ns: Floats) -> Floats:
        """What the device's clock showed at (N,) host times, in microseconds."""
        rate = float(np.ptp(self.device_us) / np.ptp(self.host_ns))
        return interpolated(host_ns, self.host_ns, self.device_us, rate)

    def host_at(self, device_us: Floats) -> Floats:
        """Host times, in nanoseconds, at which the device's clock showed (N,) `device_us`."""
        rate = float(np.ptp(self.host_ns) / np.ptp(self.device_us))
        return interpolated(device_us, self.device_us, self.host_ns, rate)


def host_clock(device: str, samples: Iterable[ClockSample]) -> HostClock | None:
    """Fit both clocks to a session's samples, each knot in the middle of its window; None: there are no samples.

    Raises:
        AlignmentError: the device's clock jumped.
    """
    fit = DeviceClockFit()
    knots: list[tuple[float, float]] = []
    quality: list[tuple[float, float]] = []
    for sample in samples:
        jump = fit.push(sample)
        if jump is not None:
            raise AlignmentError(
                f"the clock of device {device!r} jumped by {jump.by_us / 1e6:+.3f} s during the session, as after a "
                "reset; what came before and after cannot be aligned together"
            )
        middle_us = sum(fit.window_us) / 2
        if fit.drift_ppm is not None and (not knots or middle_us >= knots[-1][0] + KNOT_US):
            knots += _first(fit) if not knots else []
            knots.append((middle_us, fit.host_ns(middle_us)))
            quality.append(_quality(fit))
    return _clock(fit, knots, quality) if fit.known else None


def _first(fit: DeviceClockFit) -> list[tuple[float, float]]:
    first_us = fit.window_us[0]
    return [(float(first_us), float(fit.host_ns(first_us)))]


def _quality(fit: DeviceClockFit) -> tuple[float, float]:
    assert fit.residual_us is not None and fit.bound_us is not None
    return fit.residual_us, fit.bound_us


def _clock(fit: DeviceClockFit, knots: list[tuple[float, float]], quality: list[tuple[float, float]]) -> HostClock:
    """With the knots at both ends; a second after the last sample, so that there are two of them."""
    first = _first(fit) if not knots else []
    last_us = fit.window_us[1] + _SECOND_US
    device_us, host_ns = np.array([*first, *knots, (last_us, fit.host_ns(last_us))], np.float64).T
    residual_us, bound_us = np.array([*quality, _quality(fit)]).T
    return HostClock(
        host_ns=read_only(host_ns.copy()),
        device_us=read_only(device_us.copy()),
        residual_us=float(residual_us.mean()),
        bound_us=float(bound_us.max()),
        rejected=fit.rejected,
    )
