"""Replies that come later: nobody else waits for them, and each asker gets exactly one."""

import threading
from concurrent.futures import Future

import pytest
import zmq

from selfee_rt.errors import ControlError
from tests.publish.clients import ask, connected, request, serving, strict_json


class Slow:
    """Stands in for a session: `label` is finished when the test says so, everything else at once."""

    def __init__(self) -> None:
        self.under_way: list[Future] = []
        self.came = threading.Semaphore(0)

    def __call__(self, verb: str, arguments: dict) -> dict | Future:
        if verb != "label":
            return {"index": 0, "at_ns": 1}
        self.under_way.append(Future())
        self.came.release()
        return self.under_way[-1]

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.came.acquire(timeout=20)


@pytest.fixture
def session() -> Slow:
    return Slow()


@pytest.fixture
def control(session: Slow):
    with serving(session) as control:
        yield control


@pytest.fixture
def dealer(control):
    with connected(zmq.DEALER, control.address) as socket:
        yield socket


def label(request_id: str, name: str = "rearing") -> bytes:
    return request("label", request_id=request_id, arena="a", label=name, last_s=1.0)


def replies(socket: zmq.Socket, count: int) -> dict[str, dict]:
    received = [strict_json(socket.recv()) for _ in range(count)]
    return {each["request_id"]: each for each in received}


def test_others_are_answered_meanwhile_and_the_reply_comes_when_it_is_done(dealer, session) -> None:
    dealer.send(label("slow"))
    session.wait()
    assert ask(dealer, request("status", request_id="quick"))["request_id"] == "quick"
    session.under_way[0].set_result({"exposures": 3})
    assert strict_json(dealer.recv()) == {"request_id": "slow", "ok": True, "result": {"exposures": 3}}


def test_a_refusal_may_come_later_too(dealer, session) -> None:
    dealer.send(label("slow"))
    session.wait()
    session.under_way[0].set_exception(ControlError("no room"))
    assert strict_json(dealer.recv()) == {"request_id": "slow", "ok": False, "error": "no room"}


def test_what_is_repeated_while_under_way_is_done_once_and_everybody_gets_the_reply(control, dealer, session) -> None:
    dealer.send(label("slow"))
    session.wait()
    with connected(zmq.REQ, control.address) as other:
        other.send(label("slow"))
        dealer.send(label("slow"))
        clash = ask(dealer, label("slow", "still"))
        assert "was used for another request" in clash["error"]
        with connected(zmq.REQ, control.address) as third:  # so the repetition has arrived, too
            ask(third, request("status"))
        session.under_way[0].set_result({"exposures": 3})
        assert strict_json(other.recv())["result"] == strict_json(dealer.recv())["result"] == {"exposures": 3}
    assert len(session.under_way) == 1
    assert ask(dealer, label("slow"))["result"] == {"exposures": 3}
    assert len(session.under_way) == 1


def test_results_that_come_out_of_order_reach_those_who_asked(dealer, session) -> None:
    names = [f"r{n}" for n in range(20)]
    for name in names:
        dealer.send(label(name))
    session.wait(20)
    for place in reversed(range(20)):
        session.under_way[place].set_result({"exposures": place})
    assert {name: each["result"]["exposures"] for name, each in replies(dealer, 20).items()} == {
        name: place for place, name in enumerate(names)
    }


def test_what_is_not_finished_at_the_end_is_refused(session) -> None:
    with serving(session) as control, connected(zmq.DEALER, control.address) as socket:
        socket.send(label("done"))
        socket.send(label("never"))
        session.wait(2)
        session.under_way[0].set_result({"exposures": 1})
        control.stop()
        control.stop()
        answered = replies(socket, 2)
    assert answered["done"]["ok"]
    assert "session is ending" in answered["never"]["error"]
    session.under_way[1].set_result({})  # its wake comes too late, and does no harm
