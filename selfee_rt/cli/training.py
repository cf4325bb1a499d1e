"""`selfee-rt train`: from recordings to a checkpoint."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from selfee_rt.workbench.dataset import LiveFrameSet
    from selfee_rt.workbench.trainer import StepReport, Trainer, TrainSettings


@click.command()
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VIDEO...")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the run.")
@click.option("--steps", type=click.IntRange(2), required=True, help="Length of the learning-rate schedule.")
@click.option("--size", "size_px", type=click.IntRange(32, 512), default=128, show_default=True, help="Pixels.")
@click.option(
    "--backbone", type=click.Choice(["resnet18", "resnet34", "resnet50"]), default="resnet18", show_default=True
)
@click.option("--dim", type=click.IntRange(8), default=512, show_default=True, help="Width of the embedding.")
@click.option("--batch", type=click.IntRange(2), default=96, show_default=True, help="Live frames a step.")
@click.option(
    "--interval-ms",
    type=click.FloatRange(0, min_open=True),
    default=70.0,
    show_default=True,
    help="Time between past and current exposure; each video's nearest is taken.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(1), help="Default: all cores.")
@click.option("--fp32", is_flag=True, help="Compute the backbone in float32 instead of bfloat16.")
@click.option("--start-from", type=click.Path(path_type=Path), help="Checkpoint whose weights to begin with.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --out.")
def train(
    videos: tuple[Path, ...],
    out: Path,
    steps: int,
    size_px: int,
    backbone: str,
    dim: int,
    batch: int,
    interval_ms: float,
    seed: int,
    threads: int | None,
    fp32: bool,
    start_from: Path | None,
    resume: bool,
) -> None:
    """Train an embedding on VIDEOs, without labels (Selfee: SimSiam and CLD on live frames).

    Ctrl-C ends after the current step with a checkpoint; the same command with --resume goes on from it, and ends with
    the weights an uninterrupted run would have had. A batch comes from one video, drawn in proportion to its length.
    """
    need_torch()
    import torch

    from selfee_rt.workbench.network import NetworkShape
    from selfee_rt.workbench.trainer import Trainer, TrainSettings
    from selfee_rt.workbench.training_run import LAST

    if threads is not None:
        torch.set_num_threads(threads)
    shape = NetworkShape(backbone, dim, dim)
    settings = TrainSettings(
        steps=steps, shape=shape, size_px=size_px, batch=batch, interval_ms=interval_ms, seed=seed, bf16=not fp32
    )
    _check_folder(out, resume)
    sets = _prepared(videos, out, settings)
    trainer = Trainer(settings, sets, [len(each) for each in sets])
    if resume:
        trainer.resume(out / LAST)
    elif start_from is not None:
        trainer.start_from(start_from)
    _train(out, trainer, _described(videos, sets))


def need_torch() -> None:
    """Say which extra is missing."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise MissingExtra("training and export need torch; install selfee-rt[train]")


def _check_folder(out: Path, resume: bool) -> None:
    """Refuse to overwrite a run, or to resume none."""
    from selfee_rt.workbench.training_run import LAST

    if resume and not (out / LAST).exists():
        raise ConfigError([f"nothing to resume: {out / LAST} does not exist; leave --resume out to begin"])
    if not resume and (out / LAST).exists():
        raise ConfigError([f"{out} holds a run already; add --resume to go on, or choose another --out"])


def _prepared(videos: tuple[Path, ...], out: Path, settings: "TrainSettings") -> "list[LiveFrameSet]":
    """Decode every video once; each prepared one is kept in the run's folder."""
    from selfee_rt.config import VideoFileConfig
    from selfee_rt.workbench.dataset import live_frames
    from selfee_rt.workbench.training_run import prepare

    sets = []
    for video in videos:
        click.echo(f"preparing {video}")
        recording = prepare(VideoFileConfig(path=video, speed="max"), video.stem, out, settings.size_px)
        sets.append(live_frames(recording, settings.interval_ms))
    return sets


def _described(videos: tuple[Path, ...], sets: "list[LiveFrameSet]") -> dict[str, Any]:
    """Return what the model card will say of the recordings."""
    return {
        "recordings": [
            {"name": video.name, "live_frames": len(live), "interval_ms": round(live.interval_ms, 2)}
            for video, live in zip(videos, sets, strict=True)
        ]
    }


def _train(out: Path, trainer: "Trainer", notes: dict[str, Any]) -> None:
    """Train with a progress bar until the end or Ctrl-C."""
    from selfee_rt.signals import on_stop_signal
    from selfee_rt.workbench.training_run import train_in

    stopped: list[str] = []
    with on_stop_signal(stopped.append), _progress(trainer) as show:
        checkpoint = train_in(out, trainer, notes, show, lambda: bool(stopped))
    if trainer.done:
        click.echo(f"trained {trainer.step} steps: {checkpoint}")
    else:
        click.echo(f"stopped after step {trainer.step} of {trainer.settings.steps}; --resume goes on from {checkpoint}")


@contextmanager
def _progress(trainer: "Trainer") -> "Iterator[Callable[[StepReport], None]]":
    """Show a bar with loss, collapse level and the time left; on a plain output, nothing moves."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("training", total=trainer.settings.steps, completed=trainer.step, figures="")

        def show(step: "StepReport") -> None:
            figures = f"loss {step.loss:.3f}  collapse {step.collapse:.2f}"
            progress.update(task, completed=step.step, figures=figures)

        yield show
