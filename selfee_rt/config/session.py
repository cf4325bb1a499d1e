"""The whole: one TOML file, checked before anything starts."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from selfee_rt.config.base import Settings, explain, read_toml
from selfee_rt.config.device import DeviceConfig, NullConfig
from selfee_rt.config.misfits import misfits
from selfee_rt.config.observe import ObserveConfig
from selfee_rt.config.outputs import PublishConfig, RecordConfig
from selfee_rt.config.picture import ArenaConfig, ModelConfig
from selfee_rt.config.source import SourceConfig, SyntheticConfig
from selfee_rt.config.trigger import StimulationConfig, TriggerConfig
from selfee_rt.errors import ConfigError


class ExperimentConfig(Settings):
    """What the session belongs to; goes to the session record as it is."""

    id: str | None = None
    description: str | None = None
    experimenter: str | None = None
    lab: str | None = None
    institution: str | None = None
    fields: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Anything else worth keeping."""


class SubjectConfig(Settings):
    """The animal; goes to the session record as it is."""

    id: str | None = None
    species: str | None = None
    sex: Literal["M", "F", "U", "O"] | None = None
    """As in NWB: male, female, unknown, other."""
    age: str | None = None
    """ISO 8601 duration, for example P90D."""
    genotype: str | None = None
    fields: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Anything else worth keeping."""


class SessionConfig(Settings):
    """One session."""

    source: SourceConfig
    arena: tuple[ArenaConfig, ...] = (ArenaConfig(name="arena"),)
    model: ModelConfig = ModelConfig()
    observe: ObserveConfig = ObserveConfig()
    publish: PublishConfig = PublishConfig()
    record: RecordConfig = RecordConfig()
    device: tuple[DeviceConfig, ...] = ()
    trigger: tuple[TriggerConfig, ...] = ()
    stimulation: StimulationConfig = StimulationConfig()
    experiment: ExperimentConfig = ExperimentConfig()
    subject: SubjectConfig = SubjectConfig()
    seconds: Annotated[float, Field(gt=0)] | None = None
    """End by itself after this long; None: run until stopped."""

    @model_validator(mode="after")
    def _names_differ(self) -> "SessionConfig":
        if not self.arena:
            raise ValueError("there is no arena; leave [[arena]] out for the whole picture, or describe at least one")
        for what, names in (
            ("arenas", [arena.name for arena in self.arena]),
            ("detectors", [detector.name for detector in self.observe.detector or ()]),
            ("devices", [device.name for device in self.device]),
            ("triggers", [trigger.name for trigger in self.trigger]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"two {what} have the same name: {', '.join(sorted(names))}; give each its own")
        return self

    @model_validator(mode="after")
    def _led_shines(self) -> "SessionConfig":
        source = self.source
        if not isinstance(source, SyntheticConfig) or source.led is None or source.led.device is None:
            return self
        led = source.led
        simulated = [device.name for device in self.device if isinstance(device, NullConfig)]
        if led.device not in simulated:
            known = ", ".join(simulated) or "there is none, add [[device]]"
            raise ValueError(f"source.led: no device of kind null is called {led.device!r}; expected one of: {known}")
        if source.speed == "max":
            raise ValueError(
                'source.led: a device makes light in real time, which speed "max" does not have; set speed to a '
                "number, or at_s to let the LED flash at given times"
            )
        return self

    @model_validator(mode="after")
    def _triggers_fit(self) -> "SessionConfig":
        problems = list(
            misfits(
                self.trigger,
                self.stimulation,
                arenas=[arena.name for arena in self.arena],
                devices=[device.name for device in self.device],
                seconds=self.seconds,
            )
        )
        if self.trigger and self.publish.control is None:
            problems.append("publish.control is off, so that nobody could arm or disarm; give it an address")
        if self.trigger and self.record.on_failure == "continue":
            problems.append('stimuli must be recorded; leave record.on_failure at "stop"')
        if problems:
            raise ValueError("\n".join(problems))
        return self


def load(path: Path) -> SessionConfig:
    """Read one TOML file; relative paths in it are relative to its folder.

    Raises:
        ConfigError: the file cannot be read, or holds anything wrong; every problem is listed.
    """
    document = read_toml(path, "the configuration")
    return parse(document, where=str(path), base=path.parent)


def parse(document: dict[str, Any], *, where: str, base: Path) -> SessionConfig:
    """Check a document; relative paths become relative to `base`.

    Raises:
        ConfigError: with every problem, each naming its key.
    """
    try:
        config = SessionConfig.model_validate(document)
    except ValidationError as error:
        raise ConfigError([explain(where, problem) for problem in error.errors()]) from error
    return _anchored(config, base)


SettingsT = TypeVar("SettingsT", bound=Settings)


def _anchored(settings: SettingsT, base: Path) -> SettingsT:
    """Copy of `settings` in which every relative path is joined to `base`."""

    def anchor(value: Any) -> Any:
        if isinstance(value, Path):
            return base / value
        if isinstance(value, Settings):
            return _anchored(value, base)
        if isinstance(value, tuple):
            return tuple(anchor(item) for item in value)
        return value

    return settings.model_copy(update={name: anchor(getattr(settings, name)) for name in type(settings).model_fields})
