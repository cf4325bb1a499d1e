"""`selfee-rt engine`: from a model file to a TensorRT engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.cli.recordings import BACKGROUND, arena_of
from selfee_rt.types import EnginePrecision

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from selfee_rt.config import ArenaConfig, Contrast
    from selfee_rt.embed.engine_file import EngineHeader
    from selfee_rt.workbench.engine import EnginePlan, Progress

VERIFIED_ON = 64
"""Live frames that float16 is compared on."""
STRIDE = 8
"""Every so many live frames of the recording is one of them."""


@click.command()
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option("--precision", type=click.Choice(["fp16", "tf32", "fp32"]), default="fp16", show_default=True)
@click.option("--capability", metavar="SM", help="GPU to build for, as sm86; default: the one that is here.")
@click.option(
    "--arenas", type=click.IntRange(1, 64), default=1, show_default=True, help="Most live frames at once, from 1."
)
@click.option("--library", type=click.Choice(["tensorrt", "tensorrt_rtx"]), help="Where both are installed.")
@click.option("--verify", type=click.Path(path_type=Path), help="Video to compare fp16 on; default: synthetic arena.")
@BACKGROUND
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Default: this user's cache.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The engine file, instead of --folder.")
def engine(
    model: Path | None,
    precision: EnginePrecision,
    capability: str | None,
    arenas: int,
    library: str | None,
    verify: Path | None,
    background: "tuple[str, Contrast] | None",
    folder: Path | None,
    out: Path | None,
) -> None:
    """Build a TensorRT engine of MODEL (default: the shipped one), for sessions with `model.runtime = "tensorrt"`.

    An engine that is there and fits is left as it is; one of another model, library or GPU is built again. In float16
    the network is compared with the model on live frames first, and nothing is built where they disagree. TensorRT-RTX
    builds without a GPU for the capability that --capability names; the big TensorRT only for the GPU that is here.
    """
    from selfee_rt.embed.engine_cache import default_folder, engine_path, fresh_header
    from selfee_rt.embed.model import shipped_model
    from selfee_rt.embed.tensorrt_library import choose_library
    from selfee_rt.workbench.engine import plan_engine

    arena = arena_of(None, False, background)
    plan = plan_engine(model or shipped_model(), choose_library(library), precision, capability, arenas)
    path = engine_path(folder or default_folder(), plan.key) if out is None else out
    header = fresh_header(path, plan.key, plan.max_batch)
    if header is not None:
        click.echo(f"{path} is up to date: {_described(header)}")
        return
    if path.exists():
        click.echo(f"{path} is of something else or damaged, and is built again")
    _build(plan, path, verify, arena)


def _build(plan: "EnginePlan", path: Path, verify: Path | None, arena: "ArenaConfig") -> None:
    from selfee_rt.embed.engine_file import write_engine
    from selfee_rt.signals import on_stop_signal
    from selfee_rt.workbench.engine import build_engine

    network, agreement = _network(plan, verify, arena)
    stopped: list[str] = []
    with on_stop_signal(stopped.append), _progress(plan) as show:
        header, content = build_engine(plan, network, agreement, show, lambda: bool(stopped))
    write_engine(path, header, content)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB in {header.build_s:.1f} s; {_described(header)}")


def _network(plan: "EnginePlan", verify: Path | None, arena: "ArenaConfig") -> tuple[bytes, dict[str, Any]]:
    """The network to build, and how it agrees with the model where it is not the model's own."""
    from selfee_rt.embed.model import read_bytes
    from selfee_rt.workbench.engine_half import half_network

    if plan.key.precision != "fp16":
        return read_bytes(plan.model), {}
    images, what = _live_frames(plan.model, verify, arena)
    network, agreement = half_network(plan.model, images, what)
    click.echo(
        f"float16 on {agreement.live_frames} live frames of {what}: centred cosine with the model at least "
        f"{agreement.centred_cosine_min:.7f}; largest value {agreement.largest_value:.4g} of 65504"
    )
    return network, agreement.as_dict()


def _live_frames(model: Path, verify: Path | None, arena: "ArenaConfig") -> "tuple[NDArray[np.uint8], str]":
    """Live frames to compare on, (N, 3, H, W) uint8, and what they are."""
    import numpy as np

    from selfee_rt.config import ModelConfig
    from selfee_rt.embed.model import read_card
    from selfee_rt.errors import ModelError
    from selfee_rt.workbench.embedding import OpenRecording
    from selfee_rt.workbench.trial import trial

    on = trial(read_card(model), verify, arena, synthetic_s=60.0)
    config = ModelConfig(file=model, allow_interval_mismatch=True)
    with OpenRecording(on.source, config, on.arena) as recording:
        found = [live.image for live in islice(recording.live_frames(), 0, VERIFIED_ON * STRIDE, STRIDE)]
    if not found:
        raise ModelError(f"{on.name} is too short for a single live frame; name a longer video")
    return np.concatenate(found), on.name


@contextmanager
def _progress(plan: "EnginePlan") -> "Iterator[Progress]":
    """Show each phase of the build with its steps and the time; on a plain output, nothing moves."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn(f"building for {plan.key.target}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("", total=None)

        def show(phase: str, done: int, steps: int) -> None:
            progress.update(task, description=phase, completed=done, total=steps)

        yield show


def _described(header: "EngineHeader") -> str:
    key = header.key
    return (
        f"{header.card.name} {header.card.version} in {key.precision} for {key.target}, 1 to {header.max_batch} live "
        f"frames, {key.library} {key.library_version}"
    )
