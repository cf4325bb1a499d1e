"""What can be known and refused before anything is opened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from selfee_rt import build
from selfee_rt.compose.interval import FrameInterval, frame_interval
from selfee_rt.config import SessionConfig
from selfee_rt.embed.model import ModelCard, read_card, sha256_of
from selfee_rt.errors import ConfigError, SelfeeRTError
from selfee_rt.observe.reference import Reference
from selfee_rt.publish.addresses import check_addresses
from selfee_rt.trigger.train import train_of
from selfee_rt.types import SourceInfo

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """A configuration whose model and reference have been read and fit together."""

    config: SessionConfig
    model_path: Path
    model_id: str
    card: ModelCard
    reference: Reference | None

    @property
    def records_video(self) -> bool:
        """A replayed file is referenced by path and sha256, never recorded again."""
        return self.config.record.video != "none" and self.config.source.kind not in ("video_file", "recorded")

    def interval(self, info: SourceInfo) -> FrameInterval:
        """The frame interval in exposures at the source's measured frame rate.

        Raises:
            ModelMismatch: it is more than 20 % off the model's, and that is not allowed.
        """
        return frame_interval(self.card.interval_ms, info.fps, allow_mismatch=self.config.model.allow_interval_mismatch)


def make_plan(config: SessionConfig) -> Plan:
    """Read model and reference and check all that can be checked without opening the source.

    Raises:
        ConfigError: with every problem that was found.
    """
    problems: list[str] = list(check_addresses(config.publish))
    if config.record.folder is not None and config.record.folder.exists():
        problems.append(
            f"record.folder: {config.record.folder} exists; a session never overwrites anything, choose another"
        )
    attempt(problems, build.check_conditions, config)
    problems += _impossible_pulses(config)
    path = attempt(problems, build.model_path, config.model)
    card = None if path is None else attempt(problems, read_card, path)
    if card is not None:
        attempt(problems, build.check_preparations, config.arena, card)
    model_id = "" if path is None or card is None else sha256_of(path)
    reference = None if card is None else attempt(problems, build.reference, config, model_id)
    if card is not None and not problems:
        attempt(problems, build.templates, config, reference, model_id)
    if problems or path is None or card is None:
        raise ConfigError(problems)
    return Plan(config, path, model_id, card, reference)


def _impossible_pulses(config: SessionConfig) -> Iterator[str]:
    """Rules whose device can never make their pulse."""
    devices = {device.name: device for device in config.device}
    for rule in config.trigger:
        why = build.misfit(devices[rule.device], train_of(rule.pulse))
        if why is not None:
            yield f"trigger {rule.name!r}: device {rule.device!r} cannot make this pulse: {why}"


def attempt(problems: list[str], function: Callable[..., T], *arguments: Any) -> T | None:
    """Result of the call, or None with what was wrong added to the problems."""
    try:
        return function(*arguments)
    except ConfigError as error:
        problems.extend(error.problems)
    except SelfeeRTError as error:
        problems.append(str(error))
    return None
