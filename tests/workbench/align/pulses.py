"""Pulses of a board's sync output, and what another recorder makes of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def pulses(seconds: float, seed: int = 0) -> NDArray[np.float64]:
    """When the board's output rises, seconds of its own clock: pauses of 0.5 to 1.5 s in whole milliseconds."""
    random = np.random.default_rng(seed)
    pauses = random.integers(500, 1524, size=round(seconds * 2)) / 1000
    times = 3.0 + np.cumsum(pauses)
    return times[times < 3.0 + seconds]


@dataclass(frozen=True)
class Recorder:
    """Another recorder: starts `offset_s` before the board and counts `drift_ppm` faster."""

    offset_s: float = 812.4
    drift_ppm: float = 0.0
    jitter_s: float = 30e-6
    missing: float = 0.0
    """Part of the edges that it does not see."""
    spurious: float = 0.0
    """Edges that were none, per edge."""
    resolution_s: float = 1 / 30_000
    seed: int = 1

    def time_s(self, device_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its clock, without noise."""
        return (device_s + self.offset_s) * (1 + self.drift_ppm * 1e-6)

    def edges(self, device_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """What it notes down."""
        random = np.random.default_rng(self.seed)
        times = self.time_s(device_s) + random.normal(scale=self.jitter_s, size=len(device_s))
        times = times[random.random(len(times)) >= self.missing]
        extra = random.uniform(times[0], times[-1], size=round(self.spurious * len(times)))
        steps = np.round(np.concatenate([times, extra]) / self.resolution_s)
        return np.unique(steps) * self.resolution_s
