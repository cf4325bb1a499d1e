"""When there is no ground for a label."""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import AbstainConfig
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.reference import unit


class Abstain:
    """Says whether an exposure is to have no label: too uncertain, or too far from everything in the reference."""

    def __init__(self, config: AbstainConfig, bank: Bank) -> None:
        self._config, self._bank = config, bank

    def __call__(self, point: NDArray[np.float32], probabilities: NDArray[np.float64]) -> bool:
        """Judge `point` (d,) float32 and the probabilities (C,) that its label rests on."""
        least, most = self._config.below_confidence, self._config.beyond_distance
        if least is not None and float(probabilities.max()) < least:
            return True
        return most is not None and 1 - float(self._bank.similarity(unit(point)).max()) > most
