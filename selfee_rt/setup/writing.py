"""A configuration as a TOML file that explains itself: every key is there, with what it means."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selfee_rt.config import SessionConfig, Settings, TriggerConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.archive import write_whole
from selfee_rt.setup.kinds import choices, summary
from selfee_rt.setup.toml import is_default, written

FILE = "session.toml"
"""What the file is called if nobody says otherwise."""
WIDTH = 100
HEAD = """\
Made by `selfee-rt setup`. `selfee-rt check FILE` says what it means on this machine and everything that is wrong with
it; `selfee-rt run FILE` runs the session. A line that begins with # and a key shows what holds if nothing is said; to
change it, take the # away. Where nothing follows the =, nothing is set."""
FIRST = ("seconds", "experiment", "subject")
"""What differs from session to session."""
NONE_YET = {
    "device": "What makes stimuli: there is none. docs/devices.md shows every kind.",
    "trigger": f"{summary(TriggerConfig)} There is none; docs/triggers.md explains them.",
}
"""Lists of sections that may be empty."""


def toml(config: SessionConfig, folder: Path) -> str:
    """The file for a configuration; read again from `folder` it is the same configuration.

    Raises:
        ConfigError: a value that TOML cannot hold, such as an address that was switched off.
    """
    sections, keys = [], [_comment(HEAD)]
    for name in sorted(SessionConfig.model_fields, key=lambda each: each not in FIRST):
        value = getattr(config, name)
        if isinstance(value, Settings):
            sections += list(_table(name, value, folder))
        elif isinstance(value, tuple):
            sections += list(_tables(name, value, is_default(config, name), folder))
        else:
            keys.append(_key(config, name, folder))
    return "\n\n".join([*keys, *sections]) + "\n"


def save(path: Path, text: str, instead_of: str | None = None) -> None:
    """Write a file, whole or not at all: a new one, or one that still holds exactly `instead_of`.

    Raises:
        ConfigError: there is one of this name already, or it cannot be written.
    """
    if path.exists() and (instead_of is None or path.read_bytes() != instead_of.encode()):
        raise ConfigError([f"{path} exists and is not overwritten; choose another name"])
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise ConfigError([f"cannot write {path}: {error.strerror}; choose a folder that you may write to"]) from error


def _table(name: str, settings: Settings, folder: Path, meaning: str = "") -> Iterator[str]:
    """A section, then the sections inside it that have tables of their own; `meaning`: what it is there for."""
    inner = [each for each in type(settings).model_fields if _is_plain(getattr(settings, each))]
    keys = [_key(settings, each, folder) for each in type(settings).model_fields if each not in inner]
    yield _joined(f"[{name}]\n{_comment(f'{meaning} {_about(settings)}')}", keys)
    for each in inner:
        meaning = type(settings).model_fields[each].description or ""
        yield from _table(f"{name}.{each}", getattr(settings, each), folder, meaning)


def _is_plain(value: object) -> bool:
    """A section of only one kind; what has a kind is short, and stays on its line."""
    return isinstance(value, Settings) and "kind" not in type(value).model_fields


def _tables(name: str, members: tuple[Settings, ...], default: bool, folder: Path) -> Iterator[str]:
    """A list of sections; what holds if nothing is said is commented out."""
    if not members:
        yield f"#[[{name}]]\n{_comment(NONE_YET[name])}"
    for member in members:
        keys = [_key(member, each, folder, default) for each in type(member).model_fields]
        yield _joined(f"{'#' * default}[[{name}]]\n{_comment(_about(member))}", keys)


def _joined(head: str, keys: list[str]) -> str:
    """Keys under their section, each that is explained after an empty line."""
    return head + "".join(f"\n\n{each}" if each.startswith("# ") else f"\n{each}" for each in keys)


def _key(settings: Settings, name: str, folder: Path, off: bool = False) -> str:
    """One key below what it means; commented out where it says what holds anyway, or where all around it is `off`."""
    value = getattr(settings, name)
    default = off or is_default(settings, name)
    line = f"{'#' * default}{name} ="
    if not (default and value is None):
        line += f" {written(value, folder)}"
    meaning = _meaning(settings, name, value)
    return f"{_comment(meaning)}\n{line}" if meaning else line


def _meaning(settings: Settings, name: str, value: Any) -> str:
    """What the configuration says of a key, what may stand there, and what leaving it out means."""
    field = type(settings).model_fields[name]
    text = field.description or (_about(value) if _is_plain(value) else "")
    if field.default is None:
        text = re.sub(r"(^|[.]\s)None:", r"\1Left out:", text).replace("None:", "left out:")
    else:
        text = re.sub(r"[;,]? None:[^.;]*", "", text)
    allowed = () if name == "kind" else choices(field.annotation)
    return f"{text} One of: {', '.join(allowed)}.".strip() if allowed else text


def _about(settings: Settings) -> str:
    return " ".join((type(settings).__doc__ or "").split())


def _comment(text: str) -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
