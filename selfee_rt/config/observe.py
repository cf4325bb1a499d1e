"""[observe]: from embeddings to labels and scores."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

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


class MahalanobisConfig(Settings):
    """Distance from the cloud of the reference's points, in units of its own spread."""

    kind: Literal["mahalanobis"] = "mahalanobis"
    name: Name = "mahalanobis"
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
    """None: the reference's, computed by the same code on control recordings, if there is a reference."""


DetectorConfig = Annotated[SelfeeAnomalyConfig | MahalanobisConfig | RiverAnomalyConfig, Field(discriminator="kind")]

ALARM_MERGE_S = 60.0
"""Default length of a block of time: of what counts as one alarm, and of what counts as one independent observation."""


class TemplateConfig(Settings):
    """An example whose likes are searched for; each match is a bout of label `template:<name>`."""

    file: Path
    """Made by `selfee-rt template`."""
    threshold: Annotated[float, Field(gt=0)] | None = None
    """Stretches that cost less are matches. None: the file's own."""


class DriftConfig(Settings):
    """Says in `status` that the lamp, the focus or the camera has changed; apart from the anomaly alarm."""

    enabled: bool = True
    block_s: Annotated[float, Field(gt=0)] = 1.0
    """Picture and embedding are averaged over so many seconds of observed exposures."""
    warm_up_s: Annotated[float, Field(gt=0)] = 60.0
    """So long nothing is said: what is expected becomes known. At least twice `persist_s`."""
    persist_s: Annotated[float, Field(gt=0)] = 30.0
    """Nothing that lasts less is drift. Right after the warm-up it may take half as long again."""
    grey_tolerance: Annotated[float, Field(gt=0)] = 0.05
    """Change of the mean grey value, as a fraction, that is still no drift."""
    contrast_tolerance: Annotated[float, Field(gt=0)] = 0.15
    """The same for the standard deviation of the grey values, which light, focus and animals change."""
    focus_tolerance: Annotated[float, Field(gt=0)] = 0.1
    """Change of the sharpness, as a fraction, that is still no drift."""
    scene_tolerance: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Share of the picture's 64 cells that may change beyond what is usual; more says that the camera was moved.

    Raise it where the animals fill more of the picture than this and rest for longer than `persist_s`.
    """
    cell_tolerance: Annotated[float, Field(gt=0)] = 0.05
    """Change of a cell's grey value, as a fraction and apart from that of the lamp, that does not count."""
    embedding_tolerance: Annotated[float, Field(gt=0)] = 2.0
    """Change of the embedding's distance to the reference's mean, in units of the reference's own spread."""

    @model_validator(mode="after")
    def _warm_up_is_long_enough(self) -> "DriftConfig":
        if self.warm_up_s < 2 * self.persist_s:
            raise ValueError(
                f"warm_up_s is {self.warm_up_s:g}, expected at least twice the persist_s of {self.persist_s:g}: what "
                "is expected must be known better than what is new; lengthen the one or shorten the other"
            )
        return self


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
    calibrate: bool | None = None
    """Correct the classifier's probabilities as the reference says; None: if it says how for this classifier."""
    smoothing: SmoothingConfig = NoSmoothingConfig()
    abstain: AbstainConfig | None = None
    """None: never."""
    bout_min_exposures: Annotated[int, Field(ge=1)] = 1
    """Shorter bouts are not reported."""
    alarm_merge_s: Annotated[float, Field(gt=0)] = ALARM_MERGE_S
    """Exposures with an alarm that are closer in time than this are one alarm; rates per hour count such alarms."""
    template: tuple[TemplateConfig, ...] = ()
    """Examples whose likes are searched for."""
    drift: DriftConfig = DriftConfig()

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
