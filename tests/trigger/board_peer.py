"""A board in a few lines of Python, on a pseudo-terminal, whose faults a test chooses."""

import os
import select
import threading
import tty
from collections.abc import Callable, Iterable
from contextlib import suppress
from struct import pack, unpack_from

from selfee_rt.trigger.board_messages import MAGIC, PROTOCOL, Kind, Status
from selfee_rt.trigger.framing import Decoder, encode

LIMITS = (100, 50, 50, 10_000_000, 60_000_000)


def hello(protocol: int = PROTOCOL, magic: bytes = MAGIC) -> bytes:
    return pack("<8sBBBBBIII", magic, protocol, 1, 0, *LIMITS)


def answer(
    kind: int, number: int, status: int = Status.DONE, more: bytes = b"", resets: int = 7, device_us: int = 1000
) -> bytes:
    return encode(pack("<BHBBHQ", kind | 0x80, number, status, 0, resets, device_us) + more)


def honest(kind: int, number: int) -> Iterable[bytes]:
    """What a board answers to which nothing has happened."""
    yield answer(kind, number, more=hello() if kind == Kind.HELLO else b"\0" if kind == Kind.KEEP_ALIVE else b"")


Behaviour = Callable[[int, int], Iterable[bytes]]
"""Of the kind and number of a request: what to send."""


class BoardPeer:
    """Answers in a thread of its own until it is left."""

    def __init__(self, behave: Behaviour = honest, announce: bytes = b"") -> None:
        self.behave = behave
        self.requests: list[bytes] = []
        """Bodies, in the order in which they came."""
        self._announce = announce

    def __enter__(self) -> "BoardPeer":
        self._board, self._host = os.openpty()
        tty.setraw(self._host)
        self.port = os.ttyname(self._host)
        self._stop, self._stopper = os.pipe()
        self._plugged = True
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._stopper, b"!")
        self._thread.join()
        self.unplug()
        os.close(self._stop)
        os.close(self._stopper)

    def unplug(self) -> None:
        """Take the port away."""
        if self._plugged:
            self._plugged = False
            os.write(self._stopper, b"!")
            self._thread.join()
            os.close(self._host)
            os.close(self._board)

    def numbers(self, kind: Kind) -> list[int]:
        """The sequence numbers of the requests of this kind."""
        return [unpack_from("<BH", body)[1] for body in self.requests if body[0] == kind]

    def _serve(self) -> None:
        decoder = Decoder()
        while True:
            ready, _, _ = select.select([self._board, self._stop], [], [])
            if self._stop in ready:
                return
            with suppress(OSError):
                for body in decoder.push(os.read(self._board, 4096)):
                    self._react(body)

    def _react(self, body: bytes) -> None:
        if self._announce:
            os.write(self._board, self._announce)
            self._announce = b""
        self.requests.append(body)
        kind, number = unpack_from("<BH", body)
        for piece in self.behave(kind, number):
            os.write(self._board, piece)
