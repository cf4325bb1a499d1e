"""Requests to the session: asked once, and then answered or failed; nothing is assumed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import zmq

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.wire import Reply, Request, encode

PATIENCE_S = 10.0
"""How long an answer may take; the verbs below need longer."""
PATIENCE_OF_S = {"label": 120.0, "undo": 120.0, "retract": 120.0, "arm": 60.0}
INSISTENT = ("disarm", "disarm_all")
"""Verbs that are sent again every second until they are answered: they are the same however often they are done."""
AGAIN_S = 1.0
UNSENT_S = 2.0
"""How long a request may wait for a connection; nothing is done later than a person expects it."""

State = Literal["pending", "answered", "failed"]

_REPLY = msgspec.json.Decoder(Reply)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request."""

    ok: bool
    result: Mapping[str, Any]
    error: str
    """Empty if it is ok."""
    at_ns: int


@dataclass(slots=True, eq=False)
class Asked:
    """A request on its way; the link's thread sets `answer` once."""

    verb: str
    arguments: Mapping[str, Any]
    says: str
    """For people: what was asked."""
    asked_ns: int = field(default_factory=now_ns)
    answer: Answer | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    sent_ns: int | None = None

    @property
    def state(self) -> State:
        """Whether it was answered."""
        if self.answer is None:
            return "pending"
        return "answered" if self.answer.ok else "failed"

    def fail(self, why: str) -> None:
        """Nothing came of it, as far as is known."""
        self.answer = Answer(ok=False, result={}, error=why, at_ns=now_ns())


class Asking:
    """The control socket of one session, in the link's thread."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", address: str, token: str) -> None:
        self.address = address
        self.socket: zmq.Socket[bytes] = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.immediate = True  # nothing waits here for a session that is not there
        self._token = token
        self._waiting: dict[str, Asked] = {}

    def connect(self) -> None:
        """Connect; once."""
        self.socket.connect(self.address)

    def ask(self, asked: Asked) -> None:
        """Send a request, as soon as there is a connection."""
        self._waiting[asked.request_id] = asked
        self._send(asked)

    def receive(self) -> None:
        """Take the replies that have come.

        Raises:
            ValueError: one is no reply.
        """
        while self.socket.poll(0):
            reply = _REPLY.decode(self.socket.recv())
            asked = self._waiting.pop(reply.request_id or "", None)
            if asked is not None:
                asked.answer = _answer(reply)

    def look_after(self) -> None:
        """Send again what waits for a connection or must be done; give up what has waited too long."""
        now = now_ns()
        for asked in tuple(self._waiting.values()):
            why = _given_up(asked, now)
            if why is not None:
                del self._waiting[asked.request_id]
                asked.fail(why)
            elif asked.sent_ns is None or _is_due_again(asked, now):
                self._send(asked)

    def close(self, why: str) -> None:
        """Fail what is waiting, and close."""
        for asked in self._waiting.values():
            asked.fail(why)
        self._waiting.clear()
        self.socket.close()

    def _send(self, asked: Asked) -> None:
        request = Request(
            request_id=asked.request_id, token=self._token, verb=asked.verb, arguments=dict(asked.arguments)
        )
        try:
            self.socket.send(encode(request), zmq.DONTWAIT)
        except zmq.Again:
            return
        asked.sent_ns = now_ns()


def _is_due_again(asked: Asked, now: int) -> bool:
    return asked.verb in INSISTENT and now - (asked.sent_ns or 0) > AGAIN_S * NS_PER_S


def _given_up(asked: Asked, now: int) -> str | None:
    """Why to wait no longer; None: wait."""
    waited_s = (now - asked.asked_ns) / NS_PER_S
    if asked.sent_ns is None and asked.verb not in INSISTENT and waited_s > UNSENT_S:
        return f"not sent: no connection to the session's control socket within {UNSENT_S:g} s; nothing was changed"
    patience_s = PATIENCE_OF_S.get(asked.verb, PATIENCE_S)
    if waited_s > patience_s:
        return f"no answer within {patience_s:g} s; whether it was done is not known"
    return None


def _answer(reply: Reply) -> Answer:
    result = reply.result if isinstance(reply.result, dict) else {}
    error = "" if reply.ok else str(reply.error or "refused")
    return Answer(ok=reply.ok, result=result, error=error, at_ns=now_ns())
