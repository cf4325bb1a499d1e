"""Requests that are still being carried out: their replies come later, and others are answered meanwhile."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from selfee_rt import wire
from selfee_rt.publish.replies import check_same


@dataclass(frozen=True, slots=True)
class Asked:
    """One request under way, and everybody who waits for its reply."""

    request: wire.Request
    envelopes: list[list[bytes]]
    """The frames before each reply: a client's identity, and its delimiter if it sent one."""
    result: Future[dict[str, Any]]


class Pending:
    """The requests under way, by `request_id`; how many there may be is the business of who carries them out."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def add(self, request: wire.Request, envelope: list[bytes], result: Future[dict[str, Any]]) -> None:
        """Keep a request until its result is there."""
        self._asked[request.request_id] = Asked(request, [envelope], result)

    def joins(self, request: wire.Request, envelope: list[bytes]) -> bool:
        """Whether the request is a repetition of one under way; then its sender gets that one's reply too.

        Raises:
            ControlError: its id belongs to another request.
        """
        asked = self._asked.get(request.request_id)
        if asked is None:
            return False
        check_same(request, asked.request)
        if envelope not in asked.envelopes:
            asked.envelopes.append(envelope)
        return True

    def take(self, *, finished: bool) -> list[Asked]:
        """Take out those that are `finished`, or all, in the order in which they were asked."""
        taken = [asked for asked in self._asked.values() if asked.result.done() or not finished]
        for asked in taken:
            del self._asked[asked.request.request_id]
        return taken
