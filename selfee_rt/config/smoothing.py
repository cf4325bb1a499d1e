"""[observe.smoothing] and [observe.abstain]: how guesses become labels, and when there is none."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from selfee_rt.config.base import Settings


class NoSmoothingConfig(Settings):
    """Each exposure's label stands by itself."""

    kind: Literal["none"] = "none"


class ModeSmoothingConfig(Settings):
    """Causal mode filter over the newest labels."""

    kind: Literal["mode"] = "mode"
    exposures: Annotated[int, Field(ge=1)] = 15
    """So many labels. Odd, since ties go to the newest label anyway."""


class MeanSmoothingConfig(Settings):
    """Causal mean of the newest probabilities."""

    kind: Literal["mean"] = "mean"
    exposures: Annotated[int, Field(ge=1)] = 15


class HmmSmoothingConfig(Settings):
    """Hidden Markov model with the transitions of the reference's labels."""

    kind: Literal["hmm"] = "hmm"
    lag_exposures: Annotated[int, Field(ge=0, le=250)] = 0
    """Judge each exposure again after so many more, and publish it as a revision; 0: never."""
    pseudo_count: Annotated[float, Field(gt=0)] = 1.0
    """Added to the count of each transition, so that one that was never seen is not impossible."""


SmoothingConfig = Annotated[
    NoSmoothingConfig | ModeSmoothingConfig | MeanSmoothingConfig | HmmSmoothingConfig, Field(discriminator="kind")
]


class AbstainConfig(Settings):
    """When to give no label."""

    below_confidence: Annotated[float, Field(gt=0, le=1)] | None = None
    """No label where the calibrated probability of the most probable one is below this."""
    beyond_distance: Annotated[float, Field(ge=0, le=2)] | None = None
    """No label where the nearest example of the reference is further than this (1 - cosine)."""

    @model_validator(mode="after")
    def _says_when(self) -> "AbstainConfig":
        if self.below_confidence is None and self.beyond_distance is None:
            raise ValueError("abstain says nothing; set below_confidence, beyond_distance or both")
        return self
