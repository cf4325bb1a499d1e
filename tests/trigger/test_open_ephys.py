"""What is special about Open Ephys."""

import json
import socket
import threading
from contextlib import ExitStack

import pytest

from selfee_rt.config import OpenEphysConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.trigger.open_ephys import OpenEphys
from tests.trigger.ephys import Gui, NetworkEvents
from tests.trigger.orders import limits, order, pulse


@pytest.fixture
def stack():
    with ExitStack() as made:
        yield made


@pytest.fixture
def gui(stack):
    made = Gui()
    stack.callback(made.close)
    return made


@pytest.fixture
def events(stack):
    made = NetworkEvents()
    stack.callback(made.close)
    return made


def connected(stack, http_port, events_port=None, **settings):
    settings = {"answer_within_ms": 500, "line": 3} | settings
    made = OpenEphys(OpenEphysConfig(name="ephys", http_port=http_port, events_port=events_port, **settings))
    stack.callback(made.close)
    return made


@pytest.fixture
def device(stack, gui, events):
    """With a line, armed."""
    made = connected(stack, gui.port, events.port)
    made.open()
    made.arm(limits())
    return made


def test_a_trial_is_a_line_that_goes_on_a_message_and_a_line_that_goes_off(gui, events, device):
    fired = order(pulse(5))
    device.fire(fired)
    off, on = "TTL Line=3 State=0", "TTL Line=3 State=1"
    assert events.heard == [off, off, on, off]  # opened, armed, and the train
    assert gui.requests == ["GET /api/status", "PUT /api/message"]
    (message,) = gui.messages
    assert json.loads(message)["trigger_id"] == fired.trigger.trigger_id


def test_a_sham_asks_questions_that_change_nothing(gui, events, device):
    device.fire(order(pulse(5), withheld=True))
    assert events.heard == ["TTL Line=3 State=0"] * 2 + ["IsAcquiring"]
    assert gui.requests == ["GET /api/status"] * 2
    assert gui.messages == []


def test_while_it_does_not_acquire_real_and_sham_are_refused_alike_and_the_line_is_off(gui, events, device):
    gui.mode = "IDLE"
    for withheld in (False, True):
        acknowledgement = device.fire(order(pulse(500), withheld=withheld))
        assert (acknowledgement.outcome, acknowledgement.why) == ("refused", "Open Ephys is not acquiring")
        assert not events.is_on
    assert gui.messages == []


def test_without_a_line_there_is_no_light_and_no_need_of_network_events(stack, gui):
    device = connected(stack, gui.port)
    assert not device.open().makes_light
    device.arm(limits())
    assert device.fire(order(pulse(5))).outcome == "acknowledged"
    assert len(gui.messages) == 1


def test_if_the_message_is_lost_the_line_is_switched_off(gui, events, device):
    gui.close()
    with pytest.raises(DeviceLost, match="Open Ephys"):
        device.fire(order(pulse(5000)))
    assert [state for _, state in events.states] == [0, 0, 1, 0]


@pytest.mark.parametrize("answer", ["NotHandled", "TTLHandled: Channel=1 on=0", "TTLHandled: Line=4 State=0"])
def test_a_plugin_that_does_something_else_is_told_apart_when_it_is_opened(stack, gui, answer):
    events = NetworkEvents(lambda line, state: answer)
    stack.callback(events.close)
    with pytest.raises(DeviceError, match="update the plugin"):
        connected(stack, gui.port, events.port).open()


def test_the_answers_of_older_plugins_are_understood(stack, gui):
    events = NetworkEvents(lambda line, state: f"TTLHandled: Channel={line} on={state}")
    stack.callback(events.close)
    connected(stack, gui.port, events.port).open()


def test_a_missing_plugin_is_noticed_when_it_is_opened(stack, gui):
    with pytest.raises(DeviceError, match="check that the plugin is in the signal chain"):
        connected(stack, gui.port, 1, answer_within_ms=50).open()


def test_a_late_answer_is_not_taken_for_that_of_the_next_question(stack, gui):
    go_on = threading.Event()
    events = NetworkEvents(lambda line, state: f"TTLHandled: Line={line} State={state}")
    stack.callback(events.close)
    device = connected(stack, gui.port, events.port, answer_within_ms=400)
    device.open()
    device.arm(limits())
    answer, slow = events.answer, [True]

    def once_late(line, state):
        if slow and slow.pop():
            go_on.wait(20)
        return answer(line, state)

    events.answer = once_late
    with pytest.raises(DeviceLost, match="did not answer"):
        device.fire(order(pulse(5)))
    soon = threading.Timer(0.1, go_on.set)
    soon.start()
    stack.callback(soon.join)
    device.arm(limits())  # asks while the answer that is too late is still to come
    assert device.fire(order(pulse(5))).outcome == "acknowledged"


def serve_once(stack, reply):
    """A server that answers every connection with `reply`."""
    listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    done = threading.Event()
    listening.settimeout(0.02)

    def run():
        while not done.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                connection.recv(1000)
                connection.sendall(reply)

    thread = threading.Thread(target=run)
    thread.start()
    stack.callback(thread.join)
    stack.callback(done.set)
    return listening.getsockname()[1]


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_what_is_not_open_ephys_is_told_apart_when_it_is_opened(stack, reply):
    with pytest.raises(DeviceError, match="is Open Ephys running"):
        connected(stack, serve_once(stack, reply)).open()
