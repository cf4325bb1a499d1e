"""From the bytes that a client sent to a request that can be carried out, or a clear refusal."""

from typing import Any, TypeVar

import msgspec

from selfee_rt import wire
from selfee_rt.errors import ControlError

LARGEST_REQUEST = 65_536
"""Bytes; a larger request is refused."""

_SHAPE = '{"request_id": …, "token": …, "verb": …, "arguments": {…}}'

StructT = TypeVar("StructT", bound=msgspec.Struct)


class _WithId(msgspec.Struct):
    request_id: str | None = None


def peek_id(frames: list[bytes]) -> str | None:
    """The request's id, as far as one can be read, so that even a refusal can be matched to its request."""
    try:
        return _decode(_only(frames), _WithId).request_id
    except ControlError:
        return None


def parse_request(frames: list[bytes]) -> wire.Request:
    """Read a request from the frames of a message (the client's identity and delimiter taken off).

    Raises:
        ControlError: it is not one.
    """
    return _decode(_only(frames), wire.Request)


def parse_arguments(request: wire.Request) -> dict[str, Any]:
    """Check the arguments of a request against its verb; what was left out gets its default.

    Raises:
        ControlError: the verb does not exist, or takes other arguments.
    """
    verb = wire.VERBS.get(request.verb)
    if verb is None:
        raise ControlError(f"unknown verb {request.verb!r}; the verbs are {', '.join(wire.VERBS)}")
    try:
        arguments: dict[str, Any] = msgspec.to_builtins(msgspec.convert(request.arguments, verb.arguments))
    except msgspec.ValidationError as error:
        takes = ", ".join(verb.arguments.__struct_fields__) or "no arguments"
        raise ControlError(f"arguments of {request.verb}: {error}; it takes {takes}") from error
    return arguments


def _only(frames: list[bytes]) -> bytes:
    if len(frames) != 1:
        raise ControlError(f"a request is one frame of JSON, got {len(frames)}; send {_SHAPE}")
    if len(frames[0]) > LARGEST_REQUEST:
        raise ControlError(f"the request has {len(frames[0])} bytes; send at most {LARGEST_REQUEST}")
    return frames[0]


def _decode(message: bytes, struct: type[StructT]) -> StructT:
    try:
        return msgspec.json.decode(message, type=struct)
    except msgspec.ValidationError as error:
        raise ControlError(f"not a request: {error}; send {_SHAPE}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ControlError(f"not JSON: {error}; send {_SHAPE}") from error
