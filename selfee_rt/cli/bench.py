"""`selfee-rt bench`: every runtime of this machine on a model, side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.cli.recordings import BACKGROUND, FILE, arena_of
from selfee_rt.embed.providers import PROVIDERS

if TYPE_CHECKING:
    from selfee_rt.config import ArenaConfig
    from selfee_rt.workbench.bench.benchmark import Benchmark, ModelFile
    from selfee_rt.workbench.bench.candidates import Candidate, Environment
    from selfee_rt.workbench.bench.run import Telling


@click.command()
@click.argument("models", metavar="[MODEL]...", nargs=-1, type=FILE)
@click.option(
    "--arenas", type=click.IntRange(1, 64), default=4, show_default=True, help="Live frames at once, beside one."
)
@click.option("--fps", type=click.FloatRange(0, min_open=True), default=30, show_default=True, help="Of the cameras.")
@click.option("--video", type=FILE, help="Embed live frames of this video; default: the synthetic arena.")
@BACKGROUND
@click.option(
    "--provider",
    "providers",
    type=click.Choice(list(PROVIDERS)),
    multiple=True,
    help="Only this one (repeatable); default: all on offer.",
)
@click.option(
    "--threads",
    type=click.IntRange(1),
    multiple=True,
    help="Of the CPU (repeatable); default: 1, and all cores but one.",
)
@click.option(
    "--python", "pythons", type=FILE, multiple=True, help="Python of another environment with selfee-rt, timed beside."
)
@click.option("--rounds", type=click.IntRange(1), default=20, show_default=True, help="Turns that every runtime has.")
@click.option("--block", type=click.IntRange(1), default=10, show_default=True, help="Inferences of a turn.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the order of turns.")
@click.option("--report", type=FILE, help="Write a report to share (.json).")
def bench(models: tuple[Path, ...], report: Path | None, **given: Any) -> None:
    """Time every runtime on MODEL (the shipped one if none), side by side in one run.

    Several MODELs are compared: speed, and how far their embeddings agree. Each runtime has a process of its own and
    they take turns, so that whatever else the machine does disturbs all alike. Ctrl-C ends it early, with what there
    is.
    """
    from rich.console import Console

    from selfee_rt.workbench.bench.report import check_report, write_report
    from selfee_rt.workbench.bench.text import show

    if report is not None:
        check_report(report)
    found = _bench(models, given)
    show(found, Console())
    if report is not None:
        write_report(found, report)
        click.echo(f"written: {report}")


def _bench(paths: tuple[Path, ...], given: dict[str, Any]) -> "Benchmark":
    from selfee_rt.workbench.bench.benchmark import Benchmark, compared
    from selfee_rt.workbench.bench.candidates import environments
    from selfee_rt.workbench.bench.recommend import Need
    from selfee_rt.workbench.bench.run import Measurement, Plan

    files = _files(paths)
    every = environments(given["pythons"])
    plan = Plan(rounds=given["rounds"], inferences=given["block"], seed=given["seed"])
    with _telling() as telling:
        telling.doing("composing live frames")
        images = _images(files, given["video"], arena_of(None, False, given["background"]))
        measured = Measurement(_candidates(files, every, given), images, plan, telling).run()
    rows, reference = compared(measured, files)
    what = "of the synthetic arena" if given["video"] is None else "of a video"
    return Benchmark(
        files=files,
        environments=tuple(every),
        plan=plan,
        need=Need(given["fps"], given["arenas"]),
        frames=f"{len(images[0])} live frames {what}",
        rounds=measured.rounds,
        rows=rows,
        reference=reference,
    )


def _files(paths: tuple[Path, ...]) -> "tuple[ModelFile, ...]":
    from selfee_rt.embed.model import shipped_model
    from selfee_rt.workbench.bench.benchmark import ModelFile

    return tuple(ModelFile.read(path) for path in paths or (shipped_model(),))


def _candidates(files: "tuple[ModelFile, ...]", every: "list[Environment]", given: dict[str, Any]) -> "list[Candidate]":
    from selfee_rt.workbench.bench.candidates import candidates, default_threads

    return candidates(
        [file.path.absolute() for file in files],
        every,
        providers=given["providers"],
        threads=given["threads"] or default_threads(),
        batches=(1, given["arenas"]),
    )


def _images(files: "tuple[ModelFile, ...]", video: Path | None, arena: "ArenaConfig") -> list[Any]:
    """Live frames of each file, (N, 3, H, W) uint8; those that take the same share them."""
    from selfee_rt.config import ModelConfig
    from selfee_rt.workbench.bench.frames import Taken, live_frames, trial_for

    cards = [file.card for file in files]
    composed: dict[Taken, Any] = {}
    for file in files:
        taken = Taken.of(file.card)
        if taken not in composed:
            on = trial_for(file.card, cards, video, arena)
            composed[taken] = live_frames(ModelConfig(file=file.path), on)
    return [composed[Taken.of(file.card)] for file in files]


@contextmanager
def _telling() -> "Iterator[Telling]":
    """A bar on standard error that is drawn between the turns alone, and Ctrl-C that ends in order."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from selfee_rt.signals import on_stop_signal
    from selfee_rt.workbench.bench.run import Telling

    stopped: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bars, on_stop_signal(stopped.append):
        task = bars.add_task("", total=None)
        yield Telling(
            doing=lambda what: bars.update(task, description=what, refresh=True),
            done=lambda done, of: bars.update(task, completed=done, total=of, refresh=True),
            enough=lambda: bool(stopped),
        )
