"""`selfee-rt export`: from a checkpoint to a model file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.cli.training import need_torch

if TYPE_CHECKING:
    from selfee_rt.workbench.export import Layer
    from selfee_rt.workbench.train_settings import TrainSettings

VERIFIED_ON = 64
"""Live frames that an export is compared on."""


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The ONNX file to write.")
@click.option("--verify", type=click.Path(path_type=Path), help="Video to compare on; default: the synthetic arena.")
@click.option("--layer", type=click.Choice(["projector", "backbone"]), default="projector", show_default=True)
@click.option("--name", help="Name of the model; default: the file's.")
@click.option("--version", default="1", show_default=True)
@click.option("--licence", help="Licence of the weights, for the card.")
def export(
    checkpoint: Path,
    out: Path,
    verify: Path | None,
    layer: "Layer",
    name: str | None,
    version: str,
    licence: str | None,
) -> None:
    """Export the network of CHECKPOINT to one ONNX file that carries its own card.

    The file is compared with its source on live frames first; nothing is written where they disagree. The embedding is
    the projector's output, as in Selfee, or with --layer backbone what the projector takes.
    """
    need_torch()
    from selfee_rt.workbench.export import export_checkpoint
    from selfee_rt.workbench.stored_run import load_checkpoint, stored_settings

    settings = stored_settings(load_checkpoint(checkpoint))
    images, what = _verification(verify, settings)
    agreement = export_checkpoint(
        checkpoint, out, images, what, name=name or out.stem, version=version, licence=licence, layer=layer
    )
    click.echo(
        f"{out}: {out.stat().st_size / 1e6:.1f} MB; on {agreement.live_frames} live frames of {what} the centred "
        f"cosine with its source is at least {agreement.centred_cosine_min:.5f}"
    )


def _verification(video: Path | None, settings: "TrainSettings") -> tuple[Any, str]:
    """Read live frames to compare on, (N, 3, H, W) uint8, and say what they are."""
    from selfee_rt import build
    from selfee_rt.config import SyntheticConfig, VideoFileConfig
    from selfee_rt.workbench.dataset import live_frames, read_recording, spread

    config = SyntheticConfig(seconds=10.0, speed="max") if video is None else VideoFileConfig(path=video, speed="max")
    what = "the synthetic arena" if video is None else video.name
    recording = read_recording(build.source(config), what, max(settings.size_px), most=1000)
    return spread([live_frames(recording, settings.interval_ms)], settings.size_px[0], VERIFIED_ON), what
