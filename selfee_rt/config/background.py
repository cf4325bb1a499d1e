"""[arena.background]: the empty arena, for a model whose preparation subtracts it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from selfee_rt.config.base import Settings

Contrast = Literal["dark", "bright"]
"""Of the animal: darker or brighter than the ground it is on."""


class StoredBackgroundConfig(Settings):
    """A picture that was made before, for example by `selfee-rt background`."""

    kind: Literal["file"] = "file"
    file: Path
    """8-bit grey PNG, TIFF or npy; as large as the camera's picture, the arena's region, or what a session has kept."""
    contrast: Contrast
    """Of the animal to its ground; nothing tells it but you."""


class FirstSecondsBackgroundConfig(Settings):
    """A picture made from the session's first exposures, which are not observed."""

    kind: Literal["first_seconds"] = "first_seconds"
    seconds: Annotated[float, Field(ge=1, le=3600)] = 10.0
    """As many exposures as arrive in this time at the source's frame rate; where some are dropped it takes longer."""
    contrast: Contrast
    """Of the animal to its ground; nothing tells it but you."""


BackgroundConfig = Annotated[StoredBackgroundConfig | FirstSecondsBackgroundConfig, Field(discriminator="kind")]
