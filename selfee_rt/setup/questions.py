"""Setup without a window: questions in the terminal. Nothing is written before the last answer."""

from collections.abc import Callable
from pathlib import Path

import click

from selfee_rt.errors import ConfigError
from selfee_rt.setup.ask_devices import ask_devices
from selfee_rt.setup.ask_network import ask_network
from selfee_rt.setup.ask_source import ask_arenas, ask_source
from selfee_rt.setup.asking import answer, choose, confirm, heading, refuse, text
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.fields import EXPERIMENT, SUBJECT, VIDEO
from selfee_rt.setup.finding import Found, find
from selfee_rt.setup.sources import absolute
from selfee_rt.setup.writing import FILE, save, toml


def ask(out: Path | None, look_around: Callable[[Path], Found] = find) -> Path:
    """Ask everything, write the file and return where it is.

    Args:
        out: the file; None: it is asked for.
        look_around: finds what there is to choose from.
    """
    click.echo("Enter takes what is in [brackets], or leaves out what is asked. Ctrl-C ends this; nothing is written.")
    folder = Path.cwd() if out is None else out.absolute().parent
    draft, found = Draft(folder), look_around(folder)
    ask_source(draft, found.cameras)
    ask_arenas(draft)
    ask_network(draft, found)
    ask_about(draft)
    ask_devices(draft, found)
    return _write(draft, out)


def ask_about(draft: Draft) -> None:
    """Experiment, subject, and how long and on what it is recorded."""
    for title, section, fields in (
        ("The experiment", "experiment", EXPERIMENT),
        ("The animal", "subject", SUBJECT),
    ):
        heading(title)
        for field in fields:
            answer(draft, f"{section}.{field.key}", field.asks)
    heading("The recording")
    answer(draft, "seconds", "End by itself after so many seconds (Enter: run until stopped)", float)
    video = choose("Video", [f"{word}: {meaning}" for word, meaning in VIDEO.items()])
    draft.put("record.video", list(VIDEO)[video] if video else None)


def _write(draft: Draft, out: Path | None) -> Path:
    """Say what is still wrong, and write; asks for another name where there is such a file already."""
    heading("Write it")
    problems = draft.problems()
    for problem in problems:
        refuse(problem)
    if problems and not confirm("Write it nevertheless, to be corrected in an editor?", default=False):
        raise click.Abort
    config = draft.config()
    while True:
        path = absolute(text("File", FILE)) if out is None else out.absolute()
        try:
            save(path, toml(config, path.parent))
        except ConfigError as error:
            refuse(str(error))
            out = None
            continue
        return path
