"""Asking a running session something, from another process of the same user."""

import socket as sockets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import zmq
import zmq.auth

from selfee_rt import wire
from selfee_rt.errors import ControlError
from selfee_rt.publish.token import read_access

LINGER_MS = 0
LISTENS_WITHIN_S = 5.0


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
    _check_listens(address, folder)
    request = wire.Request(request_id=uuid.uuid4().hex, token=token, verb=verb, arguments=dict(arguments))
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    try:
        socket = context.socket(zmq.DEALER)
        socket.linger = LINGER_MS
        socket.ipv6 = "[" in address
        if keys is not None:
            _encrypt(socket, *keys)
        socket.connect(address)
        socket.send(msgspec.json.encode(request))
        if not socket.poll(round(timeout_s * 1000)):
            raise ControlError(
                f"the session at {address} gave no answer within {timeout_s:g} s, and whether it did this is "
                "not known; see whether it still runs, and whether it is encrypted (then give --key and --server-key)"
            )
        reply = _understood(socket.recv(), address)
    finally:
        context.destroy(linger=LINGER_MS)
    if not reply.ok or not isinstance(reply.result, dict):
        raise ControlError(str(reply.error))
    return reply.result


def _understood(answer: bytes, address: str) -> wire.Reply:
    try:
        return msgspec.json.decode(answer, type=wire.Reply)
    except msgspec.DecodeError as error:
        raise ControlError(
            f"what answers at {address} cannot be understood ({error}); is it a session of this version?"
        ) from error


def _check_listens(address: str, folder: Path) -> None:
    """Say at once that a session has ended: ZeroMQ would wait for it to come back.

    Raises:
        ControlError: nobody is at this address.
    """
    parts = urlsplit(address)
    if parts.scheme != "tcp" or parts.hostname is None or parts.port is None:
        return
    try:
        sockets.create_connection((parts.hostname, parts.port), LISTENS_WITHIN_S).close()
    except OSError as error:
        raise ControlError(
            f"nobody listens at {address} ({error}): the session that wrote to {folder} has ended; nothing was changed"
        ) from error


def _encrypt(socket: "zmq.Socket[bytes]", secret: Path, server: Path) -> None:
    try:
        socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(secret)
        socket.curve_serverkey, _ = zmq.auth.load_certificate(server)
    except (OSError, ValueError, TypeError, zmq.ZMQError) as error:
        raise ControlError(
            f"cannot use the keys {secret} and {server}: {error}; make them with `selfee-rt keys`"
        ) from error
