"""One question in the terminal, asked until its answer can be used."""

import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import click

from selfee_rt.setup.draft import Draft


def heading(text: str) -> None:
    """What the next questions are about."""
    click.echo()
    click.secho(text, bold=True)


def refuse(problem: str) -> None:
    """Say why an answer cannot be used."""
    click.secho(click.wrap_text(problem, shutil.get_terminal_size().columns, "  ", "  "), fg="yellow")


def text(question: str, default: str = "") -> str:
    """What someone writes; "" where they only press Enter."""
    shown = bool(default)
    answer: str = click.prompt(f"  {question}", default=default, show_default=shown, prompt_suffix=": ")
    return answer.strip()


def choose(question: str, options: Sequence[str], default: int | None = 0) -> int:
    """Number options from 1, and return the place of the one that was chosen; `default` None: there is none."""
    for number, option in enumerate(options, 1):
        click.echo(f"  {number:>2}  {option}")
    shown = None if default is None else default + 1
    answer: int = click.prompt(f"  {question}", type=click.IntRange(1, len(options)), default=shown, prompt_suffix=": ")
    return answer - 1


def confirm(question: str, *, default: bool) -> bool:
    """Yes or no."""
    return click.confirm(f"  {question}", default=default)


def answer(draft: Draft, key: str, question: str, convert: Callable[[str], Any] = str) -> None:
    """Ask for one key of the draft; Enter leaves it as it is when nothing is said."""
    while True:
        said = text(question)
        try:
            draft.put(key, convert(said) if said else None)
        except ValueError:
            refuse(f"got {said!r}, expected {EXPECTED.get(convert, 'another answer')}")
            continue
        problems = about(draft, key)
        if not problems:
            return
        draft.put(key, None)
        for problem in problems:
            refuse(problem)


def about(draft: Draft, key: str) -> list[str]:
    """What is wrong with the answer for one key."""
    start = re.escape(key.replace(".", ": "))
    return [problem for problem in draft.problems() if re.match(rf"{start}\b", problem)]


EXPECTED: dict[Any, str] = {float: "a number", int: "a whole number"}
