"""The checkpoint of a run: written whole or not at all, read without executing anything."""

import os
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from selfee_rt.errors import FolderError, ModelError
from selfee_rt.workbench.checkpoint import read_checkpoint
from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.raw_frames import embed_current_only
from selfee_rt.workbench.train_settings import TrainSettings

CHECKPOINT_FORMAT = 1


def save_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Write a checkpoint; the one before stays until the new one is on the disk.

    Raises:
        FolderError: it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            torch.save({"format": CHECKPOINT_FORMAT, **content}, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        kept = "; the checkpoint before is untouched" if path.exists() else ""
        raise FolderError(f"cannot write {path} ({error}){kept}. Make room, then --resume") from error


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint; nothing in it is executed.

    Raises:
        ModelError: it is missing or not a checkpoint of ours.
    """
    checkpoint: dict[str, Any] = read_checkpoint(path)
    if not isinstance(checkpoint, dict) or checkpoint.get("format") != CHECKPOINT_FORMAT:
        raise ModelError(f"{path} is not a checkpoint of this program; expected format {CHECKPOINT_FORMAT}")
    return checkpoint


def stored_settings(checkpoint: dict[str, Any]) -> TrainSettings:
    """Return the settings that a checkpoint was trained with.

    Raises:
        ModelError: they are not settings of a training run.
    """
    try:
        return TrainSettings.from_dict(checkpoint["settings"])
    except (ValidationError, KeyError, TypeError) as error:
        raise ModelError(f"the checkpoint's settings cannot be read; another version made it ({error})") from error


def load_network(checkpoint: dict[str, Any]) -> tuple[SelfeeNetwork, TrainSettings]:
    """Rebuild the network of a checkpoint, ready to embed.

    Raises:
        ModelError: settings or weights do not fit.
    """
    settings = stored_settings(checkpoint)
    network = SelfeeNetwork(settings.shape)
    if not settings.live_share:
        embed_current_only(network)
    network.load_state_dict(checkpoint["network"])
    return network.eval(), settings
