"""What a training run is: every hyper-parameter, and its value in the authors' `train_selfee.py` as the default.

The authors' script is at github.com/EBGU/Selfee. Two sets of defaults are theirs, for flies and for mice; a third is
for a network that a CPU can train and run live.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from selfee_rt.config import Settings
from selfee_rt.config.base import explain
from selfee_rt.errors import ConfigError
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.augment import Augmentation
from selfee_rt.workbench.compute import Precision
from selfee_rt.workbench.network import NetworkShape
from selfee_rt.workbench.objective_settings import ObjectiveSettings

Preset = Literal["selfee-fly", "selfee-mouse", "small"]
Side = Annotated[int, Field(ge=32, le=1024)]
Momentum = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class TrainSettings(Settings):
    """The defaults are Selfee's for flies."""

    steps: Annotated[int, Field(ge=2)] = 20_000
    """Length of the whole OneCycle schedule."""
    batch: Annotated[int, Field(ge=2)] = 256
    """Live frames a step, those of all processes together."""
    size_px: tuple[Side, Side] = (224, 224)
    """Height and width of what the network takes."""
    interval_ms: Positive = 1000 / 30
    """Time between past and current; each recording's nearest is taken. The original: 1 exposure at 30 fps for flies,
    2 for mice."""
    preprocessing: Preprocessing = "grey_resize"
    """How a camera's picture is prepared; selfee_mouse, the authors' for mice, needs arenas with a background."""
    live_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Part of the batches that are live frames; the others hold the current exposure three times (the original's
    p_RGB_3F). 0: raw frames only, to see what live frames add."""
    inner_shuffle: bool = False
    """Whether a batch comes from one recording, as the authors advise where recordings look different: for mice."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Every random draw depends on it and on the step."""
    learning_rate: Positive = 0.05
    """Highest learning rate for a batch of 256; scaled by batch / 256."""
    warm_up: Annotated[float, Field(gt=0, lt=1)] = 0.025
    """Part of the schedule in which the learning rate rises."""
    momentum: tuple[Momentum, Momentum] = (0.85, 0.95)
    """Where the learning rate is highest, and at both ends of the schedule: what OneCycleLR makes of the original's
    settings. Twice the same: constant."""
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1e-4
    """Of all weights."""
    precision: Precision = "auto"
    """Of the backbone: fp32, bf16 or fp16; auto: fp16 on a GPU, as the original, bf16 on a CPU."""
    gradient_checkpointing: bool = False
    """Compute the backbone's stages again for the gradient instead of keeping them: less memory, more time."""
    shape: NetworkShape = NetworkShape("resnet50", 2048, 2048, biases=True, output_affine=True)
    """The network."""
    objective: ObjectiveSettings = ObjectiveSettings()
    """What is minimised."""
    augmentation: Augmentation = Augmentation()
    """How far two views of a live frame differ."""

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        if self.objective.cld_weight and self.objective.groups > self.batch:
            raise ValueError(f"{self.objective.groups} groups for a batch of {self.batch}; lower objective.groups")
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for a checkpoint."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TrainSettings":
        """Rebuild from `as_dict`, that of earlier versions too."""
        return cls.model_validate(_of_today(values))


PRESETS: dict[Preset, TrainSettings] = {
    "selfee-fly": TrainSettings(),
    "selfee-mouse": TrainSettings(
        size_px=(256, 192), interval_ms=2000 / 30, preprocessing="selfee_mouse", inner_shuffle=True
    ),
    "small": TrainSettings(
        steps=2000,
        batch=96,
        size_px=(128, 128),
        interval_ms=70.0,
        inner_shuffle=True,
        shape=NetworkShape("resnet18", 512, 512),
    ),
}


def settings_of(preset: Preset, *given: dict[str, Any], where: str) -> TrainSettings:
    """Return a preset with some values replaced, the later ones winning.

    Raises:
        ConfigError: a key is unknown or a value does not fit; `where` they are from. Every problem is listed.
    """
    values = PRESETS[preset].as_dict()
    for each in given:
        values = _merged(values, each)
    try:
        return TrainSettings.model_validate(values)
    except ValidationError as error:
        raise ConfigError([explain(where, problem) for problem in error.errors()]) from error


def _merged(values: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Replace values, section by section."""
    merged = dict(values)
    for key, value in given.items():
        before = merged.get(key)
        both = isinstance(before, dict) and isinstance(value, dict)
        merged[key] = _merged(before, value) if both else value  # type: ignore[arg-type]
    return merged


def differences(one: TrainSettings, other: TrainSettings) -> list[str]:
    """Say which settings differ: key, the one's, the other's."""
    return _differences("", one.as_dict(), other.as_dict())


def _differences(section: str, one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    found = []
    for key in one:
        if isinstance(one[key], dict):
            found += _differences(f"{section}{key}.", one[key], other[key])
        elif one[key] != other[key]:
            found.append(f"{section}{key}: {one[key]} and {other[key]}")
    return found


def _of_today(values: dict[str, Any]) -> dict[str, Any]:
    """Say what a checkpoint of version 0.1 holds in the words of today; its objective had no settings."""
    if "bf16" not in values:
        return values
    rest = {key: value for key, value in values.items() if key not in ("bf16", "momentum", "size_px")}
    return rest | {
        "precision": "bf16" if values["bf16"] else "fp32",
        "momentum": (values["momentum"], values["momentum"]),
        "size_px": (values["size_px"], values["size_px"]),
        "inner_shuffle": True,
        "augmentation": {"beyond_crop": "picture"},
        "objective": {"groups": min(10, values["batch"]), "kmeans": "cosine"},
    }
