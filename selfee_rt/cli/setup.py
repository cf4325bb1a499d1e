"""`selfee-rt setup`: from a camera and a few answers to a configuration."""

import sys
from pathlib import Path

import click

from selfee_rt.cli.check import meaning
from selfee_rt.cli.view import need_view
from selfee_rt.config import load
from selfee_rt.errors import ConfigError, MissingExtra, SelfeeRTError
from selfee_rt.setup.questions import ask
from selfee_rt.signals import has_display, on_stop_signal


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="The file to write (.toml); must not exist.")
@click.option("--no-window", is_flag=True, help="Ask in the terminal, even where there is a display.")
@click.option("--scale", type=click.FloatRange(0.5, 8), help="Size of everything; by default as fits the screen.")
def setup(out: Path | None, no_window: bool, scale: float | None) -> None:
    """Choose camera, arenas, model and what belongs to the record, and write a configuration that explains itself.

    Opens a window that shows the camera's picture; where there is no display, or with --no-window, it asks the same
    in the terminal.
    """
    if out is not None and out.exists():
        raise ConfigError([f"{out} exists and is not overwritten; choose another name for --out"])
    why = _why_no_window(no_window)
    if why is None:
        _in_window(out, scale)
        return
    click.echo(f"{why}, so the questions are asked here.")
    path = _shown(ask(out))
    click.echo(f"\nWritten: {path}")
    _say_next(path)
    if click.confirm("\nCheck it now? (opens the source, runs the model; records nothing)", default=True):
        _check(path)


def _why_no_window(unwanted: bool) -> str | None:
    """Why there is no window, in words; None where there can be one."""
    if unwanted:
        return "No window was asked for"
    try:
        need_view()
    except MissingExtra as error:
        return f"There is no window ({error})"
    return None if has_display() else "There is no display for a window"


def _in_window(out: Path | None, scale: float | None) -> None:
    """Show the window until it is closed, then say what comes next."""
    from selfee_rt.setup.window import open_window

    click.echo("A window has been opened; --no-window asks in the terminal instead.")
    app, window = open_window(out, scale, lambda path: meaning(load(path)))

    def close(_name: str) -> None:
        window.close()

    with on_stop_signal(close):
        app.exec()
    if window.saved is None:
        click.echo("Nothing was written.")
        sys.exit(1)
    path = _shown(window.saved)
    click.echo(f"Written: {path}")
    _say_next(path)


def _say_next(path: Path) -> None:
    click.echo(f"Next:    selfee-rt check {_quoted(path)}\n         selfee-rt run {_quoted(path)}")


def _check(path: Path) -> None:
    try:
        lines = meaning(load(path))
    except SelfeeRTError as error:
        click.echo(f"\n{error}\n\nThe file is written all the same; correct it and run `selfee-rt check` again.")
        sys.exit(1)
    click.echo()
    for line in lines:
        click.echo(line)


def _shown(path: Path) -> Path:
    """As short as it can be written here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text
