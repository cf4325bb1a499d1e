"""Asking a running session something, from another process of the same user."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import zmq
import zmq.auth

from selfee_rt import wire
from selfee_rt.errors import ControlError
from selfee_rt.publish.token import read_access

LINGER_MS = 0


def ask(
    folder: Path,
    verb: str,
    arguments: Mapping[str, Any],
    *,
    timeout_s: float,
    keys: tuple[Path, Path] | None = None,
) -> dict[str, Any]:
    """Ask the session that writes to `folder`; `keys` are one's own secret file and the session's public one.

    Raises:
        ControlError: the session refuses, does not answer in time, or does not run.
    """
    address, token = read_access(folder)
    request = wire.Request(request_id=uuid.uuid4().hex, token=token, verb=verb, arguments=dict(arguments))
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    try:
        socket = context.socket(zmq.DEALER)
        socket.linger = LINGER_MS
        if keys is not None:
            _encrypt(socket, *keys)
        socket.connect(address)
        socket.send(msgspec.json.encode(request))
        if not socket.poll(round(timeout_s * 1000)):
            raise ControlError(
                f"the session at {address} gave no answer within {timeout_s:g} s, and whether it did this is "
                "not known; see whether it still runs, and whether it is encrypted (then give --key and --server-key)"
            )
        reply = msgspec.json.decode(socket.recv(), type=wire.Reply)
    finally:
        context.destroy(linger=LINGER_MS)
    if not reply.ok or not isinstance(reply.result, dict):
        raise ControlError(str(reply.error))
    return reply.result


def _encrypt(socket: "zmq.Socket[bytes]", secret: Path, server: Path) -> None:
    try:
        socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(secret)
        socket.curve_serverkey, _ = zmq.auth.load_certificate(server)
    except (OSError, ValueError, TypeError, zmq.ZMQError) as error:
        raise ControlError(
            f"cannot use the keys {secret} and {server}: {error}; make them with `selfee-rt keys`"
        ) from error
