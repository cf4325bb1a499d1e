"""Requests from other programs, in the order in which they come."""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import zmq

from selfee_rt import wire
from selfee_rt.config import PublishConfig
from selfee_rt.errors import ControlError, SelfeeRTError
from selfee_rt.publish.bound import BoundSocket
from selfee_rt.publish.parse import LARGEST_REQUEST, parse_arguments, parse_request, peek_id
from selfee_rt.publish.pending import Asked, Pending
from selfee_rt.publish.replies import Replies
from selfee_rt.publish.token import make_token

__all__ = ["Control", "Execute", "make_token"]

HIGH_WATER = 100
"""Replies that wait for one client; beyond it libzmq drops that client's. As many of its requests wait for us."""

LARGEST_FRAME = 16 * LARGEST_REQUEST
"""Bytes; libzmq disconnects a client that sends a larger frame, unread."""

Result = dict[str, Any] | Future[dict[str, Any]]

Execute = Callable[[str, dict[str, Any]], Result]


class Control:
    """Answers DEALER and REQ clients: JSON in, JSON out, and every request gets a reply.

    `execute(verb, arguments)` is called in the serving thread, with arguments that are valid and complete; what it
    returns is the result, and the errors of this package that it raises are refusals. Where it returns a future, the
    reply is sent when that is done, and other requests are answered meanwhile.
    """

    def __init__(self, config: PublishConfig, token: str, execute: Execute) -> None:
        """Bind at once.

        Raises:
            PublishError: the address cannot be bound, or may not be.
        """
        options = {zmq.SNDHWM: HIGH_WATER, zmq.RCVHWM: HIGH_WATER, zmq.MAXMSGSIZE: LARGEST_FRAME}
        self._bound = BoundSocket(zmq.ROUTER, config.control, "publish.control", config.curve, options)
        self.address = self._bound.address
        """Where it is bound."""
        self._token = token.encode()
        self._execute = execute
        self._replies = Replies()
        self._pending = Pending()
        self._lock = threading.Lock()
        self._stopped = self._closed = False
        self._woken, self._waker = self._wake_pair()

    def _wake_pair(self) -> tuple["zmq.Socket[bytes]", "zmq.Socket[bytes]"]:
        woken, waker = (self._bound.context.socket(zmq.PAIR) for _ in range(2))
        woken.bind("inproc://wake")
        waker.connect("inproc://wake")
        return woken, waker

    def serve(self) -> None:
        """Answer until `stop` is called, then close. Whatever `execute` raises that is not ours ends it too."""
        poller = zmq.Poller()
        poller.register(self._bound.socket, zmq.POLLIN)
        poller.register(self._woken, zmq.POLLIN)
        try:
            while not self._stopped:
                ready = dict(poller.poll())
                if self._woken in ready:
                    self._woken.recv()
                    self._send_results(self._pending.take(finished=True))
                elif self._bound.socket in ready:
                    self._serve_one()
            self._send_results(self._pending.take(finished=False))
        finally:
            self.close()

    def stop(self) -> None:
        """Make `serve` return after the request it is at; from any thread, at any time, more than once.

        What is under way and not finished by then is answered with a refusal.
        """
        with self._lock:
            self._stopped = True
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if not self._closed:
                with suppress(zmq.Again):  # then it has been woken often enough
                    self._waker.send(b"", zmq.NOBLOCK)

    def close(self) -> None:
        """Unbind; called by `serve` itself, and by hand only where that never ran. Allowed twice."""
        with self._lock:
            self._closed = True
            self._woken.close(linger=0)
            self._waker.close(linger=0)
            self._bound.close()

    def _serve_one(self) -> None:
        client, *frames = self._bound.socket.recv_multipart()
        delimiter = frames[:1] if len(frames) > 1 and frames[0] == b"" else []  # a REQ client's
        envelope = [client, *delimiter]
        reply = self._answer(frames[len(delimiter) :], envelope)
        if reply is not None:
            self._bound.socket.send_multipart([*envelope, reply])

    def _send_results(self, asked: list[Asked]) -> None:
        for each in asked:
            reply = self._reply(each.request, _outcome(each.result))
            for envelope in each.envelopes:
                self._bound.socket.send_multipart([*envelope, reply])

    def _answer(self, frames: list[bytes], envelope: list[bytes]) -> bytes | None:
        """The reply; None where it will come later."""
        try:
            request = parse_request(frames)
            if not secrets.compare_digest(request.token.encode(), self._token):
                raise ControlError("wrong token; send the one in the file control_token of the session folder")
            if self._pending.joins(request, envelope):
                return None
            return self._replies.recall(request) or self._carry_out(request, envelope)
        except ControlError as error:
            return wire.encode(wire.Reply(request_id=peek_id(frames), ok=False, error=str(error)))

    def _carry_out(self, request: wire.Request, envelope: list[bytes]) -> bytes | None:
        arguments = parse_arguments(request)
        try:
            result = self._execute(request.verb, arguments)
        except SelfeeRTError as error:
            return self._reply(request, error)
        if isinstance(result, Future):
            self._pending.add(request, envelope, result)
            result.add_done_callback(lambda _: self._wake())
            return None
        return self._reply(request, result)

    def _reply(self, request: wire.Request, outcome: dict[str, Any] | SelfeeRTError) -> bytes:
        """Encode and remember the reply to a request that was carried out or refused."""
        if isinstance(outcome, SelfeeRTError):
            reply = wire.Reply(request_id=request.request_id, ok=False, error=str(outcome))
        else:
            reply = wire.Reply(request_id=request.request_id, ok=True, result=outcome)
        return self._replies.keep(request, wire.encode(reply))


def _outcome(result: Future[dict[str, Any]]) -> dict[str, Any] | SelfeeRTError:
    """What came of a request; whatever else than a refusal it ended with is raised."""
    if not result.done():
        return ControlError("the session is ending, and this was not finished; nothing was changed")
    try:
        return result.result()
    except SelfeeRTError as refusal:
        return refusal
