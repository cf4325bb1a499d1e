"""Training settings as a TOML file: read, and written with what each key means."""

import json
import textwrap
from pathlib import Path
from typing import Any

from selfee_rt.config.base import read_toml
from selfee_rt.workbench.train_settings import TrainSettings


def read_settings(path: Path) -> dict[str, Any]:
    """Read what a settings file gives; `settings_of` checks it.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    return read_toml(path, "training settings")


def written(settings: TrainSettings) -> str:
    """Write all settings as TOML, each under a comment that says what it means and what it may be."""
    schema = TrainSettings.model_json_schema()
    values = settings.as_dict()
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    parts = [_section(plain, schema)]
    for name in (key for key in values if key not in plain):
        section = _resolved(schema["properties"][name], schema)
        parts.append(f"# {schema['properties'][name]['description']}\n[{name}]\n{_section(values[name], section)}")
    return "\n\n".join(parts) + "\n"


def _section(values: dict[str, Any], schema: dict[str, Any]) -> str:
    """The keys of one section."""
    lines = []
    for key, value in values.items():
        known = schema["properties"][key]
        said = " ".join([known.get("description", "").replace("\n", " "), _choices(known)]).strip()
        lines += textwrap.wrap(said, 100, initial_indent="# ", subsequent_indent="# ")
        lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines)


def _choices(known: dict[str, Any]) -> str:
    """The words a key may be, if they are few."""
    return f"({' | '.join(known['enum'])})" if "enum" in known else ""


def _resolved(known: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference within the schema."""
    found: dict[str, Any] = schema["$defs"][known["$ref"].rpartition("/")[2]]
    return found
