"""The commands `template` and `find`: one example of a behaviour in, its likes out."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfee_rt.cli.recordings import ANY_INTERVAL, BACKGROUND, INVERT, MODEL, REGION, arena_of, bars, model_of

if TYPE_CHECKING:
    from selfee_rt.config import Contrast
    from selfee_rt.observe.template import Template
    from selfee_rt.workbench.find import Found

FILE = click.Path(path_type=Path)
COLUMNS = ("template", "recording", "arena", "first", "last", "start_s", "stop_s", "cost")


def _span(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:
    """Parse `A:B`; anything else is a usage error."""
    first, colon, last = value.partition(":")
    if not (colon and first.isdecimal() and last.isdecimal()):
        raise click.BadParameter(
            f"got {value!r}, expected A:B with the first and last exposure of the example, such as 820:869", ctx, param
        )
    return int(first), int(last)


def _name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from selfee_rt.config import Name

    try:
        return TypeAdapter(Name).validate_python(value)
    except ValidationError as error:
        raise click.BadParameter(
            f"got {value!r}, expected up to 63 of a-z, 0-9, _ and -, such as wing_flick", ctx, param
        ) from error


@click.command("template")
@click.argument("recording", type=FILE)
@click.option("--span", required=True, metavar="A:B", callback=_span, help="First and last exposure of the example.")
@click.option("--name", required=True, callback=_name, help="Its matches are bouts with the label template:NAME.")
@click.option("--out", required=True, type=FILE, help="The template file to make (.npz).")
@click.option("--control", "controls", multiple=True, type=FILE, help="Recording without the behaviour.")
@click.option(
    "--threshold",
    type=click.FloatRange(min=0, min_open=True),
    help="Cost below which a stretch matches, if no control.",
)
@click.option("--reference", type=FILE, help="Reference of the sessions in which it will be searched live.")
@click.option("--arena", "in_arena", help="Arena of a session folder that has several.")
@MODEL
@REGION
@INVERT
@BACKGROUND
@ANY_INTERVAL
def template_command(
    recording: Path,
    span: tuple[int, int],
    name: str,
    out: Path,
    controls: tuple[Path, ...],
    threshold: float | None,
    reference: Path | None,
    in_arena: str | None,
    model: Path | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    background: "tuple[str, Contrast] | None",
    allow_interval_mismatch: bool,
) -> None:
    """Cut an example out of RECORDING, a video or a session folder, whose likes can then be searched for.

    With --control the threshold is the lowest cost anywhere in those recordings, in which the behaviour must not
    occur. A session folder is used through its stored embeddings, and --model, --region, --invert and --background are
    for videos.
    """
    from selfee_rt.workbench.find import TemplateSettings, cut_template

    settings = TemplateSettings(
        recording=recording,
        span=span,
        name=name,
        out=out,
        controls=controls,
        threshold=threshold,
        reference=reference,
        in_arena=in_arena,
        model=model_of(model, allow_interval_mismatch),
        arena=arena_of(region, invert, background),
    )
    with bars() as progress:
        template = cut_template(settings, progress=progress)
    _summarise(template, out)


@click.command("find")
@click.argument("template", type=FILE)
@click.argument("recordings", metavar="RECORDING...", nargs=-1, required=True, type=FILE)
@click.option(
    "--threshold",
    type=click.FloatRange(min=0, min_open=True),
    help="Cost below which a stretch matches; the file's own.",
)
@click.option("--csv", "csv_out", type=FILE, help="Write the matches to this new CSV file too.")
@MODEL
@REGION
@INVERT
@BACKGROUND
@ANY_INTERVAL
def find_command(
    template: Path,
    recordings: tuple[Path, ...],
    threshold: float | None,
    csv_out: Path | None,
    model: Path | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    background: "tuple[str, Contrast] | None",
    allow_interval_mismatch: bool,
) -> None:
    """Find the likes of TEMPLATE in RECORDINGs, videos or session folders, exactly as a live session would.

    A match lasts from half to twice as long as the example; its cost is the sum of the cosine distances along it per
    exposure of the example, and 0 is the example itself.
    """
    from selfee_rt.errors import ConfigError
    from selfee_rt.observe.template import Template
    from selfee_rt.workbench.find import find

    if csv_out is not None and csv_out.exists():
        raise ConfigError([f"--csv {csv_out} exists; nothing is ever overwritten, choose another file"])
    example = Template.load(template)
    with bars() as progress:
        found = list(
            find(
                example,
                recordings,
                threshold,
                model=model_of(model, allow_interval_mismatch),
                arena=arena_of(region, invert, background),
                progress=progress,
            )
        )
    _print_table(found)
    if csv_out is not None:
        _write_csv(example.name, found, csv_out)
        click.echo(f"written: {csv_out}")


def _summarise(template: "Template", out: Path) -> None:
    """Print what a new template holds."""
    origin, (dim, points_dim) = template.origin, template.projection.shape
    count = len(template.points)
    click.echo(f"template:{template.name}: {count} exposures ({count / origin.fps:.2f} s) of {origin.recording}")
    click.echo(f"embedding: {dim} dimensions, projected to {points_dim}, model {template.model_id[:12]}")
    if template.threshold is None:
        click.echo("threshold: none; give --control recordings or --threshold here, or a threshold when searching")
    else:
        click.echo(f"threshold: {template.threshold:.4f} ({template.how})")
    click.echo(f"written: {out}")


def _print_table(found: Sequence["Found"]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table("recording", "arena", box=SIMPLE_HEAD)
    for column in ("first", "last", "start s", "stop s", "cost"):
        table.add_column(column, justify="right")
    for each in found:
        match = each.match
        numbers = (f"{match.start_index}", f"{match.stop_index}", f"{each.start_s:.2f}", f"{each.stop_s:.2f}")
        table.add_row(each.recording.name, each.arena, *numbers, f"{match.cost:.4f}")
    if found:
        Console().print(table)
    click.echo(f"{len(found)} {'match' if len(found) == 1 else 'matches'}")


def _write_csv(name: str, found: Sequence["Found"], out: Path) -> None:
    from selfee_rt.errors import FolderError
    from selfee_rt.observe.archive import write_whole

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in found:
        match = each.match
        ends = (match.start_index, match.stop_index, f"{each.start_s:.6f}", f"{each.stop_s:.6f}")
        writer.writerow((name, each.recording, each.arena, *ends, repr(match.cost)))
    try:
        write_whole(out, text.getvalue().encode())
    except OSError as error:
        raise FolderError(f"cannot write {out}: {error.strerror}; choose a writable folder with space") from error
