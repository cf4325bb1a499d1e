"""Whether the embeddings still differ: two figures for every step, and the alarm."""

import logging
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from selfee_rt.errors import ModelError

COLLAPSED = 0.9
"""From this collapse level on the embeddings are nearly all the same."""
FEWEST_DIRECTIONS = 2.0
"""Below this effective rank the embeddings differ along one line only, which the collapse level does not see."""
ALARM_AFTER = 50
"""Steps in a row before the alarm is given, and again before it is repeated."""

_log = logging.getLogger(__name__)


def collapse_level(embedding: Tensor) -> float:
    """1 - sqrt(D) x mean standard deviation of the embeddings (N, D) scaled to unit length, as Selfee reports it.

    0: spread evenly over the sphere. 1: all embeddings are the same, nothing is learned.
    """
    unit = F.normalize(embedding, dim=1)
    return float(1 - embedding.shape[1] ** 0.5 * unit.std(dim=0).mean())


def effective_rank(embedding: Tensor) -> float:
    """In how many directions the embeddings (N, D) differ: 1 … min(N - 1, D), and 1 where they are all the same.

    The exponential of the entropy of the centred embeddings' singular values, scaled to add up to 1 (Roy & Vetterli
    2007). A projector that ends in a batch norm keeps the collapse level near 0 even if all embeddings lie on a line.
    """
    centred = (embedding - embedding.mean(dim=0)).double()
    small = centred @ centred.t() if len(centred) <= centred.shape[1] else centred.t() @ centred
    singular = torch.linalg.eigvalsh(small).clamp(min=0).sqrt()
    if float(singular.sum()) == 0:
        return 1.0
    share = singular / singular.sum()
    return float(torch.special.entr(share).sum().exp())


@dataclass(slots=True)
class CollapseAlarm:
    """Warns, or ends the run, when the embeddings have been nearly the same for `ALARM_AFTER` steps in a row."""

    ends_run: bool = False
    _in_a_row: int = 0

    def __call__(self, step: int, level: float, rank: float) -> None:
        """Take the figures of one step.

        Raises:
            ModelError: the embeddings have collapsed, and the run is to end then.
        """
        collapsed = level > COLLAPSED or rank < FEWEST_DIRECTIONS
        self._in_a_row = self._in_a_row + 1 if collapsed else 0
        if not self._in_a_row or self._in_a_row % ALARM_AFTER:
            return
        said = (
            f"step {step}: for {self._in_a_row} steps the embeddings have been nearly the same "
            f"(collapse level {level:.3f}; 1: all equal. effective rank {rank:.1f}; 1: all on one line); this network "
            "learns nothing. Lower the learning rate, begin with trained weights, or leave the projector's output "
            "without scale and shift"
        )
        if self.ends_run:
            raise ModelError(said)
        _log.warning(said)
