"""Serial ports as `selfee-rt devices` lists them."""

import pytest

from tests.support import need_module

need_module("serial")

from serial.tools.list_ports_common import ListPortInfo  # noqa: E402

from selfee_rt.trigger import ports  # noqa: E402


def port(name, description, hwid):
    made = ListPortInfo(name)
    made.description, made.hwid = description, hwid
    return made


@pytest.fixture
def three_ports(monkeypatch):
    """Two boards, and a port of the mainboard with nothing behind it."""
    found = [
        port("/dev/ttyUSB0", None, "USB VID:PID=0403:6001"),
        port("/dev/ttyS0", "n/a", "n/a"),
        port("/dev/ttyACM0", "Arduino Uno", "USB VID:PID=2341:0043"),
    ]
    monkeypatch.setattr(ports, "comports", lambda: found)


def test_ports_with_something_behind_them_are_listed_by_name(three_ports):
    assert ports.serial_ports() == (ports.PortInfo("/dev/ttyACM0", "Arduino Uno"), ports.PortInfo("/dev/ttyUSB0", ""))


def test_listing_the_ports_of_this_computer_raises_nothing():
    assert all(each.port for each in ports.serial_ports())
