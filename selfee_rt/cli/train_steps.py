"""The steps of `selfee-rt train`: recordings prepared, views looked at, the run with its progress bar."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from selfee_rt.cli.recordings import bars
from selfee_rt.config import ArenaConfig, VideoFileConfig, load
from selfee_rt.errors import ConfigError
from selfee_rt.signals import on_stop_signal
from selfee_rt.workbench.augment import Augmenter
from selfee_rt.workbench.dataset import (
    BatchSampler,
    LiveFrameSet,
    Material,
    find_videos,
    live_frame_sets,
    plan,
    quarter_larger,
)
from selfee_rt.workbench.dataset.recording import WHOLE
from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.preview import write_preview
from selfee_rt.workbench.probe import Probe
from selfee_rt.workbench.ranks import Ranks
from selfee_rt.workbench.train_settings import TrainSettings
from selfee_rt.workbench.trainer import StepReport, Trainer
from selfee_rt.workbench.training_run import PeriodicProbe, train_in

VIEWS = "views.png"
"""Some live frames and their augmented views, written before the training starts."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run learns from."""

    batches: BatchSampler
    notes: dict[str, Any]
    """What the checkpoint and the model card will say of the recordings."""
    probe: Probe | None


def prepared(
    given: tuple[str, ...], out: Path, settings: TrainSettings, options: dict[str, Any], ranks: Ranks
) -> Prepared:
    """Decode every video once, and write a picture of augmented views.

    Raises:
        ConfigError: the videos, the settings and the probe do not fit together.
        SourceError: a video cannot be read.
        FolderError: the folder cannot be written, or the disk is too small.
    """
    videos = find_videos(given)
    materials = [Material(video.name, VideoFileConfig(path=video, speed="max")) for video in videos]
    arenas = _arenas(options["arenas"], settings)
    kept = options["cache"] or out / "prepared"
    planned = plan(materials, kept, quarter_larger(settings.size_px), arenas, settings.preprocessing)
    if ranks.first:
        click.echo(str(planned))
    with bars() as progress:
        recordings = planned.carry_out(progress).recordings
    sets = live_frame_sets(recordings, settings.interval_ms, allow_mismatch=options["allow_interval_mismatch"])
    shuffle, share = settings.inner_shuffle, settings.live_share
    batches = BatchSampler(sets, None, settings.batch, settings.seed, inner_shuffle=shuffle, live_share=share)
    if ranks.first:
        augment = Augmenter(settings.size_px, settings.augmentation)
        write_preview(out / VIEWS, sets, augment, seed=settings.seed, live=bool(share))
    return Prepared(batches, _described(sets), _probe(options, settings, arenas) if ranks.first else None)


def _arenas(session: Path | None, settings: TrainSettings) -> tuple[ArenaConfig, ...]:
    """The session file's, or the whole picture, which has no background."""
    if session is not None:
        return load(session).arena
    if settings.preprocessing == "selfee_mouse":
        raise ConfigError(
            [
                "preprocessing is selfee_mouse, which subtracts the empty arena, and no arena is named; give --arenas "
                'SESSION.toml with [[arena]] background = {kind = "file", file = "background.png", contrast = "dark"} '
                'or kind = "first_seconds" (docs/preparation.md), or set preprocessing = "grey_resize" in --settings'
            ]
        )
    return WHOLE


def _described(sets: list[LiveFrameSet]) -> dict[str, Any]:
    """Return what the model card will say of the recordings."""
    return {
        "recordings": [
            {"name": live.recording.name, "live_frames": len(live), "interval_ms": round(live.interval_ms, 2)}
            for live in sets
        ]
    }


def _probe(options: dict[str, Any], settings: TrainSettings, arenas: Sequence[ArenaConfig]) -> Probe | None:
    """Read the labelled clip, which is one arena's."""
    if options["probe"] is None:
        return None
    if len(arenas) > 1:
        raise ConfigError([f"a probe's labels are of one arena, and {len(arenas)} are trained on; leave --probe out"])
    video, labels = options["probe"]
    return Probe.of_video(
        video, labels, settings.size_px, settings.interval_ms, arena=arenas[0], preprocessing=settings.preprocessing
    )


def carry_out(trainer: Trainer, out: Path, material: Prepared, options: dict[str, Any]) -> None:
    """Train with a progress bar until the end or Ctrl-C."""
    stopped: list[str] = []
    with on_stop_signal(stopped.append), _progress(trainer) as (show, tell):
        checkpoint = train_in(
            out,
            trainer,
            material.notes,
            show,
            lambda: bool(stopped),
            checkpoint_every_s=options["checkpoint_every"],
            probe=None if material.probe is None else PeriodicProbe(_of(material.probe), options["probe_every"], tell),
            tensorboard=options["tensorboard"],
        )
    if not trainer.ranks.first:
        return
    if trainer.done:
        click.echo(f"trained {trainer.step} steps: {checkpoint}")
    else:
        click.echo(f"stopped after step {trainer.step} of {trainer.settings.steps}; --resume goes on from {checkpoint}")


def _of(probe: Probe) -> Callable[[SelfeeNetwork], Mapping[str, float]]:
    """The probe's figures by the names they have in the log."""

    def figures(network: SelfeeNetwork) -> Mapping[str, float]:
        result = probe(network)
        return {"probe_f1": result.f1, "probe_mean_average_precision": result.mean_average_precision}

    return figures


Show = Callable[[StepReport], None]
Tell = Callable[[int, Mapping[str, float]], None]


@contextmanager
def _progress(trainer: Trainer) -> Iterator[tuple[Show, Tell]]:
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
    with Progress(*columns, disable=not trainer.ranks.first) as progress:
        task = progress.add_task("training", total=trainer.settings.steps, completed=trainer.step, figures="")

        def show(step: StepReport) -> None:
            figures = f"loss {step.loss:.3f}  collapse {step.collapse:.2f}  effective rank {step.effective_rank:.1f}"
            progress.update(task, completed=step.step, figures=figures)

        def tell(step: int, figures: Mapping[str, float]) -> None:
            progress.console.print(
                f"step {step}: " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
            )

        yield show, tell
