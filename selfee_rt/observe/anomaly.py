"""Selfee's anomaly score, made causal."""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import SelfeeAnomalyConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.reference import Reference, unit
from selfee_rt.observe.threshold import threshold_for


def nearest(bank: NDArray[np.float32], direction: NDArray[np.float32], out: NDArray[np.float32] | None = None) -> float:
    """Cosine of `direction` (d,), of length 1, to the most similar row of `bank` (N, d), rows of length 1, N >= 1.

    `out` (N,) float32, if given, takes the similarities.
    """
    return float(np.dot(bank, direction, out=out).max())


def strangeness(own: float, known: float) -> float:
    """Selfee's anomaly score in -2..2 from two cosines: to the nearest of one's own, and of what is known.

    (1 - known) - (1 - own): the distance to the reference less the distance to the animal's own behaviour.
    """
    return own - known


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
        return nearest(self._ring[:length], point, self._similarity[:length])


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
        self.threshold: float | None = threshold_for(reference.thresholds, config, fps)
        self._reference, self._config, self._fps = reference, config, fps
        self._bank = Bank(reference.bank) if bank is None else bank
        self._past = OwnPast(capacity, config.skip_exposures, self._bank.rows.shape[1])

    def score(self, point: NDArray[np.float32]) -> float | None:
        """Anomaly score of `point` (d,) float32 in -2..2; None while warming up. Changes nothing."""
        if len(self._past) < self._config.warm_up_exposures:
            return None
        direction = unit(point)
        return strangeness(self._past.similarity(direction), float(self._bank.similarity(direction).max()))

    def observe(self, point: NDArray[np.float32]) -> None:
        """Add `point` (d,) float32 to the own past."""
        self._past.push(unit(point))

    def reset(self, why: str) -> None:
        """Keep the own past: a break does not make it untrue."""

    def fresh(self) -> "SelfeeAnomaly":
        """Return a detector with the same settings and no past."""
        return SelfeeAnomaly(self._reference, self._config, self._fps, bank=self._bank)
