"""What is special about Open Sound Control."""

import socket
import time

import pytest

from selfee_rt.config import OscConfig
from tests.support import need_module
from tests.trigger.orders import limits, order, pulse
from tests.trigger.waiting import eventually

need_module("pythonosc")
from selfee_rt.trigger.osc import Osc  # noqa: E402
from tests.trigger.listener import Listener  # noqa: E402

ADDRESS = "/rig/light"


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def device(listener):
    made = Osc(OscConfig(name="osc", port=listener.port, address=ADDRESS))
    made.open()
    made.arm(limits())
    yield made
    made.close()


def test_the_start_tells_everything_about_the_train_and_the_end_is_off(listener, device):
    fired = order(pulse(5), rule="licht für Fliegen")
    device.fire(fired)
    start = (ADDRESS, 1, fired.trigger.trigger_id, "licht für Fliegen", "left", 5.0, 5.0, 1)
    opened = armed = end = (ADDRESS, 0, 0, "", "", 0.0, 0.0, 0)
    assert eventually(lambda: listener.heard == [opened, armed, start, end])


def test_a_sham_sends_nothing_neither_at_its_start_nor_at_its_end(listener, device):
    assert eventually(lambda: len(listener.heard) == 2)
    device.fire(order(pulse(5), withheld=True))
    device.fire(order(pulse(5)))
    assert eventually(lambda: len(listener.heard) == 4)
    assert [state for _, state, *_ in listener.heard[2:]] == [1, 0]


def test_a_train_that_was_released_sends_no_second_zero(listener, device):
    device.fire(order(pulse(60)))
    device.release()
    for _ in range(8):
        device.keep_alive(100)
        time.sleep(0.02)
    device.fire(order(pulse(5000)))
    assert eventually(lambda: [state for _, state, *_ in listener.heard] == [0, 0, 1, 0, 1])


def test_the_bytes_of_the_end_are_those_of_the_specification():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(20)
        device = Osc(OscConfig(name="osc", port=receiver.getsockname()[1], address=ADDRESS))
        device.open()
        device.close()
        for _ in range(2):
            assert receiver.recv(100) == b"/rig/light\0\0" + b",iissffi" + bytes(4) + bytes(7 * 4)
