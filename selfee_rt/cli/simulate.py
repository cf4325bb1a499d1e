"""Command: the synthetic arena as a labelled recording, to try everything without a camera."""

from pathlib import Path

import click


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--labels", type=click.Path(path_type=Path), required=True, help="CSV of the true labels to write.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=120.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another pair of animals.")
@click.option("--fps", type=click.FloatRange(min=1, max=1000), default=30.0, show_default=True)
def simulate(video: Path, labels: Path, seconds: float, seed: int, fps: float) -> None:
    """Write a recording of the synthetic arena to VIDEO (.mkv), with its true labels."""
    from selfee_rt.config import SyntheticConfig
    from selfee_rt.workbench.synthetic_recording import write_recording

    write_recording(SyntheticConfig(seed=seed, fps=fps), video, labels, seconds)
    click.echo(f"written: {video}, {labels}")
