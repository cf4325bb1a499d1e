"""`selfee-rt background`: the empty arena from a video."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfee_rt.cli.recordings import FILE, bars

if TYPE_CHECKING:
    from selfee_rt.config import Contrast


@click.command("background")
@click.argument("video", type=FILE)
@click.option("--out", required=True, type=FILE, help="The PNG file to make.")
@click.option(
    "--contrast",
    required=True,
    type=click.Choice(["dark", "bright"]),
    help="Of the animal to its ground: it decides rounding.",
)
@click.option(
    "--start-s", type=click.FloatRange(min=0), default=0.0, show_default=True, help="Leave out what is before."
)
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), help="Use so much of it; to the end if not given."
)
def background_command(video: Path, out: Path, contrast: "Contrast", start_s: float, seconds: float | None) -> None:
    """Make the picture of the empty arena that models of the preparation selfee_mouse subtract, from VIDEO.

    The video is cut into ten windows, each is averaged, and each pixel is the median of the ten. Look at the picture:
    an animal that rests in one place for half of the video stays in it.
    """
    from selfee_rt.config import VideoFileConfig
    from selfee_rt.workbench.background import make_background

    source = VideoFileConfig(path=video, speed="max")
    with bars() as progress:
        count = make_background(source, contrast, out, start_s=start_s, seconds=seconds, progress=progress(video.name))
    click.echo(f"written: {out}, from {count} exposures; look at it before you use it")
