"""What pydantic finds wrong, in words for someone who has answered questions and seen no TOML."""

from collections.abc import Sequence
from typing import Any

from selfee_rt.setup.kinds import DEVICES, SOURCES

NAME_PATTERN = "^[a-z0-9]"
"""How the patterns of names begin; see `config.Name`."""

SAYINGS = {
    "missing": "is not given yet",
    "extra_forbidden": "is not a key of the configuration; remove it or correct its spelling",
    "string_too_short": "is empty",
}
"""For kinds of problems whose own message says less."""


KINDS = frozenset({*SOURCES, *DEVICES})


def in_words(problems: Sequence[Any]) -> list[str]:
    """At least one sentence for each of pydantic's problems."""
    return [line for problem in problems for line in _lines(problem)]


def _lines(problem: Any) -> list[str]:
    where, kind = _where(problem["loc"]), problem["type"]
    prefix = f"{where}: " if where else ""
    if kind == "value_error":
        return [prefix + line for line in str(problem["ctx"]["error"]).splitlines()]
    return [prefix + _saying(kind, problem)]


def _saying(kind: str, problem: Any) -> str:
    got = problem["input"]
    if kind in SAYINGS:
        return SAYINGS[kind]
    if kind == "string_pattern_mismatch" and problem["ctx"]["pattern"].startswith(NAME_PATTERN):
        return f"{got!r} is no name; use lower-case letters, digits, - and _, beginning with a letter or digit"
    message = str(problem["msg"]).removeprefix("Input ")
    return message if isinstance(got, dict | list | tuple) else f"{message}, got {got!r}"


def _where(loc: Sequence[str | int]) -> str:
    """Where a problem is; the kind of a union, which nobody wrote there, is left out.

    >>> _where(("device", 1, "microcontroller", "port"))
    'device 2: port'
    """
    words: list[str] = []
    for place, part in enumerate(loc):
        if isinstance(part, int):
            words[-1:] = [f"{words[-1]} {part + 1}"] if words else [str(part + 1)]
        elif place == 0 or part not in KINDS or (place > 1 and isinstance(loc[place - 1], str)):
            words.append(part)
    return ": ".join(words)
