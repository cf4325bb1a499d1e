"""How messages become bytes: JSON, or a JSON header with bytes behind it."""

from typing import Any

import msgspec
import numpy as np

LENGTH_BYTES = 4
"""Size of the header's length, an unsigned little-endian integer, at the start of a binary message."""


def _plain(value: Any) -> Any:
    """Turn what JSON has no word for into what it has: numpy scalars only."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot go onto the wire; give str, int, float, bool, None, list or dict")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def encode(message: Any) -> bytes:
    """Encode as JSON; numbers that are not finite become null, numpy scalars plain numbers.

    >>> encode({"score": float("nan"), "index": np.int64(3)})
    b'{"score":null,"index":3}'

    Raises:
        TypeError: it holds something JSON has no word for.
    """
    return _encoder.encode(message)


def with_header(header: Any, body: bytes) -> bytes:
    r"""Encode a binary message: length of the header (4 bytes, little-endian), the header as JSON, the body.

    >>> with_header({"shape": [2]}, b"ab")
    b'\r\x00\x00\x00{"shape":[2]}ab'
    """
    head = encode(header)
    return b"".join((len(head).to_bytes(LENGTH_BYTES, "little"), head, body))


def decode_header(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Split a binary message into its header and its body.

    >>> decode_header(with_header({"shape": [2]}, b"ab"))
    ({'shape': [2]}, b'ab')

    Raises:
        ValueError: it is not a binary message.
    """
    length = int.from_bytes(message[:LENGTH_BYTES], "little")
    stop = LENGTH_BYTES + length
    if len(message) < max(stop, LENGTH_BYTES):
        raise ValueError(f"a header of {length} bytes was promised in a message of {len(message)}; it is cut short")
    header = msgspec.json.decode(message[LENGTH_BYTES:stop], type=dict[str, Any])
    return header, message[stop:]
