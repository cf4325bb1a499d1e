"""Frames of the serial line: a zero, the body and its CRC-16 stuffed so that they hold no zero, a zero.

The stuffing is Cheshire and Baker's consistent overhead byte stuffing (COBS, IEEE/ACM Transactions on Networking 7,
1999): a receiver that lost its place finds it again at the next zero. docs/device_protocol.md has the whole protocol.
"""

from binascii import crc_hqx

LONGEST_BODY = 64
"""Bytes, without the CRC: what a small board keeps in memory."""

_CRC_BYTES = 2
_LONGEST_STUFFED = LONGEST_BODY + _CRC_BYTES + 1


def encode(body: bytes) -> bytes:
    """Return the bytes for the line that carry `body`, which has at most `LONGEST_BODY` bytes.

    >>> encode(b"A").hex(" ")
    '00 04 41 b9 15 00'
    """
    if len(body) > LONGEST_BODY:
        raise ValueError(f"a frame holds at most {LONGEST_BODY} bytes, got {len(body)}")
    runs = (body + _crc(body)).split(b"\0")
    return b"\0" + b"".join(bytes((len(run) + 1,)) + run for run in runs) + b"\0"


class Decoder:
    """Finds the frames in what a line delivers, in pieces of any size, whatever else is on it."""

    def __init__(self) -> None:
        self._stuffed = bytearray()

    def push(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the line; return the bodies of the frames that they complete.

        What is not a whole frame with the right CRC is dropped.
        """
        *ended, rest = data.split(b"\0")
        bodies = []
        for piece in ended:
            body = _body(self._take(piece))
            if body is not None:
                bodies.append(body)
        self._keep(rest)
        return bodies

    def _take(self, piece: bytes) -> bytes:
        self._keep(piece)
        stuffed = bytes(self._stuffed)
        self._stuffed.clear()
        return stuffed

    def _keep(self, piece: bytes) -> None:
        """Garbage without an end is kept no further than it takes to know that it is garbage."""
        self._stuffed += piece[: _LONGEST_STUFFED + 1 - len(self._stuffed)]


def _crc(body: bytes) -> bytes:
    """CRC-16/CCITT-FALSE (polynomial 0x1021, initially 0xFFFF), high byte first."""
    return crc_hqx(body, 0xFFFF).to_bytes(_CRC_BYTES, "big")


def _body(stuffed: bytes) -> bytes | None:
    """The body of one frame, from between its zeros; None: it is not one."""
    if len(stuffed) > _LONGEST_STUFFED:
        return None
    content = _unstuffed(stuffed)
    if content is None or len(content) < _CRC_BYTES or crc_hqx(content, 0xFFFF) != 0:
        return None
    return content[:-_CRC_BYTES]


def _unstuffed(stuffed: bytes) -> bytes | None:
    runs = []
    at = 0
    while at < len(stuffed):
        end = at + stuffed[at]
        if end > len(stuffed):
            return None
        runs.append(stuffed[at + 1 : end])
        at = end
    return b"\0".join(runs)
