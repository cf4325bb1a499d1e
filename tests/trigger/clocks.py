"""A device's clock and the way to it, as they could be."""

from collections.abc import Callable, Iterator

import numpy as np

from selfee_rt.stimuli import ClockSample

START_NS = 7_000_000_000_000


class Board:
    """A device that was reset some time before the host first asked, and whose clock is fast by `drift_ppm`."""

    def __init__(self, drift_ppm: float, started_ns: int = START_NS - 1_234_567_000) -> None:
        self._rate = 1 + drift_ppm * 1e-6
        self._started_ns = started_ns

    def device_us(self, host_ns: float) -> float:
        """What its clock shows, without steps."""
        return (host_ns - self._started_ns) / 1000 * self._rate

    def host_ns(self, device_us: float) -> float:
        """When it shows that."""
        return self._started_ns + device_us * 1000 / self._rate


def asked(
    device_us: Callable[[float], float],
    seconds: float,
    *,
    seed: int = 0,
    per_second: int = 50,
    shortest_ns: tuple[float, float] = (200_000, 200_000),
    jitter_ns: float = 300_000,
    delayed: float = 0.05,
    start_ns: int = START_NS,
) -> Iterator[ClockSample]:
    """Ask a board `per_second` times a second.

    The ways there and back take at least `shortest_ns`, usually up to `jitter_ns` more (exponential), and the part
    `delayed` of the replies come up to 80 ms late. The clock steps by 4 µs, as an Uno's does.
    """
    random = np.random.default_rng(seed)
    at_ns = float(start_ns)
    for _ in range(round(seconds * per_second)):
        there, back = (each + random.exponential(jitter_ns) for each in shortest_ns)
        if random.random() < delayed:
            back += random.uniform(0, 80e6)
        read_us = int(device_us(at_ns + there) / 4) * 4
        yield ClockSample(round(at_ns), round(at_ns + there + back), read_us)
        at_ns += max(1e9 / per_second, there + back + 1)
