"""The command `evaluate`: how well the live line would label recordings that it was not taught on."""

import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.cli.recordings import ANY_INTERVAL, BACKGROUND, FILE, INVERT, MODEL, REGION, arena_of, bars, model_of

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from selfee_rt.workbench.evaluate.results import Evaluation
    from selfee_rt.workbench.evaluate.settings import Settings
    from selfee_rt.workbench.evaluate.tables import Table

CLASSIFIERS = click.option(
    "--classifier", "classifiers", multiple=True, metavar="NAME", help="knn[:K], probe, lightgbm, river:NAME; repeat."
)
SMOOTHINGS = click.option(
    "--smoothing", "smoothings", multiple=True, metavar="NAME", help="none, mode:N, mean:N, hmm[:LAG]; repeat."
)

DEFAULT_GAP = 25

NAMES = 2
"""Columns of a table that hold names, which are never broken."""


@click.command("evaluate")
@click.argument("paths", metavar="RECORDING...", nargs=-1, required=True, type=FILE)
@click.option(
    "--labels", multiple=True, required=True, type=FILE, help="Label file of any format, once per recording, in order."
)
@click.option("--labels-config", type=FILE, help="TOML file with the table [labels], for files with choices.")
@MODEL
@CLASSIFIERS
@SMOOTHINGS
@click.option("--paper", is_flag=True, help="The paper's: k-NN of 200, mode 21, padded edges, nothing centred.")
@click.option(
    "--calibrate",
    type=click.Choice(["none", "temperature", "isotonic", "auto"]),
    default="none",
    show_default=True,
    help="Correct probabilities by nested folds of the training part.",
)
@click.option("--blocks", type=int, default=6, show_default=True, help="Blocks that a single recording is held out in.")
@click.option(
    "--gap", type=int, help="Exposures left out on both sides of a block; 25, or LightGBM's window, if not given."
)
@click.option("--leave-out", multiple=True, metavar="LABEL", help="Treat this label as not scored; repeat.")
@click.option("--project", type=click.IntRange(min=1), help="Dimensions to project to; 64 if not given.")
@click.option(
    "--window-exposures", type=click.IntRange(min=4), default=30, show_default=True, help="LightGBM's causal window."
)
@click.option("--bout-overlap", type=float, default=0.5, show_default=True, help="Overlap of a bout that is found.")
@click.option("--bootstrap-block", type=click.IntRange(min=1), default=250, show_default=True, metavar="EXPOSURES")
@click.option("--out", type=FILE, help="The report to write (.html).")
@click.option("--json", "with_json", is_flag=True, help="Write the numbers beside the report too (.json).")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the intervals and of the map.")
@click.option("--arena", default="arena", show_default=True, help="Which arena of session folders.")
@REGION
@INVERT
@BACKGROUND
@ANY_INTERVAL
def evaluate_command(**given: Any) -> None:
    """Say how well RECORDINGs are labelled by what was taught on the others.

    A RECORDING is a video, an HDF5 file made by `selfee-rt embed`, or a session folder. Several are held out one after
    the other; a single one is held out in blocks. Classifiers and smoothings run as they would in a session.
    """
    from selfee_rt.workbench.evaluate.evaluation import evaluate
    from selfee_rt.workbench.evaluate.report import check_writable, json_path, write_report

    out, with_json = given["out"], given["with_json"]
    settings = _settings(given)
    check_writable(out, with_json=with_json)
    with bars() as progress:
        found = evaluate(settings, progress=progress)
    _print(found)
    if out is not None:
        write_report(found, out, shlex.join(("selfee-rt", *sys.argv[1:])), with_json=with_json)
        click.echo(f"written: {out}" + (f", {json_path(out)}" if with_json else ""))


def _settings(given: dict[str, Any]) -> "Settings":
    from selfee_rt.config import LabelsConfig, load_labels
    from selfee_rt.workbench.evaluate.reading import Inputs
    from selfee_rt.workbench.evaluate.settings import PAPER_CLASSIFIER, PAPER_SMOOTHING, Settings
    from selfee_rt.workbench.evaluate.training import Preparation

    paper = given["paper"]
    clashing = [name for name in ("classifiers", "smoothings", "project") if given[name]]
    if paper and clashing:
        options = ", ".join(f"--{name.removesuffix('s')}" for name in clashing)
        raise click.UsageError(f"--paper settles {options}; give one or the other")
    inputs = Inputs(
        paths=given["paths"],
        labels=given["labels"],
        model=model_of(given["model"], given["allow_interval_mismatch"]),
        arena=arena_of(given["region"], given["invert"], given["background"]).model_copy(
            update={"name": given["arena"]}
        ),
        leave_out=given["leave_out"],
        pad_edges=paper,
        labels_config=LabelsConfig() if given["labels_config"] is None else load_labels(given["labels_config"]),
    )
    return Settings(
        inputs=inputs,
        classifiers=(PAPER_CLASSIFIER,) if paper else given["classifiers"] or ("knn",),
        smoothings=(PAPER_SMOOTHING,) if paper else given["smoothings"] or ("none", "mode:21"),
        calibrate=given["calibrate"],
        blocks=given["blocks"],
        gap_exposures=_gap(given),
        preparation=Preparation(paper=paper, project=given["project"], window_exposures=given["window_exposures"]),
        bout_overlap=given["bout_overlap"],
        bootstrap_block_exposures=given["bootstrap_block"],
        seed=given["seed"],
    )


def _gap(given: dict[str, Any]) -> int:
    """As it was given; else long enough to fill a window before scoring begins."""
    if given["gap"] is not None:
        return int(given["gap"])
    return max(DEFAULT_GAP, given["window_exposures"] if "lightgbm" in given["classifiers"] else 0)


def _print(found: "Evaluation") -> None:
    """Tables on standard output, and what a reader must know."""
    from rich.console import Console

    from selfee_rt.workbench.evaluate import tables

    console = Console()
    for table in (tables.overview(found), tables.per_label(found), tables.stimulus(found), tables.probabilities(found)):
        console.print(_rich(table))
    for note in found.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def _rich(table: "Table") -> "RichTable":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as RichTable
    from rich.text import Text

    rich = RichTable(
        title=table.title,
        caption=Text(table.says),
        box=SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    rich.caption_justify = "left"
    for position, column in enumerate(table.columns):
        rich.add_column(column, overflow="fold", no_wrap=position < NAMES)
    for row in table.rows:
        rich.add_row(*(Text(_narrow(cell)) for cell in row))
    return rich


def _narrow(cell: str) -> str:
    """Put what is in brackets on a line of its own, in few characters."""
    value, bracket, detail = cell.partition(" (")
    return f"{value}\n{detail.removesuffix(')').replace(' to ', '..').replace('; ', chr(10))}" if bracket else cell
