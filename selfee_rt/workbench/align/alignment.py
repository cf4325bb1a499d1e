"""How a session's clocks and that of another recorder belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import AlignmentError
from selfee_rt.stimuli import SyncEdge
from selfee_rt.types import read_only
from selfee_rt.workbench.align.chain import Times
from selfee_rt.workbench.align.host_clock import HostClock
from selfee_rt.workbench.align.match import Segment, match
from selfee_rt.workbench.align.straight import Floats, Line, Spread, interpolated


@dataclass(frozen=True, slots=True)
class Count:
    """What became of one recorder's edges."""

    matched: int
    unmatched: int
    """Between matched ones, without a partner: missed by the other recorder, or spurious here."""
    outside: int
    """Before the first or after the last matched one."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Matched edges between which no clock has jumped."""

    jump_s: float | None
    """By how much the other recorder's clock jumped before it; None: it is the first."""
    number: NDArray[np.int64]
    """(K,) the device's count of each edge."""
    device_us: NDArray[np.int64]
    """(K,) the device's clock at each."""
    other_s: Floats
    """(K,) the other recorder's."""
    line: Line
    """From the device's clock, in microseconds, to the other's, in seconds."""
    residual: Spread
    """Of the edges from the line."""
    between: Spread | None
    """Of each edge from where its two neighbours put it: the error of a time between edges. None: fewer than three."""
    host: Line | None
    """From the host's clock, in nanoseconds, to the other's; None: the device's clock is not known on the host's."""

    @property
    def drift_ppm(self) -> float:
        """By how many millionths the device's clock is faster than the other recorder's."""
        return (1e-6 / self.line.rate - 1) * 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """The other recorder's clock against those of a session's device and host."""

    device: str
    stretches: tuple[Stretch, ...]
    """In the order of time, one at least."""
    device_edges: Count
    other_edges: Count
    clock: HostClock | None
    """The host's clock against the device's; None: the session has no samples of it."""

    def at(self, device_us: Floats) -> tuple[Floats, Floats]:
        """When the other recorder's clock says that it was, where the device's says `device_us` (N,).

        Straight between the two matched edges around it, not along one line for all, since clocks wander. Returns
        seconds (N,), NaN between two edges where a clock jumped, and the distance to the nearest matched edge (N,) s.
        """
        times_s = np.full(len(device_us), np.nan)
        for place, stretch in enumerate(self.stretches):
            first = -np.inf if place == 0 else stretch.device_us[0]
            last = np.inf if place == len(self.stretches) - 1 else stretch.device_us[-1]
            here = (first <= device_us) & (device_us <= last)
            rates = stretch.line.rate, stretch.line.rate
            knots_us = stretch.device_us.astype(np.float64)
            times_s[here] = interpolated(device_us[here], knots_us, stretch.other_s, rates)
        return times_s, self._distance_s(device_us)

    def _distance_s(self, device_us: Floats) -> Floats:
        edges = np.concatenate([stretch.device_us for stretch in self.stretches]).astype(np.float64)
        after = np.clip(np.searchsorted(edges, device_us), 1, len(edges) - 1)
        return np.minimum(np.abs(device_us - edges[after - 1]), np.abs(device_us - edges[after])) / 1e6


def align(device: str, edges: Sequence[SyncEdge], other_s: Floats, clock: HostClock | None) -> Alignment:
    """Find which of a device's edges are which of another recorder's, (N,) seconds, and what that says of their clocks.

    Raises:
        AlignmentError: the device was reset, or the edges do not belong to each other in exactly one way.
    """
    number = np.array([each.number for each in edges], np.int64)
    device_us = np.array([each.device_us for each in edges], np.int64)
    _check_runs_on(device, number, device_us)
    segments = match(Times(device_us / 1e6, other_s))
    return Alignment(
        device=device,
        stretches=tuple(_stretch(each, number, device_us, other_s, clock) for each in segments),
        device_edges=_count(len(edges), [each.device for each in segments]),
        other_edges=_count(len(other_s), [each.other for each in segments]),
        clock=clock,
    )


def _check_runs_on(device: str, number: NDArray[np.int64], device_us: NDArray[np.int64]) -> None:
    back = np.flatnonzero((np.diff(number) <= 0) | (np.diff(device_us) <= 0))
    if len(back):
        row = int(back[0])
        raise AlignmentError(
            f"device {device!r} was reset during the session: after edge {number[row]} at {device_us[row]} µs comes "
            f"edge {number[row + 1]} at {device_us[row + 1]} µs; what came before and after cannot be aligned together"
        )


def _stretch(
    segment: Segment, number: NDArray[np.int64], device_us: NDArray[np.int64], other_s: Floats, clock: HostClock | None
) -> Stretch:
    x, y = device_us[segment.device], other_s[segment.other]
    x_float = x.astype(np.float64)
    line = Line.through(x_float, y)
    return Stretch(
        jump_s=segment.jump_s,
        number=read_only(number[segment.device]),
        device_us=read_only(x),
        other_s=read_only(y),
        line=line,
        residual=Spread.of(y - line.at(x_float)),
        between=_between(x_float, y),
        host=None if clock is None else Line.through(clock.host_at(x_float), y),
    )


def _between(x: Floats, y: Floats) -> Spread | None:
    if len(x) < 3:
        return None
    part = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    return Spread.of(y[1:-1] - (y[:-2] + part * (y[2:] - y[:-2])))


def _count(total: int, matched: Sequence[NDArray[np.int64]]) -> Count:
    n_matched = sum(map(len, matched))
    spanned = int(matched[-1][-1] - matched[0][0]) + 1
    return Count(n_matched, spanned - n_matched, total - spanned)
