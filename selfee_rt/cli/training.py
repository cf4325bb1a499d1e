"""`selfee-rt train` and `selfee-rt export`: from recordings to a model file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from selfee_rt.workbench.dataset import LiveFrameSet
    from selfee_rt.workbench.export import Layer
    from selfee_rt.workbench.trainer import StepReport, Trainer, TrainSettings

VERIFIED_ON = 64
"""Live frames that an export is compared on."""


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
    _need_torch()
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


def _need_torch() -> None:
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


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The ONNX file to write.")
@click.option("--verify", type=click.Path(path_type=Path), help="Video to compare on; default: the synthetic arena.")
@click.option("--layer", type=click.Choice(["projector", "backbone"]), default="projector", show_default=True)
@click.option("--name", help="Name of the model; default: the file's.")
@click.option("--version", default="1", show_default=True)
@click.option("--licence", help="Licence of the weights, for the card.")
def export(
    checkpoint: Path,
    out: Path,
    verify: Path | None,
    layer: "Layer",
    name: str | None,
    version: str,
    licence: str | None,
) -> None:
    """Export the network of CHECKPOINT to one ONNX file that carries its own card.

    The file is compared with its source on live frames first; nothing is written where they disagree. The embedding is
    the projector's output, as in Selfee, or with --layer backbone what the projector takes.
    """
    _need_torch()
    from selfee_rt.workbench.export import export_checkpoint
    from selfee_rt.workbench.trainer import TrainSettings, load_checkpoint

    settings = TrainSettings.from_dict(load_checkpoint(checkpoint)["settings"])
    images, what = _verification(verify, settings)
    agreement = export_checkpoint(
        checkpoint, out, images, what, name=name or out.stem, version=version, licence=licence, layer=layer
    )
    click.echo(
        f"{out}: {out.stat().st_size / 1e6:.1f} MB; on {agreement.live_frames} live frames of {what} the centred "
        f"cosine with its source is at least {agreement.centred_cosine_min:.5f}"
    )


def _verification(video: Path | None, settings: "TrainSettings") -> tuple[Any, str]:
    """Read live frames to compare on, (N, 3, H, W) uint8, and say what they are."""
    from selfee_rt import build
    from selfee_rt.config import SyntheticConfig, VideoFileConfig
    from selfee_rt.workbench.dataset import live_frames, read_recording, spread

    config = SyntheticConfig(seconds=10.0, speed="max") if video is None else VideoFileConfig(path=video, speed="max")
    what = "the synthetic arena" if video is None else video.name
    recording = read_recording(build.source(config), what, settings.size_px, most=1000)
    return spread([live_frames(recording, settings.interval_ms)], settings.size_px, VERIFIED_ON), what
