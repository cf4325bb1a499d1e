"""A checkpoint of any form that is known here, as a network and what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfee_rt.errors import ModelError
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.checkpoint import read_checkpoint
from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.official import official_checkpoint
from selfee_rt.workbench.storage import FULL, HALF, Storage
from selfee_rt.workbench.stored_run import CHECKPOINT_FORMAT, load_network
from selfee_rt.workbench.train_settings import TrainSettings


@dataclass(frozen=True, slots=True)
class InputOfTraining:
    """What the live frames were like that a checkpoint was trained on."""

    size_px: tuple[int, int]
    """(height, width)."""
    interval_ms: float
    trained_interval_ms: tuple[float, float]
    """Shortest and longest among its recordings, which are as near as their frame rates allow."""
    preprocessing: Preprocessing


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """A network, ready to embed, and where it came from."""

    form: str
    """What was recognised, for people."""
    network: SelfeeNetwork
    trained_on: InputOfTraining | None
    """None where the checkpoint does not say."""
    storage: Storage
    """How its weights are stored where nobody asks for something else."""
    training: dict[str, Any] = field(default_factory=dict)
    """What the card will say of its training."""


def import_checkpoint(path: Path) -> Imported:
    """Read a checkpoint of `selfee-rt train` or of Selfee's authors; nothing in it is executed.

    Raises:
        ModelError: it is neither, damaged or incomplete; the message says what it is or what is missing.
    """
    content = read_checkpoint(path)
    if isinstance(content, Mapping) and "format" in content:
        return _own(path, dict(content))
    return _official(path, content)


def _official(path: Path, content: Any) -> Imported:
    """Stored in full: what others published is kept as it is."""
    found = official_checkpoint(path, content)
    shape = found.network.shape
    form = f"the {found.form} form of Selfee's authors, {shape.backbone}, {found.saved}"
    return Imported(form, found.network, None, FULL, {"imported": form})


def _own(path: Path, content: dict[str, Any]) -> Imported:
    if content["format"] != CHECKPOINT_FORMAT:
        raise ModelError(
            f"{path} is a checkpoint of format {content['format']!r}, expected {CHECKPOINT_FORMAT}; "
            "export it with the version of selfee-rt that it was trained with"
        )
    try:
        network, settings = load_network(content)
        training = {"steps_done": content["step"], **settings.as_dict()}
        notes = dict(content["notes"])
        trained_on = _trained_on(settings, notes)
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0][:160]
        raise ModelError(f"{path} is a checkpoint of ours that is incomplete or was edited ({first})") from error
    form = f"our own, {settings.shape.backbone}, {content['step']} steps"
    return Imported(form, network.requires_grad_(False), trained_on, HALF, {**training, **notes})


def _trained_on(settings: TrainSettings, notes: dict[str, Any]) -> InputOfTraining:
    intervals = [float(each["interval_ms"]) for each in notes.get("recordings", ())] or [settings.interval_ms]
    range_ms = min(intervals), max(intervals)
    return InputOfTraining(settings.size_px, settings.interval_ms, range_ms, settings.preprocessing)
