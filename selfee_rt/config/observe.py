"""[observe]: from embeddings to labels and scores."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from selfee_rt.config.base import Name, Settings


class KnnConfig(Settings):
    """Selfee's weighted cosine k-nearest-neighbour classifier over the reference."""

    kind: Literal["knn"] = "knn"
    k: Annotated[int, Field(ge=1)] = 50
    tau: Annotated[float, Field(gt=0)] = 0.07
    """Temperature: a neighbour counts exp(similarity / tau)."""
    balance: bool = True
    """Divide each label's weight by its number of examples in the reference."""


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


ClassifierConfig = Annotated[KnnConfig | RiverClassifierConfig | NoClassifierConfig, Field(discriminator="kind")]


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
    """None: k-NN if there is a reference or there are `labels`, else none."""
    labels: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = ()
    """Labels that may be taught during the session, beyond those of the reference; nobody has shown them yet."""
    teach_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """How far back a span may be labelled, in seconds: so many exposures at the measured rate are remembered."""
    teach_exposures: Annotated[int, Field(ge=1)] = 20_000
    """Exposures that may be taught; what was taken back does not count."""
    detector: tuple[DetectorConfig, ...] | None = None
    """None: Selfee's anomaly score if there is a reference, else none."""
    smooth_exposures: Annotated[int, Field(ge=1)] = 1
    """Causal mode filter over this many labels; 1: none. Odd, since ties go to the newest label anyway."""
    bout_min_exposures: Annotated[int, Field(ge=1)] = 1
    """Shorter bouts are not reported."""

    @field_validator("labels")
    @classmethod
    def _labels_differ(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise ValueError(f"got {', '.join(twice)} more than once; name each label once")
        return labels

    @model_validator(mode="after")
    def _labels_need_a_classifier(self) -> "ObserveConfig":
        if self.labels and isinstance(self.classifier, NoClassifierConfig):
            raise ValueError("got labels to teach and the classifier none; choose a classifier, or leave labels out")
        return self
