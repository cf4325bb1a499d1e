"""[labels]: how the labels of other programs are read where their file alone leaves a choice."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator

from selfee_rt.config.base import Settings, explain, read_toml
from selfee_rt.errors import ConfigError

LabelsFormat = Literal["csv", "fly", "mouse", "boris-aggregated", "boris-tabular", "deepethogram", "simba"]
"""The label files that are read and written."""

Text = Annotated[str, Field(min_length=1)]


class LabelsConfig(Settings):
    """What a label file does not say by itself."""

    format: LabelsFormat | None = None
    """None: recognised from the content."""
    map: dict[str, Text] = Field(default_factory=dict)
    """Behaviour or code of the file -> label; several may become one. Given, it must name everything in the file.
    Empty: behaviours keep their names, and the codes of `fly` those of its authors."""
    ignore: tuple[str, ...] = ()
    """Behaviours, as the file writes them, that are left out as if nobody had scored them."""
    subject: str | tuple[str, ...] | None = None
    """Whose behaviour is read; several are put together. None: the only subject there is."""
    observation: str | None = None
    """Which of several observations in one file. None: the only one there is."""
    priority: tuple[str, ...] = ()
    """Labels that may overlap, after `map`; the first has an exposure that several claim."""
    points: Literal["refuse", "ignore"] | Annotated[float, Field(gt=0)] = "refuse"
    """Events without a duration: refused, left out, or as many seconds long."""
    unscored: Text = "unlabel"
    """Label of exposures for which the file holds nothing; `unlabel` leaves them out."""
    targets: tuple[str, ...] = ()
    """`simba`: which columns are behaviours."""
    fps: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Exposures per second by which seconds are converted. None: the recording's, or what the file says."""
    offset_s: float | None = None
    """Subtracted from every time in seconds; required where BORIS added an offset."""
    codes: dict[Text, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Label -> code, for writing `fly`. Empty: the codes of its authors."""

    @field_validator("priority", "targets", "ignore")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is there twice; name each once")
        return names


def load_labels(path: Path) -> LabelsConfig:
    """Read a TOML file that holds the table [labels] and nothing else.

    Raises:
        ConfigError: the file cannot be read, or holds anything wrong; every problem is listed.
    """
    document = read_toml(path, "the table [labels] in")
    if set(document) != {"labels"} or not isinstance(document["labels"], dict):
        found = ", ".join(sorted(document)) or "nothing"
        raise ConfigError([f"{path}: got {found}, expected the table [labels] alone"])
    try:
        return LabelsConfig.model_validate(document["labels"])
    except ValidationError as error:
        raise ConfigError([explain(f"{path}: labels", problem) for problem in error.errors()]) from error
