"""Selfee's anomaly score, made causal."""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import SelfeeAnomalyConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.reference import Reference, Threshold, unit

FPS_TOLERANCE = 0.2
"""A threshold holds for frame rates this close (as a fraction) to the one it was computed at."""


class OwnPast:
    """The last `capacity` + `skip` points of one animal, of which the newest `skip` are not compared.

    Points wait in a delay line of `skip`, then move into one contiguous ring, so that the nearest of them is one
    matrix-vector product away. All memory is taken, and touched, at once.
    """

    def __init__(self, capacity: int, skip: int, dim: int) -> None:
        self._capacity, self._skip = capacity, skip
        self._ring = np.full((capacity, dim), 0, dtype=np.float32)
        self._delay = np.full((max(skip, 1), dim), 0, dtype=np.float32)
        self._similarity = np.full(capacity, 0, dtype=np.float32)
        self._seen = 0

    def __len__(self) -> int:
        return min(max(self._seen - self._skip, 0), self._capacity)

    def push(self, point: NDArray[np.float32]) -> None:
        """Append a point (d,) of length 1; the oldest is overwritten when the ring is full."""
        arriving = point
        if self._skip:
            slot = self._delay[self._seen % self._skip]
            arriving = slot.copy()
            slot[:] = point
        if self._seen >= self._skip:
            self._ring[(self._seen - self._skip) % self._capacity] = arriving
        self._seen += 1

    def similarity(self, point: NDArray[np.float32]) -> float:
        """Cosine of `point` (d,), of length 1, to the nearest of the past; there must be one."""
        length = len(self)
        return float(np.dot(self._ring[:length], point, out=self._similarity[:length]).max())


class SelfeeAnomaly:
    """Distance to the nearest example of the reference, minus distance to the nearest point of the animal's own past.

    Distances are 1 - cosine, so scores lie in -2..2; higher is stranger. What this animal does all the time is no
    anomaly of the moment, and what the reference knows is none either. The published score looks at the whole
    recording; this one only at the last `past_s` seconds, counted as observed exposures at `fps`, without the last
    `skip_exposures` of them, which resemble the present because they are the present. A break in the stream leaves
    the past as true as it was, so `reset` forgets nothing. `bank` is that of the reference, where others compare too.
    Source: Jia et al. 2022, eLife 11:e76218 (there: inter-group minus intra-group nearest-neighbour distance).

    Raises:
        ConfigError: the past is too short to ever hold the warm-up; or the threshold is not for these settings.
    """

    def __init__(
        self, reference: Reference, config: SelfeeAnomalyConfig, fps: float, *, bank: Bank | None = None
    ) -> None:
        capacity = round(config.past_s * fps) - config.skip_exposures
        if capacity < config.warm_up_exposures:
            raise ConfigError(
                [
                    f"observe.detector {config.name!r}: a past of {config.past_s:g} s at {fps:g} fps without "
                    f"{config.skip_exposures} exposures holds {max(capacity, 0)}, expected at least the "
                    f"{config.warm_up_exposures} of warm_up_exposures; lengthen past_s or shorten the warm-up"
                ]
            )
        self.name = config.name
        self.threshold: float | None = threshold_for(reference, config, fps)
        self._reference, self._config, self._fps = reference, config, fps
        self._bank = Bank(reference.bank) if bank is None else bank
        self._past = OwnPast(capacity, config.skip_exposures, self._bank.rows.shape[1])

    def score(self, point: NDArray[np.float32]) -> float | None:
        """Anomaly score of `point` (d,) float32 in -2..2; None while warming up. Changes nothing."""
        if len(self._past) < self._config.warm_up_exposures:
            return None
        direction = unit(point)
        known = float(self._bank.similarity(direction).max())
        return self._past.similarity(direction) - known

    def observe(self, point: NDArray[np.float32]) -> None:
        """Add `point` (d,) float32 to the own past."""
        self._past.push(unit(point))

    def reset(self, why: str) -> None:
        """Keep the own past: a break does not make it untrue."""

    def fresh(self) -> "SelfeeAnomaly":
        """Return a detector with the same settings and no past."""
        return SelfeeAnomaly(self._reference, self._config, self._fps, bank=self._bank)


def threshold_settings(config: SelfeeAnomalyConfig, fps: float) -> dict[str, float]:
    """Return what a threshold of Selfee's anomaly score depends on, to be stored beside it."""
    return {
        "past_s": config.past_s,
        "skip_exposures": config.skip_exposures,
        "warm_up_exposures": config.warm_up_exposures,
        "fps": fps,
    }


def threshold_for(reference: Reference, config: SelfeeAnomalyConfig, fps: float) -> float | None:
    """Return the threshold to use: the configured one, else the reference's, None if neither is there.

    Raises:
        ConfigError: the reference's was computed with other settings.
    """
    if config.threshold is not None:
        return config.threshold
    stored = reference.thresholds.get(config.name)
    if stored is None:
        return None
    differing = _differing(stored, threshold_settings(config, fps))
    if differing:
        raise ConfigError(
            [
                f"observe.detector {config.name!r}: the reference's threshold is not for these settings: "
                f"{'; '.join(differing)}; use those settings, set a threshold, or make the reference anew"
            ]
        )
    return stored.value


def _differing(stored: Threshold, settings: dict[str, float]) -> list[str]:
    """Name each setting that differs; the frame rate may by FPS_TOLERANCE."""
    differing = []
    for name in sorted(stored.settings.keys() | settings.keys()):
        got, expected = settings.get(name), stored.settings.get(name)
        if got is None or expected is None:
            differing.append(f"{name}: got {got}, expected {expected}")
            continue
        tolerance = FPS_TOLERANCE * expected if name == "fps" else 0.0
        if abs(got - expected) > tolerance:
            differing.append(f"{name}: got {got:g}, expected {expected:g}")
    return differing
