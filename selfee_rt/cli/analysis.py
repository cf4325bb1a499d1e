"""The commands `fit` and `embed`: recordings in, a reference or their embeddings out."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from selfee_rt.cli.detectors import DETECTOR, DETECTORS_OF, PAST, SKIP, WARM_UP, chosen_detectors
from selfee_rt.cli.recordings import (
    ANY_INTERVAL,
    BACKGROUND,
    FILE,
    INVERT,
    MODEL,
    REGION,
    VIDEOS,
    arena_of,
    bars,
    model_of,
)

if TYPE_CHECKING:
    from selfee_rt.config import Contrast
    from selfee_rt.observe.reference import Reference, Threshold
    from selfee_rt.workbench.fit import FitSettings


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
@click.option(
    "--classifier",
    "classifiers",
    multiple=True,
    type=click.Choice(["knn", "probe", "lightgbm"]),
    default=("knn",),
    show_default=True,
    help="Classifier to calibrate; lightgbm is also trained. May be repeated.",
)
@click.option(
    "--calibrate",
    type=click.Choice(["temperature", "isotonic"]),
    help="Calibrate probabilities on blocks held out in turn.",
)
@click.option(
    "--window-exposures",
    type=click.IntRange(min=4),
    default=30,
    show_default=True,
    help="Window of LightGBM's features.",
)
@PAST
@SKIP
@WARM_UP
@DETECTOR
@DETECTORS_OF
@click.option(
    "--false-alarms-per-hour",
    type=click.FloatRange(min=0, min_open=True),
    help="Set thresholds by their rate of false alarms; if not given, to the highest score of the controls.",
)
@click.option(
    "--block-s",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds that count as one independent observation; alarms closer than this are one. 60 if not given.",
)
@REGION
@INVERT
@BACKGROUND
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
    classifiers: tuple[Literal["knn", "probe", "lightgbm"], ...],
    calibrate: Literal["temperature", "isotonic"] | None,
    window_exposures: int,
    past_s: float | None,
    skip_exposures: int | None,
    warm_up_exposures: int | None,
    kinds: tuple[str, ...],
    detectors_of: Path | None,
    false_alarms_per_hour: float | None,
    block_s: float | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    background: "tuple[str, Contrast] | None",
    allow_interval_mismatch: bool,
) -> None:
    """Make a reference from labelled VIDEOs: what a session compares its embeddings with.

    Exposures labelled `unlabel` are left out. Without any --labels every VIDEO is normal behaviour without names,
    for the anomaly score alone. Each --control sets thresholds, from recordings of normal behaviour that are not in
    the bank: the highest score, or with --false-alarms-per-hour the one that is crossed so often.
    """
    from selfee_rt.config import ALARM_MERGE_S, LabelsConfig, load_labels
    from selfee_rt.workbench.fit import FitSettings, fit
    from selfee_rt.workbench.parts import PartSettings
    from selfee_rt.workbench.thresholds import ThresholdSettings

    settings = FitSettings(
        videos=videos,
        labels=tuple(None if str(path) == "-" else path for path in labels) if labels else (None,) * len(videos),
        controls=controls,
        skip=skip,
        out=out,
        model=model_of(model, allow_interval_mismatch),
        arena=arena_of(region, invert, background),
        project=project,
        max_bank=max_bank,
        thresholds=ThresholdSettings(
            detectors=chosen_detectors(
                kinds,
                detectors_of,
                past_s=past_s,
                skip_exposures=skip_exposures,
                warm_up_exposures=warm_up_exposures,
            ),
            false_alarms_per_hour=false_alarms_per_hour,
            block_s=ALARM_MERGE_S if block_s is None else block_s,
        ),
        parts=PartSettings(tuple(dict.fromkeys(classifiers)), calibrate, window_exposures),
        labels_config=LabelsConfig() if labels_config is None else load_labels(labels_config),
    )
    _say_formats(settings)
    with bars() as progress:
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
@BACKGROUND
@ANY_INTERVAL
def embed_command(
    videos: tuple[Path, ...],
    out: Path,
    model: Path | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    background: "tuple[str, Contrast] | None",
    allow_interval_mismatch: bool,
) -> None:
    """Embed VIDEOs into one HDF5 file: a group each, with frame_index, embedding and the model's identity."""
    from selfee_rt.config import VideoFileConfig
    from selfee_rt.workbench.embedding import write_embeddings

    recordings = [(path.name, VideoFileConfig(path=path, speed="max")) for path in videos]
    with bars() as progress:
        counts = write_embeddings(
            recordings,
            model_of(model, allow_interval_mismatch),
            arena_of(region, invert, background),
            out,
            progress=progress,
        )
    for name, count in counts.items():
        click.echo(f"{name}: {count} embeddings")
    click.echo(f"written: {out}")


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
        click.echo(f"  {_rate_of(threshold)}")
    if not reference.thresholds:
        click.echo("thresholds: none; give --control recordings to have anomalies raise alarms")
    _summarise_parts(reference)
    click.echo(f"written: {out}")


def _rate_of(threshold: "Threshold") -> str:
    """Say how often a threshold is crossed without cause, as far as is known."""
    rate = threshold.rate
    if rate is None:
        return (
            "false alarms: rate not known, since no control holds a whole block of time after its past is full; "
            "use longer controls, or a shorter past"
        )
    return (
        f"false alarms: {rate.per_hour:.2f} per hour expected (95 % interval of this threshold's rate "
        f"{rate.low_per_hour:.2f} to {rate.high_per_hour:.2f}), from {rate.control_hours:.2f} h of controls in "
        f"{rate.blocks} blocks of {rate.block_s:g} s; alarms closer than that are one"
    )


def _summarise_parts(reference: "Reference") -> None:
    """Print the optional parts that a new reference has, and one that it should have."""
    for name, calibration in reference.calibrations.items():
        click.echo(f"calibration of {name}: {calibration.method} ({calibration.how})")
    if reference.boosted is not None:
        boosted = reference.boosted
        click.echo(f"LightGBM: windows of {boosted.window_exposures} exposures at {boosted.fps:g} fps")
    if reference.labels and reference.transitions is None:
        click.echo("transitions of labels: none; the labelled recordings have different frame rates")
