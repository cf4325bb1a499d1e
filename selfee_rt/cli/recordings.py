"""What the commands about recordings have in common: options, and what becomes of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pydantic import ValidationError

    from selfee_rt.config import ArenaConfig, Contrast, ModelConfig
    from selfee_rt.workbench.embedding import Progress as Report

FILE = click.Path(path_type=Path)
FIRST = "first:"
"""Before a number of seconds, where a file could be."""

VIDEOS = click.argument("videos", metavar="VIDEO...", nargs=-1, required=True, type=FILE)
MODEL = click.option("--model", type=FILE, help="Model file; the shipped one if not given.")
REGION = click.option(
    "--region",
    type=int,
    nargs=4,
    metavar="X Y WIDTH HEIGHT",
    help="The arena's pixels; the whole picture if not given.",
)
INVERT = click.option("--invert", is_flag=True, help="Invert grey values, as in the session's arena.")
BACKGROUND = click.option(
    "--background",
    type=(str, click.Choice(["dark", "bright"])),
    metavar="FILE|first:SECONDS dark|bright",
    help="The empty arena, for models that subtract it (a picture, or made from the first seconds of each recording), "
    "and the animal's contrast to its ground.",
)
ANY_INTERVAL = click.option(
    "--allow-interval-mismatch", is_flag=True, help="Embed although the frame rate does not suit the model."
)


def model_of(path: Path | None, allow_interval_mismatch: bool) -> "ModelConfig":
    """The model to embed with."""
    from selfee_rt.config import ModelConfig

    return ModelConfig(file=path, allow_interval_mismatch=allow_interval_mismatch)


def arena_of(
    region: tuple[int, int, int, int] | None, invert: bool, background: "tuple[str, Contrast] | None" = None
) -> "ArenaConfig":
    """The arena to look at; a region or background that cannot be is a usage error."""
    from pydantic import ValidationError

    from selfee_rt.config import ArenaConfig

    where = None if region is None else dict(zip(("x", "y", "width", "height"), region, strict=True))
    empty = None if background is None else _background(*background)
    try:
        return ArenaConfig.model_validate({"name": "arena", "region": where, "invert": invert, "background": empty})
    except ValidationError as error:
        raise _usage_error(error) from error


def _background(where: str, contrast: "Contrast") -> dict[str, str]:
    """Settings of the background that the command line names."""
    if where.startswith(FIRST):
        return {"kind": "first_seconds", "seconds": where.removeprefix(FIRST), "contrast": contrast}
    return {"kind": "file", "file": where, "contrast": contrast}


def _usage_error(error: "ValidationError") -> click.UsageError:
    """What click says of settings that were given as options."""
    first = error.errors()[0]
    if not first["loc"]:
        return click.UsageError(first["msg"])
    option, *_, key = first["loc"] if len(first["loc"]) > 1 else (first["loc"][0],) * 2
    return click.BadParameter(f"{key}: {first['msg']}, got {first['input']}", param_hint=f"--{option}")


@contextmanager
def bars() -> Iterator[Callable[[str], "Report"]]:
    """One progress bar per recording, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def start(name: str) -> "Report":
            task = bars.add_task(name, total=None)
            return lambda done, promised: bars.update(task, completed=done, total=promised)

        yield start
