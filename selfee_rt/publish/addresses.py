"""Where sockets may be bound."""

import errno
import ipaddress
import re
from itertools import combinations
from pathlib import Path

import zmq

from selfee_rt.config import PublishConfig
from selfee_rt.errors import PublishError
from selfee_rt.publish.curve import check_keys

_TCP = re.compile(r"tcp://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):(?P<port>\*|\d{1,5})")
_EVERYWHERE = {"*", "0.0.0.0", "[::]"}  # noqa: S104 - compared with, not bound to
_EXPECTED = "expected tcp://ADDRESS:PORT, for example tcp://127.0.0.1:5571, or ipc://PATH (not on Windows)"


def check_addresses(config: PublishConfig) -> list[str]:
    """Every problem with the addresses and keys of one session; an empty list if there is none."""
    named = {
        f"publish.{name}": address
        for name in ("observations", "control", "preview")
        if (address := getattr(config, name)) is not None
    }
    encrypted = config.curve is not None
    problems = [problem for name, address in named.items() if (problem := check_address(name, address, encrypted))]
    problems += [
        f"{name} and {other} would both be bound to {named[other]}; give each a port of its own"
        for name, other in combinations(named, 2)
        if _collide(named[name], named[other])
    ]
    return problems + (check_keys(config.curve) if config.curve is not None else [])


def check_address(what: str, address: str, encrypted: bool) -> str | None:
    """The problem with one address, if there is one; `encrypted` allows what lies beyond loopback."""
    if address.startswith("ipc://"):
        return _check_ipc(what, address)
    match = _TCP.fullmatch(address)
    if match is None:
        return f"{what} is {address!r}; {_EXPECTED}"
    if match["port"] != "*" and not 1 <= int(match["port"]) <= 65535:
        return f"{what} is {address!r}: port {match['port']} does not exist; expected 1 to 65535, or * for any free one"
    if match["host"] == "localhost":
        return f"{what} is {address!r}: a name cannot be bound; write tcp://127.0.0.1:{match['port']}"
    if not encrypted and not _is_loopback(match["host"]):
        return (
            f"{what} is {address!r}, which other computers can reach, without encryption; "
            "bind to 127.0.0.1, or make keys with `selfee-rt keys` and set publish.curve"
        )
    return None


def _check_ipc(what: str, address: str) -> str | None:
    if not zmq.has("ipc"):
        return f"{what} is {address!r}, but this system has no ipc; use tcp://127.0.0.1:PORT"
    if address == "ipc://":
        return f"{what} is {address!r}, which names no path; {_EXPECTED}"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _collide(one: str, other: str) -> bool:
    first, second = _TCP.fullmatch(one), _TCP.fullmatch(other)
    if first is None or second is None:
        return one == other
    if first["port"] == "*" or first["port"] != second["port"]:
        return False
    hosts = {first["host"], second["host"]}
    return len(hosts) == 1 or bool(hosts & _EVERYWHERE)


def bind(socket: "zmq.Socket[bytes]", address: str, what: str) -> str:
    """Bind and return the address that came of it (`*` replaced by the port that was free).

    Raises:
        PublishError: it cannot be bound: in use, not an address of this computer, not allowed.
    """
    path = Path(address.removeprefix("ipc://"))
    if address.startswith("ipc://") and path.exists():  # libzmq would take it over without a word
        raise PublishError(f"cannot bind {what} to {address}: the path exists; delete it if no session uses it")
    socket.ipv6 = "[" in address
    try:
        socket.bind(address)
    except zmq.ZMQError as error:
        raise PublishError(f"cannot bind {what} to {address}: {_why(error)}") from error
    bound = socket.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(bound, bytes)
    return bound.decode().rstrip("\0")


def _why(error: zmq.ZMQError) -> str:
    match error.errno:
        case zmq.EADDRINUSE:
            return "the address is in use, perhaps by another session; end that one, or set another port"
        case zmq.EADDRNOTAVAIL | errno.ENODEV:
            return "this computer has no such address; use 127.0.0.1 or an address of its own"
        case _:
            return f"{error.strerror}; use tcp://127.0.0.1:PORT with a port that is free and above 1023"
