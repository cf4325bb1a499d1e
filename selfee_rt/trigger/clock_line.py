"""The line that fits a few samples of a device's clock best."""

from collections.abc import Collection
from typing import NamedTuple

NS_PER_US = 1000
NOISE_NS = 20_000.0
"""What both clocks' steps and the threads' wake-ups scatter, where nothing delays."""
UNKNOWN_RATE = 0.01
"""How much faster or slower a device may be while its drift is not known; an Uno's resonator has up to 0.005."""


class Best(NamedTuple):
    """The sample of one span with the shortest round trip; device and host since the first sample."""

    device_us: int
    excess_ns: float
    """Host time at the middle of the round trip, less device time."""
    half_ns: float
    """Half the round trip: the excess cannot be further off."""


class Line(NamedTuple):
    """excess = excess_ns + slope * (device - device_us)."""

    device_us: float
    excess_ns: float
    slope_ns_per_us: float

    def at(self, device_us: float) -> float:
        """Its excess at `device_us`."""
        return self.excess_ns + self.slope_ns_per_us * (device_us - self.device_us)


def fitted(best: Collection[Best], least_ns: float) -> Line:
    """Line through samples, those with long round trips counting little.

    Its slope is held back towards none (ridge regression) by what the offset is not known to, since the first samples
    lie too near to each other to tell it.
    """
    held_back = (max(least_ns, NOISE_NS) / (UNKNOWN_RATE * NS_PER_US)) ** 2
    weights = [1 / (1 + ((each.half_ns - least_ns) / NOISE_NS) ** 2) for each in best]
    total = sum(weights)
    device = sum(w * each.device_us for w, each in zip(weights, best, strict=True)) / total
    excess = sum(w * each.excess_ns for w, each in zip(weights, best, strict=True)) / total
    spread = sum(w * (each.device_us - device) ** 2 for w, each in zip(weights, best, strict=True))
    together = sum(
        w * (each.device_us - device) * (each.excess_ns - excess) for w, each in zip(weights, best, strict=True)
    )
    return Line(device, excess, together / (spread + held_back))
