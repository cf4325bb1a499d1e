"""How well the live line would label recordings that it was not taught on."""

from selfee_rt.workbench.evaluate.blocked import (
    Blocked,
    Points,
    centred,
    folds,
    held_out_probabilities,
    probabilities_of,
    projected,
    projected_pixels,
)
from selfee_rt.workbench.evaluate.circular import Interval, with_intervals
from selfee_rt.workbench.evaluate.metrics import average_precision, f1, macro

__all__ = [
    "Blocked",
    "Interval",
    "Points",
    "average_precision",
    "centred",
    "f1",
    "folds",
    "held_out_probabilities",
    "macro",
    "probabilities_of",
    "projected",
    "projected_pixels",
    "with_intervals",
]
