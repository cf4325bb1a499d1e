"""Where sockets may be bound."""

import socket as stdlib_socket
from pathlib import Path

import pytest
import zmq

from selfee_rt.config import CurveConfig, PublishConfig
from selfee_rt.errors import PublishError
from selfee_rt.publish import addresses
from selfee_rt.publish.addresses import bind, check_address, check_addresses
from selfee_rt.publish.curve import make_keys


@pytest.fixture
def socket():
    with zmq.Context() as context, context.socket(zmq.PUB) as socket:
        socket.linger = 0
        yield socket


def config(**changes) -> PublishConfig:
    return PublishConfig(**changes)


def test_the_default_addresses_have_no_problem() -> None:
    assert check_addresses(PublishConfig()) == []


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:5571", "tcp://127.0.0.1:*", "tcp://127.8.8.8:1", "tcp://[::1]:5571", "ipc:///tmp/x"]
)
def test_loopback_needs_no_keys(address: str) -> None:
    assert check_address("publish.observations", address, encrypted=False) is None


@pytest.mark.parametrize(
    "address",
    ["tcp://*:5571", "tcp://0.0.0.0:5571", "tcp://[::]:5571", "tcp://192.168.1.4:5571", "tcp://eth0:5571", "tcp://*:*"],
)
def test_beyond_loopback_needs_keys(address: str) -> None:
    problem = check_address("publish.observations", address, encrypted=False)
    assert problem is not None
    assert address in problem
    assert "selfee-rt keys" in problem
    assert check_address("publish.observations", address, encrypted=True) is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1:5571", "expected tcp://ADDRESS:PORT"),
        ("tcp://127.0.0.1", "expected tcp://ADDRESS:PORT"),
        ("tcp://127.0.0.1:five", "expected tcp://ADDRESS:PORT"),
        ("tcp://127.0.0.1:5571 ", "expected tcp://ADDRESS:PORT"),
        ("tcp://::1:5571", "expected tcp://ADDRESS:PORT"),
        ("udp://127.0.0.1:5571", "expected tcp://ADDRESS:PORT"),
        ("inproc://x", "expected tcp://ADDRESS:PORT"),
        ("", "expected tcp://ADDRESS:PORT"),
        ("ipc://", "names no path"),
        ("tcp://127.0.0.1:0", "port 0 does not exist"),
        ("tcp://127.0.0.1:65536", "port 65536 does not exist"),
        ("tcp://localhost:5571", "write tcp://127.0.0.1:5571"),
    ],
)
def test_what_is_not_an_address_is_said_to_be_none(address: str, why: str) -> None:
    for encrypted in (False, True):
        problem = check_address("publish.control", address, encrypted)
        assert problem is not None
        assert problem.startswith("publish.control is ")
        assert why in problem


def test_ipc_is_refused_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses.zmq, "has", lambda what: what != "ipc")
    problem = check_address("publish.control", "ipc:///tmp/x", encrypted=False)
    assert problem is not None
    assert "has no ipc" in problem


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("tcp://127.0.0.1:5571", "tcp://127.0.0.1:5571", True),
        ("tcp://127.0.0.1:5571", "tcp://127.0.0.2:5571", False),
        ("tcp://*:5571", "tcp://127.0.0.1:5571", True),
        ("tcp://127.0.0.1:*", "tcp://127.0.0.1:*", False),
        ("ipc:///tmp/x", "ipc:///tmp/x", True),
        ("ipc:///tmp/x", "tcp://127.0.0.1:1", False),
    ],
)
def test_two_sockets_at_one_address_are_a_problem(one: str, other: str, collide: bool) -> None:
    problems = check_addresses(config(observations=one, control=other, preview=None))
    assert any("would both be bound" in problem for problem in problems) == collide


def test_every_problem_is_found_at_once(tmp_path: Path) -> None:
    curve = CurveConfig(secret_key_file=tmp_path / "none.key_secret", client_keys_dir=tmp_path)
    problems = check_addresses(config(observations="tcp://x", control=None, preview="tcp://*:0", curve=curve))
    assert len(problems) == 4


def test_keys_that_exist_are_no_problem(tmp_path: Path) -> None:
    (secret,) = make_keys(tmp_path, ("session",))
    curve = CurveConfig(secret_key_file=secret, client_keys_dir=tmp_path)
    assert check_addresses(config(observations="tcp://*:5571", curve=curve)) == []


def test_binding_tells_which_port_was_free(socket: zmq.Socket) -> None:
    address = bind(socket, "tcp://127.0.0.1:*", "publish.control")
    assert addresses._TCP.fullmatch(address)
    assert int(address.rpartition(":")[2]) > 0


def test_ipv6_loopback_can_be_bound_where_there_is_one(socket: zmq.Socket) -> None:
    with stdlib_socket.socket(stdlib_socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("absent: IPv6 on this machine")
    assert bind(socket, "tcp://[::1]:*", "publish.control").startswith("tcp://[::1]:")


def test_an_address_of_another_computer_is_one_clear_error(socket: zmq.Socket) -> None:
    with pytest.raises(
        PublishError, match=r"publish.control to tcp://192.0.2.1:5571: this computer has no such address"
    ):
        bind(socket, "tcp://192.0.2.1:5571", "publish.control")


@pytest.mark.skipif(not zmq.has("ipc"), reason="no ipc here")
def test_an_ipc_path_that_exists_is_not_taken_over(socket: zmq.Socket, tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.touch()
    with pytest.raises(PublishError, match="the path exists; delete it"):
        bind(socket, f"ipc://{path}", "publish.control")
    path.unlink()
    assert bind(socket, f"ipc://{path}", "publish.control") == f"ipc://{path}"
