"""Questions about stimulus devices."""

from typing import Any

import click

from selfee_rt.setup.asking import about, choose, confirm, heading, refuse, text
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.finding import Found
from selfee_rt.setup.kinds import DEVICES, required, summary


def ask_devices(draft: Draft, found: Found) -> None:
    """Add devices until there are no more."""
    heading("What makes stimuli?")
    if found.ports_problem is not None:
        refuse(found.ports_problem)
    for port in found.ports:
        click.echo(f"  found: {port}")
    while confirm("Add another device?" if draft.devices else "Add a stimulus device?", default=False):
        _add(draft, found)


def _add(draft: Draft, found: Found) -> None:
    """Ask for the kind, the name, and what this kind cannot do without."""
    kinds = list(DEVICES)
    kind = kinds[choose("Kind", [f"{each}: {summary(DEVICES[each])}" for each in kinds], default=None)]
    device: dict[str, Any] = {"kind": kind}
    draft.devices.append(device)
    _ask_key(draft, device, "name", free_name(draft))
    for key in required(DEVICES[kind]):
        _ask_key(draft, device, key, found.ports[0].port if needs_serial(kind, key) and found.ports else "")


def needs_serial(kind: str, key: str) -> bool:
    """Whether a key is the name of a serial port; that of some devices is a number in the network."""
    return key == "port" and DEVICES[kind].model_fields[key].annotation is str


def free_name(draft: Draft) -> str:
    """A name for a device that no other one has."""
    taken = {device.get("name") for device in draft.devices}
    names = ("stimulus", *(f"stimulus{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _ask_key(draft: Draft, device: dict[str, Any], key: str, default: str) -> None:
    place = len(draft.devices)
    while True:
        device[key] = as_said(device["kind"], key, text(key, default))
        problems = [*about(draft, f"device {place}.{key}"), *about(draft, "two devices")]
        if device[key] != "" and not problems:
            return
        for problem in problems or [f"{key}: is not given yet"]:
            refuse(problem)


def as_said(kind: str, key: str, said: str) -> str | int:
    """An answer as the configuration wants it: a number where the key is one."""
    is_number = DEVICES[kind].model_fields[key].annotation is int
    return int(said) if is_number and said.isdecimal() else said
