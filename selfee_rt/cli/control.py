"""Commands that ask a running session something: arm, disarm, fire."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from selfee_rt.errors import ConfigError
from selfee_rt.publish.client import ask

TIMEOUT_S = 45.0
"""Arming waits until a board that was lost has been found again."""
DISARM_TIMEOUT_S = 10.0
"""Devices are off before a session answers, which takes no longer than its slowest exposure."""

_folder = click.argument("folder", type=click.Path(path_type=Path))
_rules = click.argument("rules", nargs=-1, metavar="[RULE]...")
_key = click.option("--key", type=click.Path(path_type=Path), help="Your secret key file, for an encrypted session.")
_server_key = click.option("--server-key", type=click.Path(path_type=Path), help="The session's public key file.")


@click.command()
@_folder
@_rules
@_key
@_server_key
def arm(folder: Path, rules: tuple[str, ...], key: Path | None, server_key: Path | None) -> None:
    """Arm RULEs of the session that writes to FOLDER, all if none is named; it lasts for stimulation.arm_for_s."""
    said = _ask(folder, "arm", {"rules": list(rules) or None}, key, server_key)
    click.echo(f"ARMED from exposure {said['index']}: {', '.join(said['rules'])}")


@click.command()
@_folder
@_rules
@_key
@_server_key
def disarm(folder: Path, rules: tuple[str, ...], key: Path | None, server_key: Path | None) -> None:
    """Disarm RULEs of the session that writes to FOLDER, all if none is named; the devices are off at once."""
    verb, arguments = ("disarm", {"rules": list(rules)}) if rules else ("disarm_all", {})
    said = _ask(folder, verb, arguments, key, server_key, DISARM_TIMEOUT_S)
    click.echo(f"disarmed from exposure {said['index']}: {', '.join(said['rules'])}")


@click.command()
@_folder
@click.argument("rule")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@_key
@_server_key
def fire(folder: Path, rule: str, yes: bool, key: Path | None, server_key: Path | None) -> None:
    """Fire RULE's stimulus once, as a test; the rule must be armed, and its limits hold."""
    if not yes:
        click.confirm(f"Fire the stimulus of {rule!r} now, on the animal?", abort=True)
    said = _ask(folder, "fire", {"rule": rule}, key, server_key)
    click.echo(f"trigger {said['trigger_id']} of {rule!r}: {said['outcome']}{': ' if said['why'] else ''}{said['why']}")


def _ask(
    folder: Path,
    verb: str,
    arguments: Mapping[str, Any],
    key: Path | None,
    server_key: Path | None,
    timeout_s: float = TIMEOUT_S,
) -> dict[str, Any]:
    if (key is None) != (server_key is None):
        raise ConfigError(["an encrypted session needs both --key and --server-key; give both"])
    keys = None if key is None or server_key is None else (key, server_key)
    return ask(folder, verb, arguments, timeout_s=timeout_s, keys=keys)
