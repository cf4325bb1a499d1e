"""[observe]: from embeddings to labels and scores."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from selfee_rt.config.base import Name, Settings
from selfee_rt.config.smoothing import AbstainConfig, NoSmoothingConfig, SmoothingConfig


class KnnConfig(Settings):
    """Selfee's weighted cosine k-nearest-neighbour classifier over the reference."""

    kind: Literal["knn"] = "knn"
    k: Annotated[int, Field(ge=1)] = 50
    tau: Annotated[float, Field(gt=0)] = 0.07
    """Temperature: a neighbour counts exp(similarity / tau)."""
    balance: bool = True
    """Divide each label's weight by its number of examples in the reference."""


class ProbeConfig(Settings):
    """A linear softmax probe, trained on the reference when the session starts."""

    kind: Literal["probe"] = "probe"
    l2: Annotated[float, Field(gt=0)] = 0.1
    """Half of it times the squared weights is added to the mean loss of an example."""
    balance: bool = True
    """Every label weighs the same, however many examples it has."""


class LightGbmConfig(Settings):
    """The reference's LightGBM model on window features (extra `lightgbm`; `selfee-rt fit --classifier lightgbm`)."""

    kind: Literal["lightgbm"] = "lightgbm"


class RiverClassifierConfig(Settings):
    """Any classifier of river, taught from the reference when the session starts."""

    kind: Literal["river"] = "river"
    model: str
    """Dotted name inside river, for example river.forest.ARFClassifier."""
    arguments: dict[str, str | int | float | bool] = Field(default_factory=dict)
    warm_up: Annotated[int, Field(ge=0)] = 100
    """Examples it must have learned before it says anything."""


class NoClassifierConfig(Settings):
    """No labels."""

    kind: Literal["none"] = "none"


ClassifierConfig = Annotated[
    KnnConfig | ProbeConfig | LightGbmConfig | RiverClassifierConfig | NoClassifierConfig, Field(discriminator="kind")
]


class SelfeeAnomalyConfig(Settings):
    """Selfee's anomaly score, made causal: distance to the reference minus distance to the animal's own past."""

    kind: Literal["selfee"] = "selfee"
    name: Name = "selfee"
    past_s: Annotated[float, Field(gt=0)] = 600.0
    """Length of the animal's own past that is compared, in seconds: so many observed exposures at the measured rate."""
    skip_exposures: Annotated[int, Field(ge=0)] = 50
    """The most recent exposures, which are left out of it."""
    warm_up_exposures: Annotated[int, Field(ge=1)] = 500
    """Own past needed before there is a score."""
    threshold: float | None = None
    """None: the reference's, computed by the same code on control recordings."""


class RiverAnomalyConfig(Settings):
    """Any anomaly detector of river, learning from the session itself."""

    kind: Literal["river"] = "river"
    name: Name
    model: str
    """Dotted name inside river, for example river.anomaly.HalfSpaceTrees."""
    arguments: dict[str, str | int | float | bool] = Field(default_factory=dict)
    warm_up: Annotated[int, Field(ge=0)] = 500
    """Exposures it must have seen before there is a score."""
    threshold: float | None = None


DetectorConfig = Annotated[SelfeeAnomalyConfig | RiverAnomalyConfig, Field(discriminator="kind")]


class ObserveConfig(Settings):
    """From embeddings to labels and scores."""

    reference: Path | None = None
    """Made by `selfee-rt fit`. None: the shipped one if the shipped model watches the synthetic arena, else none."""
    align: Literal["current", "newest"] = "current"
    """Which exposure of a live frame its label describes."""
    classifier: ClassifierConfig | None = None
    """None: k-NN if there is a reference, else none."""
    detector: tuple[DetectorConfig, ...] | None = None
    """None: Selfee's anomaly score if there is a reference, else none."""
    calibrate: bool | None = None
    """Correct the classifier's probabilities as the reference says; None: if it says how for this classifier."""
    smoothing: SmoothingConfig = NoSmoothingConfig()
    abstain: AbstainConfig | None = None
    """None: never."""
    bout_min_exposures: Annotated[int, Field(ge=1)] = 1
    """Shorter bouts are not reported."""
