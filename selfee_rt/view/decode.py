"""Bytes from the wire, as messages; what cannot be read is named, never fatal."""

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.wire import TOPICS, Message, PreviewHeader, decode_header

EMBEDDINGS = b"embedding."
"""What the window subscribes to as long as it shows them."""

_DECODERS = {name: msgspec.json.Decoder(struct) for name, struct in TOPICS.items()}
_PREVIEW = msgspec.json.Decoder(PreviewHeader)
_OURS = "selfee_rt."
_KNOWN = {str(struct.__struct_config__.tag) for struct in (*TOPICS.values(), PreviewHeader)}  # type: ignore[attr-defined]


class Unreadable(ValueError):
    """Bytes that are no message of ours."""


class Newer(ValueError):
    """A message of a schema that this version does not know; the text is the schema's name."""


class _Tag(msgspec.Struct):
    schema: str


_TAG = msgspec.json.Decoder(_Tag)


@dataclass(frozen=True, slots=True)
class Preview:
    """One picture of the camera."""

    header: PreviewHeader
    jpeg: bytes
    heard_ns: int
    """When it arrived here, on this computer's host clock."""


def decode(frames: list[bytes]) -> tuple[str, Message]:
    """Topic and message of one publication, `[topic, payload]`.

    Raises:
        Newer: its schema is not known here.
        Unreadable: it is no publication of a session.
    """
    if len(frames) != 2:
        raise Unreadable(f"{len(frames)} frames, expected 2")
    topic = frames[0].decode(errors="replace")
    decoder = _DECODERS.get(topic.partition(".")[0])
    try:
        if decoder is None:
            raise Unreadable(f"unknown topic {topic!r}")
        return topic, decoder.decode(frames[1])
    except (ValueError, RecursionError) as error:
        raise _told_apart(frames[1], error) from error


def decode_preview(message: bytes, heard_ns: int) -> Preview:
    """A message of the preview socket.

    Raises:
        Newer: its schema is not known here.
        Unreadable: it is no preview.
    """
    try:
        _, body = decode_header(message)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    head = message[4 : len(message) - len(body)]
    try:
        return Preview(_PREVIEW.decode(head), body, heard_ns)
    except ValueError as error:
        raise _told_apart(head, error) from error


def decode_embedding(message: bytes) -> tuple[int, NDArray[np.float32]] | None:
    """Time and values, (D,), of an embedding; None: it is none that can be read."""
    try:
        header, body = decode_header(message)
        return int(header["media_ns"]), np.frombuffer(body, "<f2").astype(np.float32)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _told_apart(payload: bytes, error: Exception) -> Newer | Unreadable:
    """Whether what could not be decoded is of a schema of ours that is not known here."""
    try:
        schema = _TAG.decode(payload).schema
    except (ValueError, RecursionError):
        return Unreadable(str(error))
    if schema.startswith(_OURS) and schema not in _KNOWN:
        return Newer(schema)
    return Unreadable(str(error))
