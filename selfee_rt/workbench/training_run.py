"""A training run in a folder: what is prepared once, the last checkpoint, and a line of figures for every step."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from selfee_rt.config import SyntheticConfig, VideoFileConfig
from selfee_rt.workbench.dataset import Material, Recording, Size, plan, quarter_larger
from selfee_rt.workbench.trainer import StepReport, Trainer

LAST = "last.ckpt"
LOG = "log.jsonl"


def prepare(config: SyntheticConfig | VideoFileConfig, name: str, folder: Path, network_px: int | Size) -> Recording:
    """Read a recording as small grey pictures, or take what an earlier run prepared from the same file.

    The pictures are a quarter larger than the network's, so that a crop still has resolution.

    Raises:
        ConfigError: it cannot be read.
        FolderError: the folder cannot be written, or the disk has too little room.
    """
    planned = plan([Material(name, config)], folder / "prepared", quarter_larger(network_px))
    return planned.carry_out().recordings[0]


def train_in(
    folder: Path,
    trainer: Trainer,
    notes: dict[str, Any],
    on_step: Callable[[StepReport], None],
    stop: Callable[[], bool],
    checkpoint_every_s: float = 180.0,
) -> Path:
    """Train to the end of the schedule or until `stop`; a checkpoint is kept every few minutes and at the end.

    Args:
        folder: gets `last.ckpt` and `log.jsonl` (one JSON object a step).
        trainer: new, or resumed from the folder's checkpoint.
        notes: plain values kept in the checkpoint and, later, in the model card.
        on_step: told of every step.
        stop: asked between steps.
        checkpoint_every_s: time between two checkpoints.

    Returns:
        The checkpoint.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved = time.monotonic()
    with (folder / LOG).open("a", encoding="utf-8") as log:

        def report(step: StepReport) -> None:
            nonlocal saved
            print(json.dumps(asdict(step)), file=log, flush=True)
            on_step(step)
            if time.monotonic() - saved > checkpoint_every_s:
                trainer.save(folder / LAST, notes)
                saved = time.monotonic()

        trainer.run(report, stop)
    trainer.save(folder / LAST, notes)
    return folder / LAST
