"""Commands about this machine: cameras, doctor."""

import shutil
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click

from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.embed.cuda import this_gpu
from selfee_rt.embed.model import read_card, shipped_model
from selfee_rt.embed.runtimes import conflicting_onnxruntime, list_gpus, list_runtimes
from selfee_rt.embed.tensorrt_library import broken_libraries, installed_libraries
from selfee_rt.errors import MissingExtra, ModelError
from selfee_rt.folder import installed_versions

READINGS = 100_000
SLEEPS = 20


@click.command()
def cameras() -> None:
    """List what can be opened, with the lines to write into a configuration."""
    from selfee_rt.acquire.cameras import list_cameras

    for listing in list_cameras():
        click.echo(f"{listing}\n")


@click.command()
def doctor() -> None:
    """List runtimes, GPUs, cameras, disk and clock; exit with status 1 if something is wrong."""
    for name, value in _findings():
        click.echo(f"{name:<24} {value}")
    problems = list(_problems())
    for problem in problems:
        click.echo(f"PROBLEM: {problem}", err=True)
    if problems:
        sys.exit(1)
    click.echo("No problem found.")


def _findings() -> Iterator[tuple[str, str]]:
    from selfee_rt.acquire.cameras import list_cameras

    yield from installed_versions().items()
    for runtime in list_runtimes():
        yield "runs models with", f"{runtime.name} {runtime.version}: {', '.join(runtime.providers)}"
    yield from _engines()
    gpus = list_gpus()
    for gpu in gpus:
        yield "GPU", f"{gpu.name}, {gpu.memory_mib} MiB, driver {gpu.driver}"
    if not gpus:
        yield "GPU", "none that an NVIDIA driver reports"
    for listing in list_cameras():
        yield "camera", listing.name if listing.problem is None else f"{listing.name}: {listing.problem}"
    yield "disk", f"{shutil.disk_usage(Path.cwd()).free / 1e9:.1f} GB free in {Path.cwd()}"
    yield "clock", f"{clock_resolution_ns()} ns between readings; a sleep of 1 ms takes {sleep_ms():.2f} ms"


def _engines() -> Iterator[tuple[str, str]]:
    """What builds engines, and whether a GPU runs them; nothing where neither is installed."""
    libraries = installed_libraries()
    for library in libraries:
        yield "builds engines with", f"{library.title}, for {', '.join(library.capabilities) or 'the GPU that is here'}"
    if libraries:
        try:
            gpu = this_gpu()
            yield "runs engines on", f"{gpu.name} ({gpu.capability})"
        except (MissingExtra, ModelError) as error:
            yield "runs engines on", f"nothing: {error}"


def _problems() -> Iterator[str]:
    conflict = conflicting_onnxruntime()
    if conflict is not None:
        yield conflict
    yield from broken_libraries()
    try:
        read_card(shipped_model())
    except ModelError as error:
        yield str(error)


def clock_resolution_ns() -> int:
    """Smallest step that the host clock was seen to take, in nanoseconds."""
    readings = [now_ns() for _ in range(READINGS)]
    return min(later - earlier for earlier, later in pairwise(readings) if later > earlier)


def sleep_ms() -> float:
    """Median length of a sleep of 1 ms, in milliseconds; about 15 where the system's timer is coarse."""
    lengths = []
    for _ in range(SLEEPS):
        start = now_ns()
        time.sleep(0.001)
        lengths.append(now_ns() - start)
    return sorted(lengths)[SLEEPS // 2] / NS_PER_MS
