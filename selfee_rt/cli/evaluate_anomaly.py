"""The command `evaluate-anomaly`: detectors against each other, where it is known what is strange."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfee_rt.cli.detectors import DETECTOR, DETECTORS_OF, PAST, SKIP, WARM_UP, chosen_detectors
from selfee_rt.cli.recordings import (
    ANY_INTERVAL,
    BACKGROUND,
    FILE,
    INVERT,
    MODEL,
    REGION,
    arena_of,
    bars,
    model_of,
)

if TYPE_CHECKING:
    from selfee_rt.config import Contrast


@click.command("evaluate-anomaly")
@click.argument("videos", metavar="[VIDEO]...", nargs=-1, type=FILE)
@click.option("--events", multiple=True, type=FILE, help="CSV (what,start,stop), once per VIDEO in order.")
@click.option("--synthetic", "seeds", multiple=True, type=int, help="Seed of a synthetic recording with anomalies.")
@click.option("--seconds", type=click.FloatRange(min=240), default=480.0, show_default=True, help="Of each of them.")
@click.option("--fps", type=click.FloatRange(min=1, max=1000), default=30.0, show_default=True, help="Of each of them.")
@click.option("--reference", required=True, type=FILE, help="The reference, with its thresholds (.npz).")
@DETECTOR
@DETECTORS_OF
@PAST
@SKIP
@WARM_UP
@click.option("--out", required=True, type=FILE, help="The report to make (.html); a .csv comes beside it.")
@MODEL
@REGION
@INVERT
@BACKGROUND
@ANY_INTERVAL
def evaluate_anomaly_command(
    videos: tuple[Path, ...],
    events: tuple[Path, ...],
    seeds: tuple[int, ...],
    seconds: float,
    fps: float,
    reference: Path,
    kinds: tuple[str, ...],
    detectors_of: Path | None,
    past_s: float | None,
    skip_exposures: int | None,
    warm_up_exposures: int | None,
    out: Path,
    model: Path | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    background: "tuple[str, Contrast] | None",
    allow_interval_mismatch: bool,
) -> None:
    """Evaluate anomaly detectors on VIDEOs with known events, or on the synthetic arena, which knows its own.

    Prints and plots ROC, events found, detection delay and false alarms per hour, and how far Selfee's live score
    departs from the paper's offline one.
    """
    from selfee_rt.workbench.anomaly_report import TABLE, table_rows
    from selfee_rt.workbench.anomaly_study import AnomalyStudy, study

    settings = AnomalyStudy(
        videos=videos,
        events=events,
        seeds=seeds,
        seconds=seconds,
        fps=fps,
        reference=reference,
        detectors=chosen_detectors(
            kinds,
            detectors_of,
            past_s=past_s,
            skip_exposures=skip_exposures,
            warm_up_exposures=warm_up_exposures,
        ),
        out=out,
        model=model_of(model, allow_interval_mismatch),
        arena=arena_of(region, invert, background),
    )
    with bars() as progress:
        results, written = study(settings, progress=progress)
    for row in table_rows(results):
        click.echo("; ".join(f"{name}: {cell}" for name, cell in zip(TABLE, row, strict=True)))
    click.echo(f"written: {', '.join(str(path) for path in written)}")
