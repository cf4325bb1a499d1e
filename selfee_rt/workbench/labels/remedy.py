"""The table that a person must write, where a label file leaves a choice."""

import json
from typing import Any

from selfee_rt.config import LabelsConfig


def remedy(config: LabelsConfig, **choices: Any) -> str:
    """Return the end of an error message: the table [labels] as it is, with `choices` added, as TOML."""
    table = config.model_dump(exclude_defaults=True) | choices
    return (
        "; write this table to a TOML file, correct it, and give it with --config (of fit: --labels-config):\n"
        + as_toml(table)
    )


def as_toml(table: dict[str, Any]) -> str:
    """Write the table [labels] as TOML.

    >>> print(as_toml({"priority": ("b", "a"), "map": {"2": "chasing"}}))
    [labels]
    priority = ["b", "a"]
    map = {"2" = "chasing"}
    """
    return "\n".join(["[labels]", *(f"{name} = {_value(value)}" for name, value in table.items())])


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, str):
        return _text(value)
    return repr(value)


def _text(text: str) -> str:
    """A basic string; TOML, unlike JSON, forbids DEL in it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
