"""[[arena]] and [model]: which pixels are embedded, and by which network."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from selfee_rt.config.background import BackgroundConfig
from selfee_rt.config.base import Name, Settings


class Region(Settings):
    """The pixels of one arena in the camera's picture."""

    x: Annotated[int, Field(ge=0)]
    y: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(ge=8)]
    height: Annotated[int, Field(ge=8)]


class ArenaConfig(Settings):
    """One enclosure, observed on its own."""

    name: Name
    region: Region | None = None
    """None: the whole picture."""
    invert: bool = False
    """Dark animals on a bright ground, for a model trained on the opposite."""
    background: BackgroundConfig | None = None
    """The empty arena; for models whose preparation subtracts it, and only for them."""
    subject: str | None = None
    """The animal in it, where arenas hold different ones; None: the session's. Limits of stimuli are per subject."""

    @model_validator(mode="after")
    def _contrast_is_said_once(self) -> "ArenaConfig":
        if self.invert and self.background is not None:
            raise ValueError(
                "invert and background exclude each other: what is left of the background is always prepared as a dark "
                "animal on white; leave invert out, and say in background.contrast what the animal is like"
            )
        return self


class ModelConfig(Settings):
    """The network that embeds live frames."""

    file: Path | None = None
    """None: the model that ships with the project."""
    providers: tuple[str, ...] = ("cpu",)
    """ONNX Runtime's execution providers in order of preference: cpu, cuda, tensorrt, openvino, … All must exist."""
    threads: Annotated[int, Field(ge=1)] | None = None
    """Threads of one inference; None: all cores but one."""
    allow_interval_mismatch: bool = False
    """Run although the camera's frame rate puts the frame interval more than 20 % off the model's."""
