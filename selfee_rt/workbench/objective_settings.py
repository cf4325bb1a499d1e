"""What is minimised, as settings: the numbers are those of the authors' `train_selfee.py` (github.com/EBGU/Selfee)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from selfee_rt.config import Settings

TARGET_MOMENTUM = 0.99
CONTRAST_TEMPERATURE = 0.2


class ObjectiveSettings(Settings):
    """The defaults are Selfee's."""

    method: Literal["simsiam", "byol", "contrastive"] = "simsiam"
    """simsiam: a view predicts the other view's embedding (Chen & He 2021). byol: it predicts what a slowly following
    copy of the network makes of the other view (Grill et al. 2020); the authors recommend simsiam. contrastive, not
    Selfee's: a view must be found by the other among all live frames of the batch (NT-Xent, Chen et al. 2020), for
    short runs from random weights."""
    contrast_temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)] = CONTRAST_TEMPERATURE
    """contrastive only: what the similarities are divided by."""
    target_momentum: Annotated[float, Field(ge=0, lt=1)] = TARGET_MOMENTUM
    """byol only: the part of itself that the following copy keeps at each step, constant as in the original."""
    cld_weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 2.0
    """How much CLD counts against the agreement of the views (the original's maxLambda); 0: without CLD."""
    cld_ramp: bool = False
    """Raise the weight from 0 along half a cosine (the original's increaseLambda, which its authors advise against)."""
    groups: Annotated[int, Field(ge=2)] = 10
    """CLD: groups of the k-means within each batch."""
    iterations: Annotated[int, Field(ge=1)] = 10
    """CLD: iterations of the k-means."""
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.07
    """CLD: what the similarities to the groups are divided by."""
    kmeans: Literal["euclidean", "cosine"] = "euclidean"
    """CLD: euclidean, as CLD's own code: a centroid is its members' mean and carries their gradient. cosine: centroids
    have unit length and carry none, as version 1 of selfee_small.onnx was trained."""

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> Self:
        if self.method != "byol" and self.target_momentum != TARGET_MOMENTUM:
            raise ValueError('target_momentum is for method = "byol" only; remove it or choose byol')
        if self.method != "contrastive" and self.contrast_temperature != CONTRAST_TEMPERATURE:
            raise ValueError('contrast_temperature is for method = "contrastive" only; remove it or choose contrastive')
        if self.cld_ramp and not self.cld_weight:
            raise ValueError("cld_ramp raises cld_weight, which is 0; remove it or give a weight")
        return self
