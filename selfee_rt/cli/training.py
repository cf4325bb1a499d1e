"""`selfee-rt train`: from recordings to a checkpoint."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.cli.recordings import ANY_INTERVAL, FILE
from selfee_rt.cli.size import Size
from selfee_rt.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from selfee_rt.workbench.train_settings import TrainSettings


@click.command()
@click.argument("videos", nargs=-1, metavar="VIDEO...")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the run.")
@click.option(
    "--preset",
    type=click.Choice(["selfee-fly", "selfee-mouse", "small"]),
    default="selfee-fly",
    show_default=True,
    help="Settings to begin with: the authors' for flies or mice (ResNet-50), or a ResNet-18 that a CPU can train.",
)
@click.option("--settings", "settings_file", type=FILE, help="TOML file with settings that replace the preset's.")
@click.option("--print-settings", is_flag=True, help="Print all settings as such a file, with comments, and end.")
@click.option("--steps", type=click.IntRange(2), help="Length of the learning-rate schedule.")
@click.option("--size", "size_px", type=Size(), help="Of what the network takes, in pixels.")
@click.option("--backbone", type=click.Choice(["resnet18", "resnet34", "resnet50"]))
@click.option("--dim", type=click.IntRange(8), help="Width of projector and embedding.")
@click.option("--batch", type=click.IntRange(2), help="Live frames a step, of all processes together.")
@click.option("--interval-ms", type=click.FloatRange(0, min_open=True), help="Time between past and current exposure.")
@click.option("--seed", type=click.IntRange(0))
@click.option("--precision", type=click.Choice(["auto", "fp32", "bf16", "fp16"]), help="Of the backbone.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="Default: a GPU where there is one.")
@click.option("--threads", type=click.IntRange(1), help="Of torch, for each of the two views; default: all cores.")
@click.option("--start-from", type=FILE, help="A run's checkpoint, the authors', or torchvision's ResNet weights.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --out.")
@click.option("--checkpoint-every", type=click.FloatRange(0), default=180.0, show_default=True, metavar="SECONDS")
@click.option("--cache", type=FILE, help="Folder for decoded videos, which runs may share; default: in --out.")
@click.option("--arenas", type=FILE, help="Session file whose arenas to cut out; default: the whole picture.")
@click.option("--probe", type=FILE, nargs=2, metavar="VIDEO LABELS", help="Labelled clip to try the network on.")
@click.option("--probe-every", type=click.IntRange(1), default=500, show_default=True, metavar="STEPS")
@click.option("--tensorboard", is_flag=True, help="Write the figures for TensorBoard, too.")
@click.option("--stop-on-collapse", is_flag=True, help="End when the embeddings have become nearly the same.")
@ANY_INTERVAL
def train(
    videos: tuple[str, ...],
    out: Path | None,
    preset: Any,
    settings_file: Path | None,
    print_settings: bool,
    device: Any,
    threads: int | None,
    start_from: Path | None,
    resume: bool,
    **others: Any,
) -> None:
    """Train an embedding on VIDEOs, without labels (Selfee: SimSiam and CLD on live frames).

    A VIDEO is a file, a folder, a pattern, or a .txt list of these. Ctrl-C ends after the current step with a
    checkpoint; the same command with --resume goes on from it, and on a CPU ends with the weights an uninterrupted run
    would have had. Several GPUs, or computers: torchrun --nproc-per-node N -m selfee_rt train …
    """
    need_torch()
    settings = _settings(preset, settings_file, others)
    if print_settings:
        from selfee_rt.workbench.train_settings_file import written

        click.echo(written(settings), nl=False)
        return
    if not videos or out is None:
        raise click.UsageError("give at least one VIDEO, and --out for the folder of the run")
    _check_folder(out, resume)
    _train(videos, out, settings, device, threads, start_from, resume, others)


def need_torch() -> None:
    """Say which extra is missing."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise MissingExtra("training and export need torch; install selfee-rt[train]")


def _settings(preset: Any, path: Path | None, flags: dict[str, Any]) -> "TrainSettings":
    """The preset, then the file, then the command line."""
    from selfee_rt.workbench.train_settings import settings_of
    from selfee_rt.workbench.train_settings_file import read_settings

    backbone, dim = flags.pop("backbone"), flags.pop("dim")
    shape = {"backbone": backbone, "projector_dim": dim, "embedding_dim": dim}
    given = {name: flags.pop(name) for name in ("steps", "size_px", "batch", "interval_ms", "seed", "precision")}
    said = _given(given) | {"shape": _given(shape)}
    return settings_of(preset, {} if path is None else read_settings(path), said, where=str(path or "the command line"))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """What was given at all."""
    return {name: value for name, value in values.items() if value is not None}


def _check_folder(out: Path, resume: bool) -> None:
    """Refuse to overwrite a run, or to resume none."""
    from selfee_rt.workbench.training_run import LAST

    if resume and not (out / LAST).exists():
        raise ConfigError([f"nothing to resume: {out / LAST} does not exist; leave --resume out to begin"])
    if not resume and (out / LAST).exists():
        raise ConfigError([f"{out} holds a run already; add --resume to go on, or choose another --out"])


def _train(
    videos: tuple[str, ...],
    out: Path,
    settings: "TrainSettings",
    device: Any,
    threads: int | None,
    start_from: Path | None,
    resume: bool,
    others: dict[str, Any],
) -> None:
    """Prepare, begin or go on, and train to the end or Ctrl-C."""
    import torch

    from selfee_rt.cli.train_steps import carry_out, prepared
    from selfee_rt.workbench.collapse import CollapseAlarm
    from selfee_rt.workbench.compute import compute_on
    from selfee_rt.workbench.ranks import joined, local_rank
    from selfee_rt.workbench.start_weights import start_weights
    from selfee_rt.workbench.trainer import Trainer
    from selfee_rt.workbench.training_run import LAST

    if threads is not None:
        torch.set_num_threads(threads)
    compute = compute_on(device, settings.precision, local_rank())
    begin = None if resume or start_from is None else start_weights(start_from, settings.shape)
    with joined(cuda=compute.device.type == "cuda") as ranks:
        with ranks.first_alone():
            material = prepared(videos, out, settings, others, ranks)
        alarm = CollapseAlarm(ends_run=others["stop_on_collapse"])
        trainer = Trainer(settings, material.batches, compute, ranks, alarm)
        if resume:
            trainer.resume(out / LAST)
        elif begin is not None:
            trainer.start_from(begin.weights)
        if ranks.first:
            said = "" if begin is None else f", beginning with {begin.said}"
            click.echo(f"training on {compute}, {ranks.size} process{'es' * (ranks.size > 1)}{said}")
        carry_out(trainer, out, material, others)
