"""The command line: `selfee-rt`."""

import click


@click.group()
def main() -> None:
    """Watch animals through a camera: what they do and how strange it is, frame by frame, without keypoints."""
