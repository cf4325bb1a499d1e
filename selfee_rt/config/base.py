"""What every section of the configuration builds on."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Speed = Annotated[float, Field(gt=0)] | Literal["max"]
"""1.0: as recorded; N: N times as fast; "max": as fast as it can be processed, losing nothing."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class Settings(BaseModel):
    """Base of every section: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
