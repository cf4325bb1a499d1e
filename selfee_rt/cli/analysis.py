"""The commands `fit` and `embed`: recordings in, a reference or their embeddings out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from selfee_rt.config import ArenaConfig, ModelConfig
    from selfee_rt.observe.reference import Reference
    from selfee_rt.workbench.embedding import Progress as Report
    from selfee_rt.workbench.fit import FitSettings

FILE = click.Path(path_type=Path)

VIDEOS = click.argument("videos", metavar="VIDEO...", nargs=-1, required=True, type=FILE)
MODEL = click.option("--model", type=FILE, help="Model file; the shipped one if not given.")
REGION = click.option(
    "--region",
    type=int,
    nargs=4,
    metavar="X Y WIDTH HEIGHT",
    help="The arena's pixels; the whole picture if not given.",
)
INVERT = click.option("--invert", is_flag=True, help="Invert grey values, as in the session's arena.")
ANY_INTERVAL = click.option(
    "--allow-interval-mismatch", is_flag=True, help="Embed although the frame rate does not suit the model."
)


def _ranges(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Parse every `A:B`; anything else is a usage error."""
    ranges = []
    for value in values:
        first, colon, last = value.partition(":")
        if not (colon and first.isdecimal() and last.isdecimal()):
            raise click.BadParameter(
                f"got {value!r}, expected A:B with the first and last exposure to leave out, such as 0:249", ctx, param
            )
        ranges.append((int(first), int(last)))
    return tuple(ranges)


@click.command("fit")
@VIDEOS
@click.option(
    "--labels", multiple=True, type=FILE, help="Label file of any format, once per VIDEO in order; '-': none."
)
@click.option("--labels-config", type=FILE, help="TOML file with the table [labels], for files with choices.")
@click.option("--control", "controls", multiple=True, type=FILE, help="Recording of normal behaviour for thresholds.")
@click.option(
    "--skip", metavar="A:B", multiple=True, callback=_ranges, help="Exposures to leave out of the bank, A and B too."
)
@MODEL
@click.option("--out", required=True, type=FILE, help="The reference file to make (.npz).")
@click.option("--project", type=click.IntRange(min=1), help="Dimensions to project to; 64 if not given.")
@click.option(
    "--max-bank", type=click.IntRange(min=1), default=20_000, show_default=True, help="Most examples to keep."
)
@click.option("--past-s", type=click.FloatRange(min=0, min_open=True), help="Own past that thresholds are for.")
@click.option("--skip-exposures", type=click.IntRange(min=0), help="Newest exposures that it leaves out.")
@click.option("--warm-up-exposures", type=click.IntRange(min=1), help="Own past needed before there is a score.")
@REGION
@INVERT
@ANY_INTERVAL
def fit_command(
    videos: tuple[Path, ...],
    labels: tuple[Path, ...],
    labels_config: Path | None,
    controls: tuple[Path, ...],
    skip: tuple[tuple[int, int], ...],
    model: Path | None,
    out: Path,
    project: int | None,
    max_bank: int,
    past_s: float | None,
    skip_exposures: int | None,
    warm_up_exposures: int | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    allow_interval_mismatch: bool,
) -> None:
    """Make a reference from labelled VIDEOs: what a session compares its embeddings with.

    Exposures labelled `unlabel` are left out. Without any --labels every VIDEO is normal behaviour without names,
    for the anomaly score alone. Each --control sets thresholds: the highest score in recordings of normal behaviour
    that are not in the bank.
    """
    from selfee_rt.config import LabelsConfig, SelfeeAnomalyConfig, load_labels
    from selfee_rt.workbench.fit import FitSettings, fit

    detector = {"past_s": past_s, "skip_exposures": skip_exposures, "warm_up_exposures": warm_up_exposures}
    settings = FitSettings(
        videos=videos,
        labels=tuple(None if str(path) == "-" else path for path in labels) if labels else (None,) * len(videos),
        controls=controls,
        skip=skip,
        out=out,
        model=_model(model, allow_interval_mismatch),
        arena=_arena(region, invert),
        project=project,
        max_bank=max_bank,
        detector=SelfeeAnomalyConfig.model_validate(
            {name: value for name, value in detector.items() if value is not None}
        ),
        labels_config=LabelsConfig() if labels_config is None else load_labels(labels_config),
    )
    _say_formats(settings)
    with _bars() as progress:
        reference = fit(settings, progress=progress)
    _summarise(reference, out)


def _say_formats(settings: "FitSettings") -> None:
    """Print which format each label file was recognised to be in."""
    from selfee_rt.workbench.labels import read_scored

    for path in settings.labels:
        if path is not None:
            click.echo(f"{path}: {read_scored(path, settings.labels_config).kind}")


@click.command("embed")
@VIDEOS
@click.option("--out", required=True, type=FILE, help="The HDF5 file to make.")
@MODEL
@REGION
@INVERT
@ANY_INTERVAL
def embed_command(
    videos: tuple[Path, ...],
    out: Path,
    model: Path | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    allow_interval_mismatch: bool,
) -> None:
    """Embed VIDEOs into one HDF5 file: a group each, with frame_index, embedding and the model's identity."""
    from selfee_rt.config import VideoFileConfig
    from selfee_rt.workbench.embedding import write_embeddings

    recordings = [(path.name, VideoFileConfig(path=path, speed="max")) for path in videos]
    with _bars() as progress:
        counts = write_embeddings(
            recordings, _model(model, allow_interval_mismatch), _arena(region, invert), out, progress=progress
        )
    for name, count in counts.items():
        click.echo(f"{name}: {count} embeddings")
    click.echo(f"written: {out}")


def _model(path: Path | None, allow_interval_mismatch: bool) -> "ModelConfig":
    from selfee_rt.config import ModelConfig

    return ModelConfig(file=path, allow_interval_mismatch=allow_interval_mismatch)


def _arena(region: tuple[int, int, int, int] | None, invert: bool) -> "ArenaConfig":
    from pydantic import ValidationError

    from selfee_rt.config import ArenaConfig, Region

    if region is None:
        return ArenaConfig(name="arena", invert=invert)
    try:
        pixels = Region.model_validate(dict(zip(("x", "y", "width", "height"), region, strict=True)))
    except ValidationError as error:
        first = error.errors()[0]
        raise click.BadParameter(
            f"{first['loc'][0]}: {first['msg']}, got {first['input']}", param_hint="--region"
        ) from error
    return ArenaConfig(name="arena", region=pixels, invert=invert)


@contextmanager
def _bars() -> Iterator[Callable[[str], "Report"]]:
    """One progress bar per recording, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def start(name: str) -> "Report":
            task = bars.add_task(name, total=None)
            return lambda done, promised: bars.update(task, completed=done, total=promised)

        yield start


def _summarise(reference: "Reference", out: Path) -> None:
    """Print what a new reference holds."""
    counts = {name: int((reference.label_of == position).sum()) for position, name in enumerate(reference.labels)}
    unnamed = int((reference.label_of == -1).sum())
    if unnamed:
        counts["(no label)"] = unnamed
    dim, points_dim = reference.projection.shape
    click.echo(f"examples: {', '.join(f'{name} {count}' for name, count in counts.items())}")
    click.echo(f"embedding: {dim} dimensions, projected to {points_dim}, model {reference.model_id[:12]}")
    for name, threshold in reference.thresholds.items():
        click.echo(f"threshold of {name}: {threshold.value:.4f} ({threshold.how})")
    if not reference.thresholds:
        click.echo("thresholds: none; give --control recordings to have anomalies raise alarms")
    click.echo(f"written: {out}")
