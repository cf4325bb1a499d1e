"""How like its source a smaller model has to be, to be written at all."""

from dataclasses import dataclass
from typing import Any

from selfee_rt.errors import ModelError
from selfee_rt.workbench.knn_f1 import FoundF1
from selfee_rt.workbench.likeness import NEIGHBOURS, Likeness


@dataclass(frozen=True, slots=True)
class Floors:
    """Least figures; the worst of trained models measured is well above (docs/models.md)."""

    centred_cosine_median: float = 0.97
    centred_cosine_p5: float = 0.90
    neighbours_kept: float = 0.75
    knn_f1_drop: float = 0.03
    """Most that macro F1 on a labelled clip may fall."""

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into the card."""
        return {
            "centred_cosine_median": self.centred_cosine_median,
            "centred_cosine_p5": self.centred_cosine_p5,
            "neighbours_kept": self.neighbours_kept,
            "knn_f1_drop": self.knn_f1_drop,
        }

    def check(self, alike: Likeness, on: str) -> None:
        """Compare, so that what is no number fails.

        Raises:
            ModelError: with every figure and its floor.
        """
        pairs = (
            ("centred cosine, median", alike.centred_cosine_median, self.centred_cosine_median),
            ("centred cosine, 5th percentile", alike.centred_cosine_p5, self.centred_cosine_p5),
            (f"share kept of the {NEIGHBOURS} nearest", alike.neighbours_kept, self.neighbours_kept),
        )
        if all(got >= least for _, got, least in pairs):
            return
        said = "; ".join(
            f"{what} {got:.3f}, expected {least:g}{'' if got >= least else ' (missed)'}" for what, got, least in pairs
        )
        raise ModelError(
            f"int8 is not like its source on {alike.live_frames} live frames of {on}: {said}. Nothing was written; "
            "calibrate on more of what a session will see, or stay with fp16"
        )

    def check_f1(self, found: FoundF1) -> None:
        """Compare, so that what is no number fails.

        Raises:
            ModelError: with both figures and the floor.
        """
        if found.source - found.smaller <= self.knn_f1_drop:
            return
        raise ModelError(
            f"int8 tells the labels of {found.on} apart less well: macro F1 {found.smaller:.3f}, expected at most "
            f"{self.knn_f1_drop:g} less than its source's {found.source:.3f}. Nothing was written; calibrate on more "
            "of what a session will see, or stay with fp16"
        )
