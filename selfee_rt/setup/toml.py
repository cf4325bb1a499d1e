"""Values of the configuration as TOML writes them."""

import json
import re
from pathlib import Path
from typing import Any

from selfee_rt.config import Settings
from selfee_rt.errors import ConfigError

BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(value: Any, folder: Path) -> str:
    r"""One value on one line; paths inside `folder` are written relative to it.

    >>> written({"k": 50, "tau": 0.07, "why": 'say "no"'}, Path())
    '{k = 50, tau = 0.07, why = "say \\"no\\""}'

    Raises:
        ConfigError: TOML has no way to write it.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return quoted(value)
        case Path():
            return quoted(_relative(value, folder))
        case dict():
            return "{" + ", ".join(f"{key(name)} = {written(each, folder)}" for name, each in value.items()) + "}"
        case tuple() | list():
            return "[" + ", ".join(written(each, folder) for each in value) + "]"
        case Settings():
            return written(said(value), folder)
    raise ConfigError([f"got {value!r}, which a TOML file cannot hold; leave it out"])


def said(settings: Settings) -> dict[str, Any]:
    """What differs from the defaults of a section, and its kind."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    return {name: value for name, value in values.items() if not is_default(settings, name)}


def is_default(settings: Settings, name: str) -> bool:
    """Whether a key may be left out; a kind may not, nor what is required."""
    field = type(settings).model_fields[name]
    if name == "kind" or field.is_required():
        return False
    value: Any = getattr(settings, name)
    default = field.get_default(call_default_factory=True)
    return bool(value == default) and type(value) is type(default)


def key(name: str) -> str:
    """A key, in quotes where it must be."""
    return name if BARE.fullmatch(name) else quoted(name)


def quoted(text: str) -> str:
    r"""A string.

    >>> print(quoted('a "good"\nday\x7f'))
    "a \"good\"\nday\u007f"
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _relative(path: Path, folder: Path) -> str:
    inside = path.is_relative_to(folder)
    return (path.relative_to(folder) if inside else path).as_posix()
