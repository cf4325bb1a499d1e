"""Plain pyzmq clients for tests; whatever they open is closed at the end."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import zmq

from selfee_rt.config import PublishConfig
from selfee_rt.publish.control import Control, Execute
from selfee_rt.publish.publisher import Publisher
from tests.publish.samples import ANYWHERE

PATIENCE_S = 20


@contextmanager
def connected(kind: int, address: str, *, topics: tuple[str, ...] = (), **options) -> Iterator[zmq.Socket]:
    """A client socket in a context of its own."""
    context = zmq.Context()
    socket = context.socket(kind)
    socket.linger = 0
    socket.rcvtimeo = PATIENCE_S * 1000
    for name, value in options.items():
        setattr(socket, name, value)
    for topic in topics:
        socket.subscribe(topic)
    socket.connect(address)
    try:
        yield socket
    finally:
        socket.close()
        context.term()


@contextmanager
def subscribed(publisher: Publisher, *topics: str, **options) -> Iterator[zmq.Socket]:
    """A subscriber whose subscription has arrived; what it got until then is thrown away."""
    with connected(zmq.SUB, publisher.address, topics=("session", *topics), **options) as socket:
        wait_until_heard(publisher, socket)
        yield socket


def wait_until_heard(publisher: Publisher, socket: zmq.Socket) -> None:
    """Repeat the session message (its seconds passing fast) until `socket` has it, then empty `socket`."""
    deadline = time.monotonic() + PATIENCE_S
    while not socket.poll(20):
        assert time.monotonic() < deadline, "the subscription never arrived"
        wait_until_heard.now_ns += 2_000_000_000
        publisher.tick(wait_until_heard.now_ns)
    while socket.poll(100):
        socket.recv_multipart()


wait_until_heard.now_ns = 10**15


def receive(socket: zmq.Socket) -> tuple[str, dict]:
    """The next JSON message: topic and payload; nothing that JSON does not know may be in it."""
    topic, payload = socket.recv_multipart()
    return topic.decode(), strict_json(payload)


def strict_json(payload: bytes) -> dict:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(payload, parse_constant=refuse)


def request(verb: str, token: str = "secret", request_id: str | None = None, **arguments) -> bytes:
    document = {"request_id": request_id or str(uuid.uuid4()), "token": token, "verb": verb, "arguments": arguments}
    return json.dumps(document).encode()


def ask(socket: zmq.Socket, message: bytes) -> dict:
    """Send one request and wait for its reply."""
    socket.send(message)
    return strict_json(socket.recv())


@contextmanager
def serving(execute: Execute, config: PublishConfig = ANYWHERE) -> Iterator[Control]:
    """A control that serves in a thread of its own, with the token "secret"."""
    control = Control(config, "secret", execute)
    thread = threading.Thread(target=control.serve)
    thread.start()
    try:
        yield control
    finally:
        control.stop()
        thread.join()
