"""A training run in a folder: what is prepared once, the last checkpoint, and a line of figures for every step."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfee_rt.config import SyntheticConfig, VideoFileConfig
from selfee_rt.workbench.dataset import Material, Recording, Size, plan, quarter_larger
from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.run_log import Log, line_log, tensorboard_log
from selfee_rt.workbench.trainer import StepReport, Trainer

LAST = "last.ckpt"


@dataclass(frozen=True, slots=True)
class PeriodicProbe:
    """What the network is tried on now and then, for example a labelled clip."""

    of: Callable[[SelfeeNetwork], Mapping[str, float]]
    """Takes the network, which it leaves as it was, to figures by name."""
    every_steps: int
    told: Callable[[int, Mapping[str, float]], None]
    """Given the step and its figures, to show them."""


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
    *,
    checkpoint_every_s: float = 180.0,
    probe: PeriodicProbe | None = None,
    tensorboard: bool = False,
) -> Path:
    """Train to the end of the schedule or until `stop`; a checkpoint is kept every few minutes and at the end.

    Of several processes the first writes the files and probes.

    Args:
        folder: gets `last.ckpt` and `log.jsonl` (one JSON object a step), and with `tensorboard` a folder of events.
        trainer: new, or resumed from the folder's checkpoint.
        notes: plain values kept in the checkpoint and, later, in the model card.
        on_step: told of every step, on every process.
        stop: asked between steps.
        checkpoint_every_s: time between two checkpoints.
        probe: what the network is tried on every so many steps.
        tensorboard: whether to write for TensorBoard too.

    Returns:
        The checkpoint.

    Raises:
        FolderError: the folder cannot be written; the last whole checkpoint is still there.
        ModelError: the loss is no longer finite, or the run was to end when the embeddings collapse.
        MissingExtra: tensorboard is not installed.
    """
    with ExitStack() as stack:
        logs = _logs(stack, folder, trainer, tensorboard) if trainer.ranks.first else []
        saved = time.monotonic()

        def report(step: StepReport) -> None:
            nonlocal saved
            figures = {**asdict(step), **_probed(trainer, probe)}
            for log in logs:
                log.write(figures)
            on_step(step)
            if time.monotonic() - saved > checkpoint_every_s:
                trainer.save(folder / LAST, notes)
                saved = time.monotonic()

        trainer.run(report, stop)
    trainer.save(folder / LAST, notes)
    return folder / LAST


def _logs(stack: ExitStack, folder: Path, trainer: Trainer, tensorboard: bool) -> list[Log]:
    """Open what figures are written to."""
    logs: list[Log] = [stack.enter_context(line_log(folder, trainer.step))]
    if tensorboard:
        logs.append(stack.enter_context(tensorboard_log(folder, trainer.step)))
    return logs


def _probed(trainer: Trainer, probe: PeriodicProbe | None) -> dict[str, float]:
    """Figures of the probe where one is due."""
    if probe is None or not trainer.ranks.first or trainer.step % probe.every_steps:
        return {}
    figures = dict(probe.of(trainer.network))
    probe.told(trainer.step, figures)
    return figures
