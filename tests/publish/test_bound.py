"""A bound socket gives what is queued time to leave, and no more than that."""

import logging
import threading

import pytest
import zmq

from selfee_rt.publish.bound import BoundSocket
from tests.publish.clients import connected


def test_what_is_queued_leaves_before_the_socket_is_closed() -> None:
    bound = BoundSocket(zmq.PUSH, "tcp://127.0.0.1:*", "publish.control", None, {zmq.SNDHWM: 1000})
    n, payload = 300, bytes(128 * 1024)
    with connected(zmq.PULL, bound.address, rcvhwm=1000) as reader:
        for _ in range(n):
            bound.socket.send(payload)
        bound.close(linger_ms=20_000)
        assert sum(len(reader.recv()) for _ in range(n)) == n * len(payload)


def test_a_reader_that_takes_nothing_does_not_hold_up_closing_for_ever() -> None:
    bound = BoundSocket(zmq.PUSH, "tcp://127.0.0.1:*", "publish.control", None, {zmq.SNDHWM: 1000})
    with connected(zmq.PULL, bound.address, rcvhwm=1):
        for _ in range(300):
            bound.socket.send(bytes(128 * 1024))
        bound.close(linger_ms=100)
        bound.close()


class NeverEnds:
    """A context whose ending hangs, as libzmq's sometimes does."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked = 0

    def term(self) -> None:
        self.asked += 1
        self.released.wait()


def test_a_zeromq_that_never_ends_does_not_keep_the_session_from_ending(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("selfee_rt.publish.bound.PATIENCE_S", 0.1)
    bound = BoundSocket(zmq.PUB, "tcp://127.0.0.1:*", "publish.observations", None, {})
    real, bound.context = bound.context, NeverEnds()
    with caplog.at_level(logging.WARNING):
        bound.close(linger_ms=0)
        bound.close(linger_ms=0)
    assert bound.context.asked == 1
    assert f"ZeroMQ did not end at {bound.address}" in caplog.text
    bound.context.released.set()
    bound._ending.join()
    real.term()
