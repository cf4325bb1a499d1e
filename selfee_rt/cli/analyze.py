"""`selfee-rt analyze`: time-series analyses of embeddings, with figures."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from selfee_rt.cli.recordings import ANY_INTERVAL, BACKGROUND, FILE, INVERT, MODEL, REGION, arena_of, bars, model_of

if TYPE_CHECKING:
    from selfee_rt.config import Contrast
    from selfee_rt.workbench.analyses.inputs import HowToEmbed, Inputs
    from selfee_rt.workbench.figures import FigureKind

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

Group = tuple[str, tuple[str, ...]]


def _groups(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Group, ...]:
    """Parse every `NAME=INPUT,INPUT`; the same NAME again adds to its group; anything else is a usage error."""
    groups: dict[str, tuple[str, ...]] = {}
    for value in values:
        name, equals, members = value.partition("=")
        inputs = tuple(member for member in members.split(",") if member)
        if not (name and equals and inputs):
            raise click.BadParameter(f"got {value!r}, expected NAME=INPUT,INPUT such as wt=a.h5,b.h5", ctx, param)
        groups[name] = groups.get(name, ()) + inputs
    return tuple(groups.items())


INPUTS = click.argument("inputs", metavar="INPUT...", nargs=-1)
GROUPS = click.option(
    "--group", "groups", metavar="NAME=INPUT,...", multiple=True, callback=_groups, help="Name a group to compare."
)
LABELS = click.option(
    "--labels", multiple=True, type=FILE, help="CSV (frame,label), once per recording in order; '-': none."
)
OUT = click.option("--out", required=True, type=FILE, help="The folder to make.")
KIND = click.option("--figures", "kind", type=click.Choice(["png", "svg"]), default="png", show_default=True)
SEED = click.option("--seed", type=click.IntRange(0), default=0, show_default=True)


def _project(default: int) -> Callable[[CommandT], CommandT]:
    return click.option(
        "--project", type=click.IntRange(min=1), default=default, show_default=True, help="Principal axes to keep."
    )


def _embedding(command: CommandT) -> CommandT:
    """Options for inputs that are videos."""
    for option in (ANY_INTERVAL, BACKGROUND, INVERT, REGION, MODEL):
        command = option(command)
    return command


@click.group()
def analyze() -> None:
    """Analyse embeddings over time: syllables, progress along a reference, a map.

    INPUT is a session folder, a file that `selfee-rt embed` made, or a video (embedded first). INPUT::NAME is one
    arena of a session, or one recording of a file. Every command makes a folder with figures, tables (CSV) and a
    summary (JSON).
    """


@analyze.command()
@INPUTS
@GROUPS
@LABELS
@OUT
@click.option("--states", type=click.IntRange(1, 100), default=5, show_default=True, help="Most syllables.")
@click.option("--lags", type=click.IntRange(1, 20), default=3, show_default=True, help="Exposures that motion is of.")
@click.option(
    "--stickiness",
    type=click.FloatRange(0),
    help="Pseudo-count of staying in a syllable: more is longer bouts; as many as there are exposures if not given.",
)
@_project(10)
@SEED
@KIND
@_embedding
def syllables(
    inputs: tuple[str, ...],
    groups: tuple[Group, ...],
    labels: tuple[Path, ...],
    out: Path,
    states: int,
    lags: int,
    stickiness: float | None,
    project: int,
    seed: int,
    kind: "FigureKind",
    **embedding: Any,
) -> None:
    """Cut behaviour into syllables (AR-HMM), and compare how much groups use each.

    One model is fitted to all recordings. Usage is compared by Mann-Whitney's U, an animal being one observation,
    with Benjamini and Hochberg's correction over all syllables and pairs of groups. With --labels, also which syllables
    make up each label.
    """
    from selfee_rt.workbench.analyses.arhmm import ArhmmSettings
    from selfee_rt.workbench.analyses.compare import check_groups
    from selfee_rt.workbench.analyses.described import warnings
    from selfee_rt.workbench.analyses.labelled import check_labels, labels_of
    from selfee_rt.workbench.analyses.output import new_folder
    from selfee_rt.workbench.analyses.report_syllables import write_syllables
    from selfee_rt.workbench.analyses.syllables import SyllableSettings, compare_usage, find_syllables

    check_labels(labels)
    read = _read(inputs, groups, out, embedding)
    check_groups(read.groups)
    known = labels_of(read, labels)
    _say_labels(read, labels)
    settings = SyllableSettings(project, stickiness, ArhmmSettings(states=states, lags=lags, seed=seed))
    exposures = sum(len(each.frame_index) for each in read.recordings)
    click.echo(f"fitting the model to {exposures} exposures; this takes seconds per thousand", err=True)
    found = find_syllables(read.recordings, settings)
    compared = compare_usage(found, read)
    with new_folder(out) as folder:
        write_syllables(folder, found, read, compared, known, kind)
    for syllable, share in enumerate(found.usage.mean(axis=0)):
        click.echo(f"syllable {syllable}: {share:.1%} of the time")
    if found.count < states:
        click.echo(f"{found.count} of {states} syllables are enough; the others are never used")
    if not found.model.converged:
        click.echo("warning: the model had not settled after its last step; see objective_nats in summary.json")
    _conclude(out, warnings(read))


@analyze.command()
@click.argument("reference")
@INPUTS
@GROUPS
@OUT
@click.option(
    "--step-s", type=click.FloatRange(0, min_open=True), default=0.2, show_default=True, help="Averaged over, seconds."
)
@click.option("--open-end", is_flag=True, help="Recordings may end anywhere in the reference.")
@_project(50)
@KIND
@_embedding
def align(
    reference: str,
    inputs: tuple[str, ...],
    groups: tuple[Group, ...],
    out: Path,
    step_s: float,
    open_end: bool,
    project: int,
    kind: "FigureKind",
    **embedding: Any,
) -> None:
    """Align each INPUT to the recording REFERENCE (DTW): how far along it each animal is, over time.

    Groups are compared at every step by Mann-Whitney's U, with Benjamini and Hochberg's correction.
    """
    from selfee_rt.workbench.analyses.compare import check_groups
    from selfee_rt.workbench.analyses.described import warnings
    from selfee_rt.workbench.analyses.output import new_folder
    from selfee_rt.workbench.analyses.progress import ProgressSettings, compare_progress, find_progress
    from selfee_rt.workbench.analyses.report_progress import write_progress

    read = _read(inputs, groups, out, embedding)
    check_groups(read.groups)
    settings = ProgressSettings(project, step_s, open_end)
    progress = find_progress(_one(reference, embedding), read.recordings, settings)
    compared = compare_progress(progress, read)
    with new_folder(out) as folder:
        write_progress(folder, progress, read, compared, settings, kind)
    for recording, alignment in zip(read.recordings, progress.alignments, strict=True):
        click.echo(f"{recording.name}: mean cosine distance {alignment.distance:.3f}")
    _conclude(out, warnings(read))


@analyze.command("map")
@INPUTS
@GROUPS
@LABELS
@OUT
@click.option("--perplexity", type=click.FloatRange(1), default=30.0, show_default=True)
@click.option("--most", type=click.IntRange(10), default=3000, show_default=True, help="Exposures on the map.")
@_project(50)
@SEED
@KIND
@_embedding
def embedding_map(
    inputs: tuple[str, ...],
    groups: tuple[Group, ...],
    labels: tuple[Path, ...],
    out: Path,
    perplexity: float,
    most: int,
    project: int,
    seed: int,
    kind: "FigureKind",
    **embedding: Any,
) -> None:
    """Draw a map of embeddings (t-SNE), coloured by recording, by group, and by label where there are --labels."""
    from selfee_rt.workbench.analyses.embedding_map import MapSettings, make_map, need_sklearn
    from selfee_rt.workbench.analyses.labelled import check_labels, labels_of
    from selfee_rt.workbench.analyses.output import new_folder
    from selfee_rt.workbench.analyses.report_map import write_map

    need_sklearn()
    check_labels(labels)
    read = _read(inputs, groups, out, embedding)
    known = labels_of(read, labels)
    _say_labels(read, labels)
    settings = MapSettings(project, perplexity, most, seed)
    made = make_map(read.recordings, settings)
    with new_folder(out) as folder:
        write_map(folder, made, read, known, settings, kind)
    _conclude(out, [])


def _read(inputs: tuple[str, ...], groups: tuple[Group, ...], out: Path, embedding: dict[str, Any]) -> "Inputs":
    """Read all inputs, after what can be refused at once."""
    from selfee_rt.workbench.analyses.inputs import read_inputs
    from selfee_rt.workbench.analyses.output import check_new
    from selfee_rt.workbench.figures import need_matplotlib

    check_new(out)
    need_matplotlib()
    with bars() as progress:
        return read_inputs(inputs, groups, _how(**embedding), progress=progress)


def _one(spec: str, embedding: dict[str, Any]) -> Any:
    """Read an input that must be one recording."""
    from selfee_rt.errors import ConfigError
    from selfee_rt.workbench.analyses.inputs import PART, read_inputs

    with bars() as progress:
        found = read_inputs([spec], [], _how(**embedding), progress=progress).recordings
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise ConfigError([f"{spec} holds {len(found)} recordings: {names}; name the reference: {spec}{PART}NAME"])
    return found[0]


def _how(
    model: Path | None,
    region: tuple[int, int, int, int] | None,
    invert: bool,
    background: "tuple[str, Contrast] | None",
    allow_interval_mismatch: bool,
) -> "HowToEmbed":
    from selfee_rt.workbench.analyses.inputs import HowToEmbed

    return HowToEmbed(model_of(model, allow_interval_mismatch), arena_of(region, invert, background))


def _say_labels(read: "Inputs", labels: tuple[Path, ...]) -> None:
    """Say which labels belong to which recording: two of one length could be exchanged unnoticed."""
    for recording, path in zip(read.recordings, labels, strict=False):
        click.echo(f"labels of {recording.name}: {path}")


def _conclude(out: Path, warnings: list[str]) -> None:
    for sentence in warnings:
        click.echo(f"warning: {sentence}")
    click.echo(f"written: {out}")
