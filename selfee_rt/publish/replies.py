"""What a repeated request gets: the first reply."""

import hashlib
from collections import OrderedDict

from selfee_rt import wire
from selfee_rt.errors import ControlError

MOST_REPLIES = 1024
MOST_BYTES = 16 * 1024 * 1024


class Replies:
    """Remembers the latest replies by `request_id`, at most 1,024 of them and 16 MiB (but always the last one)."""

    def __init__(self, most_replies: int = MOST_REPLIES, most_bytes: int = MOST_BYTES) -> None:
        self._most_replies = most_replies
        self._most_bytes = most_bytes
        self._n_bytes = 0
        self._kept: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def recall(self, request: wire.Request) -> bytes | None:
        """Return the first reply to this request; None if there was none, or it is forgotten.

        Raises:
            ControlError: its id belonged to another request.
        """
        kept = self._kept.get(request.request_id)
        if kept is None:
            return None
        asked, reply = kept
        if asked != _digest(request):
            raise _used(request)
        return reply

    def keep(self, request: wire.Request, reply: bytes) -> bytes:
        """Remember the first reply to a request, and return it; the oldest are forgotten."""
        self._kept[request.request_id] = (_digest(request), reply)
        self._n_bytes += len(reply)
        while len(self._kept) > self._most_replies or (self._n_bytes > self._most_bytes and len(self._kept) > 1):
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._n_bytes -= len(forgotten)
        return reply


def check_same(request: wire.Request, first: wire.Request) -> None:
    """Refuse a request that has the id of another.

    Raises:
        ControlError: they ask for different things.
    """
    if _digest(request) != _digest(first):
        raise _used(request)


def _used(request: wire.Request) -> ControlError:
    return ControlError(
        f"request_id {request.request_id!r} was used for another request; give each its own, for example a UUID"
    )


def _digest(request: wire.Request) -> bytes:
    return hashlib.sha256(wire.encode([request.verb, request.arguments])).digest()
