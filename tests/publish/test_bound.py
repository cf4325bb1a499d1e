"""A bound socket gives what is queued time to leave, and no more than that."""

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
