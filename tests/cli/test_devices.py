"""`selfee-rt devices`: ports are listed without being opened; a port that is named is asked who is there."""

import sys
import tomllib

import pytest

from selfee_rt.config import parse
from tests.cli.test_bad_input import refused
from tests.cli.test_live import done
from tests.support import need_module

need_module("serial")
need_module("pty")
from selfee_rt.trigger import ports  # noqa: E402
from selfee_rt.trigger.ports import PortInfo  # noqa: E402
from tests.trigger.board_peer import BoardPeer, answer  # noqa: E402


@pytest.fixture
def plugged(monkeypatch):
    """Have these ports plugged in."""
    return lambda *found: monkeypatch.setattr(ports, "serial_ports", lambda: found)


def test_ports_are_listed_with_the_lines_that_name_them_and_none_is_opened(plugged, tmp_path):
    with BoardPeer() as board:
        plugged(PortInfo(board.port, "Arduino Uno"), PortInfo(r"\\.\COM12", ""))
        output = done("devices")
        assert not board.requests
    assert "Arduino Uno" in output
    lines = [line[4:] for line in output.splitlines() if line.startswith("    ")]
    sections = tomllib.loads("\n".join(lines))["device"]
    assert [each["port"] for each in sections] == [board.port, r"\\.\COM12"]
    for section in sections:
        document = {"source": {"kind": "synthetic"}, "device": [section]}
        assert parse(document, where="test", base=tmp_path).device[0].kind == "microcontroller"


def test_without_any_port_that_is_said(plugged):
    plugged()
    assert "no serial port found" in done("devices")
    assert "no serial port found" in done("devices", "--ask-all")


def test_a_port_that_is_named_is_asked_who_is_there_and_left_disarmed(plugged):
    with BoardPeer() as board:
        output = done("devices", board.port)
        assert "firmware 1.0" in output
        assert "built in: pulses last" in output
        assert [body[0] for body in board.requests][-1] == 5, "the last word is to disarm"


def test_every_port_is_asked_where_that_is_asked_for(plugged, monkeypatch):
    monkeypatch.setattr("selfee_rt.cli.devices.WAIT_S", 0.3)
    with BoardPeer() as ours, BoardPeer(behave=lambda *_: [b"hello, i am a thermometer\n"]) as other:
        plugged(PortInfo(ours.port, ""), PortInfo(other.port, ""))
        output = done("devices", "--ask-all")
    assert f"{ours.port}: microcontroller on {ours.port}, firmware 1.0" in output
    assert f"{other.port}: what is on {other.port} sent" in output


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (lambda *_: (), "answered"),
        (lambda kind, number: [answer(kind, number, more=b"something else")], "not this project's firmware"),
    ],
)
def test_a_port_without_a_board_of_ours_says_what_is_there(monkeypatch, behave, said):
    monkeypatch.setattr("selfee_rt.cli.devices.WAIT_S", 0.3)
    with BoardPeer(behave=behave) as board:
        assert said in done("devices", board.port)


def test_a_port_that_there_is_not_is_said_with_those_there_are(plugged, tmp_path):
    assert "there is no serial port" in done("devices", tmp_path / "ttyACM9")


def test_without_pyserial_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "selfee_rt.trigger.ports", None)
    assert "selfee-rt[devices]" in refused("devices")
