"""The firmware on the serial line: retransmission, garbage, throughput, what it reports, and how it is built."""

import subprocess
import time
from itertools import pairwise
from random import Random
from struct import pack

import pytest

from tests.support import need_module, need_tool

need_module("pty")
serial = need_module("serial")

from selfee_rt.trigger.board_messages import Kind, Status, answer, arm, fire, keep_alive, request  # noqa: E402
from selfee_rt.trigger.framing import Decoder, encode  # noqa: E402
from selfee_rt.trigger.microcontroller import BAUD  # noqa: E402
from tests.trigger.board_user import GENEROUS, pulse, user_of  # noqa: E402
from tests.trigger.simulated_board import FIRMWARE, HEX, SimulatedBoard  # noqa: E402

BUILT_WITH = "5.4.0"
"""The avr-gcc that the prebuilt firmware was built with; another makes other, equally good, bytes."""


@pytest.fixture
def board():
    with SimulatedBoard(slowdown=4) as board:
        yield board


class Line:
    """Bytes of one's own on the serial line."""

    def __init__(self, port):
        self.serial = serial.Serial(port, BAUD, timeout=60)
        self._decoder = Decoder()
        self._bodies = []

    def ask(self, data):
        """The next body that comes after sending this; None: none comes for as long as the time-out."""
        self.serial.write(data)
        while not self._bodies:
            heard = self.serial.read(max(1, self.serial.in_waiting))
            if not heard:
                return None
            self._bodies += self._decoder.push(heard)
        return self._bodies.pop(0)


@pytest.fixture
def line(board):
    with user_of(board.port):
        pass  # it has booted
    line = Line(board.port)
    yield line
    line.serial.close()


def arm_and_keep(line):
    line.ask(encode(request(Kind.ARM, 2, arm(GENEROUS))))
    line.ask(encode(request(Kind.KEEP_ALIVE, 3, keep_alive(100))))


def test_a_request_that_comes_twice_is_carried_out_once_and_answered_alike(board, line):
    arm_and_keep(line)
    frame = encode(request(Kind.FIRE, 4, fire(pulse(100), withheld=False)))
    first = line.ask(frame)
    assert answer(first).status == Status.DONE
    assert [line.ask(frame) for _ in range(10)] == [first] * 10
    assert answer(line.ask(encode(request(Kind.DISARM, 5)))).device_us > answer(first).device_us + 1000
    assert len([level for _, level in board.edges("light") if level]) == 1


def test_events_are_told_again_when_their_telling_was_lost(line):
    frame = encode(request(Kind.KEEP_ALIVE, 7, keep_alive(0)))
    arm_and_keep(line)
    told = line.ask(frame)
    assert answer(told).more[:2] == b"\x01\x02"
    assert line.ask(frame) == told
    assert answer(line.ask(encode(request(Kind.KEEP_ALIVE, 8, keep_alive(0))))).more == b"\x00"


@pytest.mark.parametrize(
    "body",
    [b"", b"\x03", b"\x03\x00", b"\x83\x00\x00"],
    ids=["empty", "type alone", "half a number", "an answer"],
)
def test_what_is_no_request_changes_nothing(line, body):
    line.serial.write(encode(body))
    said = answer(line.ask(encode(request(Kind.RELEASE, 9))))
    assert said.number in (0, 9)


@pytest.mark.parametrize(
    "body",
    [
        pack("<BH", 0, 5),
        pack("<BH", 8, 5),
        pack("<BH", 127, 5),
        request(Kind.FIRE, 5),
        request(Kind.FIRE, 5, bytes(14)),
        request(Kind.KEEP_ALIVE, 5, bytes(1)),
        request(Kind.HELLO, 5, bytes(40)),
    ],
    ids=lambda body: body[:6].hex(),
)
def test_an_unknown_request_or_one_of_the_wrong_length_is_refused(line, body):
    said = answer(line.ask(encode(body)))
    assert (said.number, said.status) == (5, Status.UNKNOWN)


def test_garbage_of_all_kinds_costs_no_frame_that_follows(line):
    random = Random(1)
    for number in range(10, 200):
        line.serial.write(random.randbytes(random.randrange(90)))
        said = answer(line.ask(encode(request(Kind.RELEASE, number))))
        assert (said.number, said.status) == (number, Status.DONE)


def test_more_requests_than_it_can_take_break_nothing(board, line):
    """Some are lost, none is garbled, it is not reset, and it goes on."""
    flood = range(1000, 1400)
    line.serial.write(b"".join(encode(request(Kind.RELEASE, number)) for number in flood))
    line.serial.timeout = 0.5
    numbers = []
    while not numbers or numbers[-1] != 2000:
        said = line.ask(encode(request(Kind.DISARM, 2000)))
        numbers += [] if said is None else [answer(said).number]
    assert set(numbers) <= {*flood, 2000}
    assert len(numbers) > 10


def test_a_thousand_marks_are_all_answered_and_all_seen(board):
    with user_of(board.port) as user:
        marks = []
        for _ in range(1000):
            user.watch_until((marks[-1] if marks else 0) + 1100)
            marks.append(user.driver.mark().device_us)
        user.watch_until(marks[-1] + 1100)
    seen = [us for us, level in board.edges("copy") if level]
    assert len(seen) == 1000
    assert all(0 <= us - mark <= 4 for us, mark in zip(seen, marks, strict=True))


def test_sync_edges_reported_are_those_that_were_there_at_random_distances():
    with SimulatedBoard() as board, user_of(board.port) as user:
        while len(user.sync_edges()) < 6:
            user.keep()
        seen = [us for us, level in board.edges("sync") if level]
        lengths = [stop - start for (start, level), (stop, _) in pairwise(board.edges("sync")) if level]
        told = user.sync_edges()
    assert [edge.number for edge in told] == list(range(6))
    assert all(abs(us - edge.device_us) <= 4 for us, edge in zip(seen, told, strict=False))
    gaps = [later.device_us - earlier.device_us for earlier, later in pairwise(told)]
    assert all(490_000 < gap < 1_540_000 for gap in gaps)
    assert len({gap // 1000 for gap in gaps}) > 3
    assert all(9_900 < length < 10_100 for length in lengths)


def test_edges_of_the_time_in_which_nobody_asked_are_told_later():
    with SimulatedBoard() as board:
        while len(board.edges("sync")) < 7:
            time.sleep(0.01)
        with user_of(board.port) as user:
            user.keep()
            user.keep()
            told = user.sync_edges()
    assert [edge.number for edge in told[:3]] == [0, 1, 2]


def first_sync_edge_ms(board):
    with user_of(board.port) as user:
        while not user.sync_edges():
            user.keep()
    return user.sync_edges()[0].device_us // 1000


def test_each_reset_has_a_sync_sequence_of_its_own():
    with SimulatedBoard() as board:
        found = []
        for n in range(1, 4):
            found.append(first_sync_edge_ms(board))
            board.press_reset()
            while len(board.resets_us()) <= n:
                time.sleep(0.01)
    assert len(set(found)) == 3


def test_resets_are_counted(board):
    with user_of(board.port) as user:
        before = user.driver._link._resets
    board.press_reset()
    while len(board.resets_us()) < 2:
        time.sleep(0.01)
    with user_of(board.port) as user:
        assert user.driver._link._resets == before + 1


def test_the_clock_goes_on_when_its_32_bits_wrap_and_trains_run_across_it(tmp_path):
    """36 minutes after a reset; this firmware begins shortly before."""
    with SimulatedBoard(rebuilt(tmp_path, "-DFIRST_LAP=0xFFE8UL"), slowdown=4) as board, user_of(board.port) as user:
        begin_us = 0xFFE8 * 65536 // 2
        wrap_us = 2**32 // 2
        user.arm()
        user.keep_until(wrap_us - 60_000)
        train = pulse(80_000)
        first_us = user.play(train)
        assert first_us < wrap_us < first_us + train.length_us < user.keep()
        (rise, fall) = board.edges("light")[1:]
        assert 0 <= rise[0] + begin_us - first_us <= 4
        assert 0 <= fall[0] + begin_us - (first_us + 80_000) <= 4


def rebuilt(folder, more=""):
    """The firmware from its sources."""
    need_tool("avr-gcc")
    make = need_tool("make")
    made = subprocess.run(
        [make, "-C", str(FIRMWARE), f"BUILD={folder}", f"MORE={more}", f"{folder}/{HEX.name}"],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    return folder / HEX.name


def test_the_prebuilt_firmware_is_what_its_sources_make(tmp_path):
    version = subprocess.run([need_tool("avr-gcc"), "-dumpversion"], capture_output=True, text=True).stdout.strip()
    if version != BUILT_WITH:
        pytest.skip(f"the prebuilt firmware was built with avr-gcc {BUILT_WITH}, this is {version}")
    assert rebuilt(tmp_path).read_bytes() == HEX.read_bytes()


@pytest.mark.parametrize("more", ["-DMAX_LEASE_MS=101", "-DMIN_PULSE_US=10", "-DMAX_DUTY_PERCENT=0"])
def test_limits_that_would_be_unsafe_do_not_build(tmp_path, more):
    need_tool("avr-gcc")
    with pytest.raises(AssertionError, match=r"limits\.h: expected"):
        rebuilt(tmp_path, more)
