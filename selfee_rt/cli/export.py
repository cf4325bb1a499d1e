"""`selfee-rt export`: from a checkpoint to a model file."""

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
from click.core import ParameterSource

from selfee_rt.cli.export_small import AskedSmall, card_of_model_file, export_small
from selfee_rt.cli.recordings import BACKGROUND, arena_of
from selfee_rt.cli.size import Size
from selfee_rt.cli.training import need_torch
from selfee_rt.errors import ConfigError
from selfee_rt.types import Preprocessing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from selfee_rt.config import ArenaConfig, Contrast
    from selfee_rt.embed.model import EmbeddingLayer, ModelCard
    from selfee_rt.workbench.comparison import Agreement


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The ONNX file to write.")
@click.option("--size", "size_px", type=Size(), help="Of the live frames it was trained on, where it does not say.")
@click.option("--frame-interval", type=click.IntRange(1), help="Exposures from past to current, at --fps; likewise.")
@click.option("--fps", type=click.FloatRange(0, min_open=True), help="Frame rate that --frame-interval is counted at.")
@click.option(
    "--preprocessing",
    type=click.Choice(get_args(Preprocessing)),
    help="How a session has to prepare pictures for it, where it does not say; default: grey_resize.",
)
@click.option(
    "--embedding",
    type=click.Choice(["projector", "backbone"]),
    default="projector",
    show_default=True,
    help="The projector's output, as in Selfee, or what the projector takes.",
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "fp16", "int8"]),
    help="fp32, fp16: of the stored weights, computed in float32; the default is fp16, for official ones fp32. "
    "int8: convolutions are computed in 8 bits.",
)
@click.option("--verify", type=click.Path(path_type=Path), help="Video to compare on; default: the synthetic arena.")
@click.option(
    "--calibrate", multiple=True, type=click.Path(path_type=Path), help="For int8: video of what it will see; repeat."
)
@click.option("--labelled", type=click.Path(path_type=Path), help="For int8: video to compare k-NN F1 on.")
@click.option("--labels", type=click.Path(path_type=Path), help="Label file of --labelled, of any format.")
@BACKGROUND
@click.option("--name", help="Name of the model; default: the file's.")
@click.option("--version", help="Of the model; default: 1, or that of the model file.")
@click.option("--licence", help="Licence of the weights, for the card; default: that of the model file.")
@click.pass_context
def export(
    ctx: click.Context,
    checkpoint: Path,
    out: Path,
    size_px: tuple[int, int] | None,
    frame_interval: int | None,
    fps: float | None,
    preprocessing: Preprocessing | None,
    embedding: "EmbeddingLayer",
    precision: str | None,
    verify: Path | None,
    calibrate: tuple[Path, ...],
    labelled: Path | None,
    labels: Path | None,
    background: "tuple[str, Contrast] | None",
    name: str | None,
    version: str | None,
    licence: str | None,
) -> None:
    """Export the network of CHECKPOINT to one ONNX file that carries its own card.

    CHECKPOINT is one of `selfee-rt train`, or of Selfee's authors (a state dict, .pkl), which does not say what its
    live frames were like: --size, --frame-interval and --fps do. The file is compared with its source on live frames
    first; nothing is written where they disagree.

    With --precision int8 CHECKPOINT may be a model file (.onnx) too. The smaller file is calibrated on live frames of
    --calibrate, and written only if it stays like its source on others.
    """
    _check_place(checkpoint, out)
    asked = AskedSmall(calibrate, verify, labelled, labels, arena_of(None, False, background))
    problems = asked.problems(precision)
    if checkpoint.suffix.lower() == ".onnx":
        problems += _problems_of_model_file(ctx, checkpoint, precision)
    if problems:
        raise ConfigError(problems)
    if checkpoint.suffix.lower() == ".onnx":
        export_small(checkpoint, card_of_model_file(checkpoint, name or out.stem, version, licence), out, asked)
        return
    need_torch()
    from selfee_rt.workbench.drafted_card import AskedInput, Names, drafted_card
    from selfee_rt.workbench.export import export_model
    from selfee_rt.workbench.imported import import_checkpoint
    from selfee_rt.workbench.storage import FULL, HALF

    imported = import_checkpoint(checkpoint)
    click.echo(f"{checkpoint}: {imported.form}")
    given = AskedInput(size_px, frame_interval, fps, preprocessing)
    card = drafted_card(checkpoint, imported, given, Names(name or out.stem, version or "1", licence), embedding)
    if precision == "int8":
        export_small(
            lambda path, seen, on: export_model(imported.network, card, path, seen, on, FULL), card, out, asked
        )
        return
    images, compared_on = _verification(verify, asked.arena, card)
    storage = {"fp32": FULL, "fp16": HALF, None: imported.storage}[precision]
    agreement = export_model(imported.network, card, out, images, compared_on, storage)
    _report(out, card, storage.name, agreement)


def _problems_of_model_file(ctx: click.Context, path: Path, precision: str | None) -> list[str]:
    """What cannot be asked of a model file, whose card says the rest."""
    found = []
    if precision != "int8":
        found.append(f"{path} is a model file already; all that is made from one is --precision int8")
    of_checkpoints = ("size_px", "frame_interval", "fps", "preprocessing", "embedding")
    said = [each for each in of_checkpoints if ctx.get_parameter_source(each) is ParameterSource.COMMANDLINE]
    if said:
        options = ", ".join(f"--{each.removesuffix('_px').replace('_', '-')}" for each in said)
        found.append(f"the card of {path} says {options}; leave that out")
    return found


def _check_place(checkpoint: Path, out: Path) -> None:
    """Refuse to write the model over what it is made from."""
    if out.resolve() == checkpoint.resolve():
        raise ConfigError([f"--out {out} is the checkpoint itself; choose another file"])


def _verification(video: Path | None, arena: "ArenaConfig", card: "ModelCard") -> "tuple[NDArray[np.uint8], str]":
    """Live frames to compare on, (N, 3, H, W), and what they are."""
    from selfee_rt.workbench.trial import trial
    from selfee_rt.workbench.verification import verification_frames

    on = trial(card, video, arena, synthetic_s=10.0)
    return verification_frames(on.source, card, on.arena), on.name


def _report(out: Path, card: "ModelCard", precision: str, agreement: "Agreement") -> None:
    """Say what was written and how it compares."""
    click.echo(
        f"{out}: {out.stat().st_size / 1e6:.1f} MB, {precision}; takes live frames of {card.height_px}x{card.width_px} "
        f"px (height x width), {card.interval_ms:.1f} ms apart, prepared by {card.preprocessing}; gives the "
        f"{card.embedding_layer}'s output, {card.embedding_dim} wide"
    )
    click.echo(
        f"on {agreement.live_frames} live frames of {agreement.on} the centred cosine with its source is at least "
        f"{agreement.centred_cosine_min:.5f} (median {agreement.centred_cosine_median:.5f}); components differ by "
        f"up to {agreement.max_difference:.2g}, the largest is {agreement.largest_component:.2g}"
    )
