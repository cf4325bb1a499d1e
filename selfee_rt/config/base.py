"""What every section of the configuration builds on."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from selfee_rt.errors import ConfigError

Speed = Annotated[float, Field(gt=0)] | Literal["max"]
"""1.0: as recorded; N: N times as fast; "max": as fast as it can be processed, losing nothing."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A time or a length of time."""


class Settings(BaseModel):
    """Base of every section: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Read one TOML file, which `what` names.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"cannot read {what} {path}: {error.strerror}; give an existing TOML file"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} is not valid TOML: {error}"]) from error


def explain(where: str, problem: Any) -> str:
    """Say what pydantic found wrong: where, what, got (where that is no whole section)."""
    key = ".".join(str(part) for part in problem["loc"]) or "the whole"
    if problem["type"] == "extra_forbidden":
        return f"{where}: {key}: unknown key; remove it or correct its spelling"
    got = "" if isinstance(problem["input"], dict) else f", got {problem['input']!r}"
    return f"{where}: {key}: {problem['msg']}{got}"
