"""What happens to the light when whoever should keep the board alive no longer does. By the board's own clock."""

import os
import subprocess
import sys
import time

import pytest

from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Train
from tests.support import ROOT, need_module

need_module("pty")
serial = need_module("serial")

from selfee_rt.trigger.board_messages import Kind, keep_alive, request  # noqa: E402
from selfee_rt.trigger.framing import encode  # noqa: E402
from selfee_rt.trigger.microcontroller import BAUD  # noqa: E402
from tests.trigger.board_user import pulse, user_of  # noqa: E402
from tests.trigger.simulated_board import SimulatedBoard  # noqa: E402

LONG = pulse(10_000_000)
TICK_US = 1000
"""A lease is counted in milliseconds, and ends up to one early."""
INTERRUPTS_US = 50
"""What the end of a lease waits for: interrupts that are being served, of the serial line and the sync output."""

KEEPS_LIGHT_ON = """
import sys, time
from tests.trigger.board_user import pulse, user_of

with user_of(sys.argv[1]) as user:
    user.arm()
    while True:
        user.fire(pulse(10_000_000))
        print(user.keep(), flush=True)
        time.sleep(0.01)
"""


@pytest.fixture
def board():
    with SimulatedBoard(slowdown=4) as board:
        yield board


@pytest.fixture
def armed(board):
    with user_of(board.port) as user:
        user.arm()
        yield user


def last_fall_us(board):
    return [us for us, level in board.edges("light") if not level][-1]


def wait_for_dark(board):
    """Nobody keeps the board's time now; a board that stays lit fails the test by time-out."""
    until = time.monotonic() + 60
    while board.level("light"):
        assert time.monotonic() < until, "the light stays on"
        time.sleep(0.01)


@pytest.mark.parametrize("lease_ms", [2, 20, 100])
def test_the_light_is_off_when_the_lease_ends_and_that_is_told_once(board, armed, lease_ms):
    armed.fire(LONG)
    kept_us = armed.keep(lease_ms)
    wait_for_dark(board)
    end_us = kept_us + lease_ms * 1000
    assert end_us - TICK_US <= last_fall_us(board) <= end_us + INTERRUPTS_US
    assert board.edges("copy") == board.edges("light")
    armed.keep()
    (trip,) = armed.trips()
    assert trip.why == "lease"
    assert 0 <= trip.device_us - last_fall_us(board) <= INTERRUPTS_US


def test_after_a_trip_it_is_still_armed_but_the_train_does_not_come_back(board, armed):
    armed.fire(Train(1000, 2000, 5000))
    armed.keep(0)
    dark_us = armed.keep()
    armed.keep_until(dark_us + 50_000)
    assert last_fall_us(board) < dark_us
    assert armed.fire(pulse(100)).outcome == "acknowledged"


def test_a_lease_of_nothing_ends_it_at_once(board, armed):
    armed.fire(LONG)
    assert last_fall_us(board) <= armed.keep(0)


def test_a_longer_lease_than_is_built_in_is_refused_and_prolongs_nothing(board, armed):
    armed.fire(LONG)
    kept_us = armed.keep()
    with pytest.raises(DeviceError, match="leases of 100 ms at most"):
        armed.keep(101)
    wait_for_dark(board)
    assert last_fall_us(board) <= kept_us + 100_000


def test_a_killed_computer_leaves_no_light_100_ms_later(board):
    """At the kill the board's time is at most what the wall clock makes it; what was written before is in by then."""
    command = [sys.executable, "-c", KEEPS_LIGHT_ON, board.port]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as session:
        for _ in range(10):
            assert session.stdout.readline(), "the child has ended"
        session.kill()
        killed_us = board.latest_us()
    wait_for_dark(board)
    assert last_fall_us(board) <= killed_us + 100_000 + TICK_US
    assert len(board.edges("light")) > 1


def test_a_pulled_cable_in_the_middle_of_a_frame_leaves_no_light_100_ms_later(board):
    with user_of(board.port) as user:
        user.arm()
        user.fire(LONG)
        kept_us = user.keep()
        user.driver._link._port.write(encode(request(Kind.KEEP_ALIVE, 999, keep_alive(100)))[:7])
        user.driver._link._port.close()
        wait_for_dark(board)
        assert last_fall_us(board) <= kept_us + 100_000
        with pytest.raises(DeviceLost):
            user.keep()


def test_afterwards_a_new_session_finds_it_disarmed_and_is_not_told_of_the_old_ones_trip(board):
    with user_of(board.port) as user:
        user.arm()
        user.fire(LONG)
        user.driver._link._port.close()
        wait_for_dark(board)
    with user_of(board.port) as user:
        user.keep()
        assert user.fire(pulse(100)).why == "it is disarmed"
        assert not user.trips()


def test_a_reset_in_the_middle_of_a_train_ends_it_and_is_noticed(board, armed):
    armed.fire(LONG)
    armed.keep()
    board.press_reset()
    with pytest.raises(DeviceLost, match=r"was reset|did not answer"):
        armed.keep_until(10**12)
    (_, reset_us) = board.resets_us()
    (_, rise, fall) = board.all_edges("light")
    assert rise[0] < reset_us
    assert 0 <= fall[0] - reset_us <= 5


def test_a_processor_that_loses_its_way_is_reset_by_its_watchdog_within_100_ms(board, armed):
    """Its interrupts are off by then, so no other guard is left."""
    armed.fire(LONG)
    armed.keep()
    board.lose_the_way()
    lost_us = board.latest_us()
    wait_for_dark(board)
    (_, reset_us) = board.resets_us()
    assert reset_us <= lost_us + 100_000
    assert 0 <= board.all_edges("light")[-1][0] - reset_us <= 5
    with pytest.raises(DeviceLost, match=r"was reset|did not answer"):
        armed.keep()
    armed.driver.close()
    with user_of(board.port) as user:
        assert user.fire(pulse(100)).why == "it is disarmed"


def test_the_announcement_of_a_reset_is_on_the_line(board):
    with serial.Serial(board.port, BAUD, timeout=60) as port:
        board.press_reset()
        assert b"selfeeRT" in port.read_until(b"selfeeRT")
