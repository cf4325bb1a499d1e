"""Control over real sockets on loopback."""

import json
import threading

import jsonschema
import numpy as np
import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.errors import ControlError, PublishError, RecordingFailed
from selfee_rt.publish.control import Control
from selfee_rt.publish.parse import LARGEST_REQUEST
from tests.publish import samples
from tests.publish.clients import ask, connected, request, serving, strict_json
from tests.support import ROOT

REPLY = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schemas/reply.json").read_text(encoding="utf-8")))


class Recorder:
    """Stands in for a session: remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict]] = []

    def __call__(self, verb: str, arguments: dict) -> dict:
        """Execute, or refuse, as the text says."""
        self.asked.append((verb, arguments))
        match arguments.get("text"):
            case "refuse":
                raise ControlError("no such arena; expected a or ab")
            case "disk":
                raise RecordingFailed("the disk is full")
        return {"index": np.int64(len(self.asked)), "at_ns": 5, "score": float("nan")}


@pytest.fixture
def session() -> Recorder:
    return Recorder()


@pytest.fixture
def control(session: Recorder):
    with serving(session) as control:
        yield control


@pytest.fixture
def dealer(control: Control):
    with connected(zmq.DEALER, control.address) as socket:
        yield socket


def refusal(socket: zmq.Socket, message: bytes) -> str:
    reply = ask(socket, message)
    REPLY.validate(reply)
    assert not reply["ok"]
    assert "result" not in reply
    return reply["error"]


@pytest.mark.parametrize("kind", [zmq.DEALER, zmq.REQ])
def test_dealer_and_req_clients_are_answered(control: Control, kind: int) -> None:
    with connected(kind, control.address) as socket:
        reply = ask(socket, request("stop", request_id="one"))
    REPLY.validate(reply)
    assert reply == {"request_id": "one", "ok": True, "result": {"index": 1, "at_ns": 5, "score": None}}


def test_a_dealer_that_sends_an_empty_delimiter_gets_it_back(dealer: zmq.Socket) -> None:
    dealer.send_multipart([b"", request("status")])
    delimiter, reply = dealer.recv_multipart()
    assert delimiter == b""
    assert strict_json(reply)["ok"]


def test_arguments_arrive_complete_with_their_defaults(dealer: zmq.Socket, session: Recorder) -> None:
    ask(dealer, request("history", arena="a"))
    defaults = {"observations": 300, "bouts": 100, "before_index": None, "every": 1}
    assert session.asked == [("history", defaults | {"arena": "a"})]


def test_a_repeated_request_gets_the_first_reply_and_is_not_done_again(control: Control, session: Recorder) -> None:
    message = request("mark", request_id="once", text="x")
    replies = []
    for _ in range(2):  # a client that lost its connection comes back with another identity
        with connected(zmq.REQ, control.address) as socket:
            replies.append(ask(socket, message))
    assert replies[0] == replies[1]
    assert len(session.asked) == 1


def test_a_refusal_is_repeated_too(dealer: zmq.Socket, session: Recorder) -> None:
    message = request("mark", request_id="once", text="refuse")
    assert refusal(dealer, message) == refusal(dealer, message) == "no such arena; expected a or ab"
    assert len(session.asked) == 1


def test_an_id_used_for_another_request_is_refused(dealer: zmq.Socket, session: Recorder) -> None:
    ask(dealer, request("mark", request_id="once", text="x"))
    assert "'once' was used for another request" in refusal(dealer, request("mark", request_id="once", text="y"))
    assert len(session.asked) == 1


def test_other_errors_of_ours_are_refusals_too(dealer: zmq.Socket) -> None:
    assert refusal(dealer, request("mark", text="disk")) == "the disk is full"


@pytest.mark.parametrize("token", ["", "Secret", "secret ", "sécret"])
def test_a_wrong_token_is_refused_and_nothing_is_done(dealer: zmq.Socket, session: Recorder, token: str) -> None:
    assert refusal(dealer, request("stop", token=token)).startswith("wrong token; send the one in the file")
    assert session.asked == []


def test_a_wrong_token_does_not_get_a_remembered_reply(dealer: zmq.Socket) -> None:
    ask(dealer, request("status", request_id="mine"))
    assert "wrong token" in refusal(dealer, request("status", request_id="mine", token="guess"))


def test_an_unknown_verb_is_refused_with_the_list_of_verbs(dealer: zmq.Socket) -> None:
    error = refusal(dealer, request("explode"))
    assert "unknown verb 'explode'" in error
    assert all(verb in error for verb in wire.VERBS)


@pytest.mark.parametrize(
    ("verb", "arguments", "why"),
    [
        ("mark", {}, "missing required field `text`"),
        ("mark", {"text": ""}, "length >= 1"),
        ("mark", {"text": "x", "colour": "red"}, "unknown field `colour`; it takes text, arena"),
        ("set_threshold", {"detector": "selfee", "threshold": "high"}, "Expected `float | null`, got `str`"),
        ("history", {"observations": 10_001}, "<= 10000"),
        ("stop", {"now": True}, "unknown field `now`; it takes no arguments"),
    ],
)
def test_wrong_arguments_are_refused_by_name(dealer: zmq.Socket, session: Recorder, verb, arguments, why) -> None:
    assert why in refusal(dealer, request(verb, **arguments))
    assert session.asked == []


def test_a_refused_request_may_be_corrected_under_its_id(dealer: zmq.Socket) -> None:
    refusal(dealer, request("mark", request_id="once"))
    assert ask(dealer, request("mark", request_id="once", text="x"))["ok"]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "not JSON"),
        (b"stop", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"request_id": "x", "token": "secret", "verb": "\xff"}', "not JSON"),
        (b"[" * 20_000, "not a request"),
        (b'{"request_id": "x", "token": "secret", "verb": "mark", "arguments": {"text": ' + b"[" * 20_000, "not JSON"),
        (b'{"request_id": 5, "token": "secret", "verb": "stop"}', "Expected `str`, got `int` - at `$.request_id`"),
        (b'{"request_id": "", "token": "secret", "verb": "stop"}', "length >= 1"),
        (b'{"request_id": "x", "token": "secret", "verb": "stop", "now": 1}', "unknown field `now`"),
        (b" " * (LARGEST_REQUEST + 1), f"has {LARGEST_REQUEST + 1} bytes; send at most {LARGEST_REQUEST}"),
    ],
)
def test_what_is_not_a_request_is_refused_and_the_next_one_served(dealer: zmq.Socket, message: bytes, why: str) -> None:
    assert why in refusal(dealer, message)
    assert ask(dealer, request("status"))["ok"]


def test_a_refusal_names_the_request_where_its_id_can_be_read(dealer: zmq.Socket) -> None:
    assert ask(dealer, b'{"request_id": "x", "verb": "stop"}')["request_id"] == "x"
    assert ask(dealer, b'{"request_id": 7, "verb": "stop"}')["request_id"] is None


def test_several_frames_are_refused(dealer: zmq.Socket) -> None:
    dealer.send_multipart([request("status"), request("stop")])
    assert "one frame of JSON, got 2" in strict_json(dealer.recv())["error"]


def test_a_huge_frame_costs_its_sender_the_connection_and_nobody_else(control: Control, session: Recorder) -> None:
    with connected(zmq.DEALER, control.address) as rude, connected(zmq.DEALER, control.address) as polite:
        rude.send(b" " * (4 << 20))
        assert ask(polite, request("status"))["ok"]
        assert not rude.poll(200)
    assert len(session.asked) == 1


ANYTHING = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["request_id", "token", "verb", "arguments", "x"]), inner, max_size=5)
        ),
    ).map(lambda value: json.dumps(value).encode()),
)


def test_anything_at_all_gets_one_reply(dealer: zmq.Socket, session: Recorder) -> None:
    @settings(max_examples=200, deadline=None)
    @given(data=ANYTHING)
    def refused(data: bytes) -> None:
        refusal(dealer, data)

    refused()
    assert session.asked == []


def test_a_client_that_leaves_before_its_reply_disturbs_nobody(control: Control, session: Recorder) -> None:
    with connected(zmq.DEALER, control.address, linger=1000) as leaving:
        leaving.send(request("stop"))
    with connected(zmq.DEALER, control.address) as staying:
        assert ask(staying, request("status"))["ok"]


def test_a_fault_in_the_session_ends_serving_loudly_and_frees_the_address() -> None:
    def broken(verb: str, arguments: dict) -> dict:
        raise ZeroDivisionError

    faults: list[BaseException] = []
    control = Control(samples.ANYWHERE, "secret", broken)

    def serve() -> None:
        try:
            control.serve()
        except ZeroDivisionError as error:
            faults.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    with connected(zmq.DEALER, control.address) as socket:
        socket.send(request("stop"))
        thread.join()
    assert len(faults) == 1
    Control(samples.ANYWHERE.model_copy(update={"control": control.address}), "secret", broken).close()


def test_stop_before_serve_and_twice_and_after_the_end_is_allowed() -> None:
    control = Control(samples.ANYWHERE, "secret", Recorder())
    control.stop()
    control.stop()
    control.serve()
    control.stop()
    control.close()


def test_a_control_that_never_served_is_closed_by_hand() -> None:
    control = Control(samples.ANYWHERE, "secret", Recorder())
    control.close()
    control.close()


def test_the_reply_to_a_request_that_stops_the_session_still_arrives() -> None:
    def execute(verb: str, arguments: dict) -> dict:
        control.stop()
        return {"index": None, "at_ns": 1}

    with serving(execute) as control, connected(zmq.REQ, control.address) as socket:
        assert ask(socket, request("stop"))["ok"]


def test_a_port_in_use_is_one_clear_error(control: Control) -> None:
    with pytest.raises(PublishError, match=r"cannot bind publish.control .* in use"):
        Control(samples.ANYWHERE.model_copy(update={"control": control.address}), "secret", Recorder())
