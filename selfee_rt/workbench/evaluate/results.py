"""What an evaluation found."""

from dataclasses import dataclass
from typing import Literal

from selfee_rt.workbench.evaluate.bootstrap import Estimate
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.evaluate.reliability import Reliability
from selfee_rt.workbench.evaluate.running import Said
from selfee_rt.workbench.evaluate.scores import Piece, Scores
from selfee_rt.workbench.evaluate.settings import Settings

Window = Literal["newest", "current", "centred"]
"""Which exposure a label describes when it is said: the newest, or the middle one of the live frame (both as in a
session); or the middle of a window that reaches on into the future, as in the paper (offline only)."""


@dataclass(frozen=True, eq=False)
class Variant:
    """One classifier with one smoothing."""

    classifier: str
    smoothing: str
    window: Window
    lookahead_exposures: int
    """Exposures after the one that the label describes before the label is known."""
    scores: Scores
    said: tuple[Said, ...]
    """Per fold."""


@dataclass(frozen=True, eq=False)
class Chances:
    """How good one classifier's probabilities are, before smoothing, for the current exposure."""

    classifier: str
    raw: Reliability | None
    calibrated: Reliability | None
    """None where no calibration was asked for."""
    methods: tuple[str, ...]
    """The calibration of each fold; with `auto` the one that its nested folds chose."""


@dataclass(frozen=True, slots=True)
class LagPoint:
    """Accuracy with one lag of the HMM, for the current exposure."""

    classifier: str
    lag_exposures: int
    macro_f1: Estimate
    mean_average_precision: Estimate


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All that came out."""

    settings: Settings
    recordings: tuple[Labelled, ...]
    labels: tuple[str, ...]
    folds: tuple[Fold, ...]
    pieces: tuple[Piece, ...]
    """For the current exposure."""
    drawn: str
    """What the intervals draw again."""
    variants: tuple[Variant, ...]
    chances: tuple[Chances, ...]
    lags: tuple[LagPoint, ...]
    notes: tuple[str, ...]
    """What a reader must know to judge the numbers."""

    @property
    def exposure_ms(self) -> float:
        """Time from one exposure to the next."""
        return 1000 / self.recordings[0].fps

    @property
    def interval(self) -> int:
        """Exposures between the parts of a live frame."""
        return self.recordings[0].interval
