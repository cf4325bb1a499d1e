"""What is to be evaluated, and how."""

from dataclasses import dataclass, field
from typing import Literal

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.evaluate.bouts import OVERLAP
from selfee_rt.workbench.evaluate.reading import Inputs
from selfee_rt.workbench.evaluate.training import Preparation

Calibrate = Literal["none", "temperature", "isotonic", "auto"]

PAPER_CLASSIFIER = "knn:200"
PAPER_SMOOTHING = "mode:21"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the numbers depend on."""

    inputs: Inputs
    classifiers: tuple[str, ...] = ("knn",)
    smoothings: tuple[str, ...] = ("none", "mode:21")
    calibrate: Calibrate = "none"
    blocks: int = 6
    """A single recording is held out in so many blocks."""
    gap_exposures: int = 25
    """On both sides of a block; neither taught nor scored."""
    preparation: Preparation = field(default_factory=Preparation)
    bout_overlap: float = OVERLAP
    bootstrap_block_exposures: int = 250
    """Length of what is drawn again where whole videos are too few."""
    resamples: int = 1000
    lags: tuple[int, ...] = (0, 1, 2, 4, 8, 16, 32)
    """Exposures, for the curve of accuracy against the lag of an HMM."""
    map_points: int = 1500
    """Most embeddings in the map."""
    seed: int = 0


def check(settings: Settings) -> None:
    """Refuse settings that mean nothing.

    Raises:
        ConfigError: with every problem.
    """
    problems = []
    if not 0 < settings.bout_overlap <= 1:
        problems.append(f"--bout-overlap {settings.bout_overlap:g}: expected more than 0 and at most 1")
    for what, names in (("--classifier", settings.classifiers), ("--smoothing", settings.smoothings)):
        twice = sorted({name for name in names if names.count(name) > 1})
        problems += [f"{what} {name} is given twice; give each once" for name in twice]
        if not names:
            problems.append(f"there is no {what}; give at least one")
    window = settings.preparation.window_exposures
    if "lightgbm" in settings.classifiers and window > settings.gap_exposures:
        problems.append(
            f"--gap {settings.gap_exposures} is shorter than LightGBM's window of {window}, which would not be full "
            f"where scoring begins; give --gap {window} or more, or a shorter --window-exposures"
        )
    if problems:
        raise ConfigError(problems)
