"""How many exposures a second the synthetic arena makes on one core: the median of several runs.

    python tools/bench_synthetic.py --width 640 --height 480

CPU seconds are counted besides wall-clock seconds, since they do not depend on what else the machine is doing.
"""

import os
import statistics
import time

import click
from machine import machine

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.config import SyntheticConfig


def run(config: SyntheticConfig, frames: int) -> tuple[float, float]:
    """Exposures per wall-clock second and per CPU second, the chamber's rendering left out."""
    arena = SyntheticArena(config)
    arena.open()
    arena.read(0)
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for _ in range(frames):
        arena.read(0)
    return frames / (time.perf_counter() - wall_s), frames / (time.process_time() - cpu_s)


@click.command(help=__doc__)
@click.option("--width", default=640, show_default=True)
@click.option("--height", default=480, show_default=True)
@click.option("--fps", default=30.0, show_default=True, help="Of the simulated camera.")
@click.option("--frames", default=600, show_default=True)
@click.option("--runs", default=7, show_default=True)
def main(width: int, height: int, fps: float, frames: int, runs: int) -> None:
    """Print one line per run and the medians."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = []
    for seed in range(runs):
        config = SyntheticConfig(width_px=width, height_px=height, fps=fps, seed=seed, speed="max")
        found.append(run(config, frames))
        print(f"seed {seed}: {found[-1][0]:.0f} exposures/s, {found[-1][1]:.0f} per CPU second")
    wall, cpu = (statistics.median(column) for column in zip(*found, strict=True))
    print(f"{width}x{height}, one core: median {wall:.0f} exposures/s, {cpu:.0f} per CPU second ({machine()})")


if __name__ == "__main__":
    main()
