"""`selfee-rt labels`: label files and the labels of sessions, from one format to another."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from selfee_rt.config import LabelsConfig, LabelsFormat
    from selfee_rt.workbench.labels import Scored
    from selfee_rt.workbench.labels.session import What

FILE = click.Path(path_type=Path)
FORMATS = ("csv", "fly", "mouse", "boris-aggregated", "boris-tabular", "deepethogram", "simba")


@click.command("labels")
@click.argument("source", metavar="IN", type=FILE)
@click.option("--out", type=FILE, help="The file to make; without it, IN is only read and summarised.")
@click.option(
    "--to", "to", type=click.Choice(FORMATS), default="csv", show_default=True, help="Format of the file to make."
)
@click.option("--exposures", type=click.IntRange(min=1), help="Length of the recording.")
@click.option("--video", type=FILE, help="The recording; its length and frame rate are measured.")
@click.option("--fps", type=click.FloatRange(min=0, min_open=True), help="Frame rate of the recording.")
@click.option("--config", "config_file", type=FILE, help="TOML file with the table [labels], for files with choices.")
@click.option("--features", type=FILE, help="SimBA: CSV with the features that the targets are appended to.")
@click.option("--arena", help="Of a session: whose labels.")
@click.option(
    "--take",
    type=click.Choice(("observations", "bouts")),
    default="observations",
    show_default=True,
    help="Of a session: what was said of each exposure, or the bouts it reported.",
)
def labels_command(
    source: Path,
    out: Path | None,
    to: "LabelsFormat",
    exposures: int | None,
    video: Path | None,
    fps: float | None,
    config_file: Path | None,
    features: Path | None,
    arena: str | None,
    take: "What",
) -> None:
    """Read the labels IN, a label file or a session folder, say what they hold, and write them in another format.

    The format of IN is recognised from its content. Where a file leaves a choice (overlaps, several subjects, events
    without a duration), it is refused with the table that makes the choice.
    """
    from selfee_rt.config import LabelsConfig, load_labels
    from selfee_rt.workbench.labels import Writable, labels_of, write_labels
    from selfee_rt.workbench.labels.summary import summary

    config = LabelsConfig() if config_file is None else load_labels(config_file)
    scored = _scored(source, config, arena, take)
    exposures, fps = _recording(video, exposures, fps)
    labels = labels_of(scored, config, exposures=exposures, fps=fps)
    click.echo(f"{source}: {scored.kind}")
    for line in summary(labels):
        click.echo(line)
    if out is not None:
        rate = config.fps or fps or scored.fps
        write_labels(out, to, Writable(labels, config, rate, name=source.stem, features=features))
        click.echo(f"written: {out} ({to})")


def _scored(source: Path, config: "LabelsConfig", arena: str | None, take: "What") -> "Scored":
    from selfee_rt.workbench.labels import read_scored, scored_by_session

    if source.is_dir():
        return scored_by_session(source, arena, take)
    if arena is not None:
        raise click.UsageError("--arena is for a session folder; choose whom to read from a file with labels.subject")
    return read_scored(source, config)


def _recording(video: Path | None, exposures: int | None, fps: float | None) -> tuple[int | None, float | None]:
    """Length and frame rate, as given or measured."""
    if video is None:
        return exposures, fps
    if exposures is not None:
        raise click.UsageError("give --exposures or --video, not both")
    from selfee_rt.workbench.labels.measure import measured

    count, rate = measured(video)
    return count, fps or rate
