"""What is special about boards that speak DeepLabCut-Live's serial protocol."""

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import DlcLiveSerialConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Train
from selfee_rt.trigger.dlclive_words import LONGEST_MS, command, spoken, unspeakable
from tests.support import need_module
from tests.trigger.orders import limits, order, pulse
from tests.trigger.waiting import eventually

need_module("serial")
need_module("pty")
from selfee_rt.trigger.dlclive_serial import DlcLiveSerial  # noqa: E402
from tests.trigger.teensy import Teensy  # noqa: E402

KNOCK = b"O\xe8\x03\x00\x00\x01\x00"
"""1000 Hz, 0 ms, 1 ms: no light."""
FORTY_HZ = Train(width_us=5_000, period_us=25_000, pulses=20)


@pytest.fixture
def board():
    made = Teensy()
    yield made
    made.close()


def device(board, **settings):
    return DlcLiveSerial(DlcLiveSerialConfig(name="laser", port=board.port, **({"answer_within_ms": 500} | settings)))


@pytest.fixture
def armed(board):
    made = device(board)
    made.open()
    made.arm(limits())
    yield made
    made.close()


def test_the_bytes_on_the_wire(board, armed):
    armed.fire(order(FORTY_HZ))
    armed.release()
    armed.fire(order(pulse(300)))
    armed.close()
    train, single = b"O\x28\x00\x05\x00\xe0\x01", b"O\xe8\x03\x01\x00\x2c\x01"  # 40 Hz, 5 ms, 480 ms; on for 300 ms
    assert eventually(lambda: board.heard == KNOCK + b"X" + b"X" + train + b"X" + single + b"X")


def test_a_sham_asks_for_the_same_train_with_pulses_of_no_width(board, armed):
    armed.fire(order(FORTY_HZ, withheld=True))
    assert board.heard.endswith(b"O\x28\x00\x00\x00\xe0\x01")
    assert not board.is_on


def test_a_board_that_never_answers_is_told_nothing_of_a_sham_and_not_knocked_at(board):
    silent = device(board, answers=False, boot_s=0)
    silent.open()
    silent.arm(limits())
    silent.fire(order(FORTY_HZ, withheld=True))
    silent.close()
    assert eventually(lambda: board.heard == b"XXX")  # open, arm, close


def test_a_board_that_is_still_booting_is_waited_for():
    board = Teensy(boot_s=0.6)
    late = device(board, boot_s=5)
    try:
        late.open()
        assert board.heard == KNOCK or board.heard == KNOCK + b"X"
    finally:
        late.close()
        board.close()


@pytest.mark.parametrize("answer", [lambda *words: "", lambda *words: "Grbl 1.1h ['$' for help]\r\n"])
def test_what_speaks_another_protocol_or_none_is_told_apart_when_it_is_opened(answer):
    board = Teensy(answer=answer)
    try:
        with pytest.raises(DeviceError, match="answers = false"):
            device(board, boot_s=0.1).open()
    finally:
        board.close()


def test_a_board_that_understood_something_else_is_switched_off_and_lost(board, armed):
    board.answer = lambda frequency, width, duration: f"{frequency},{width},65355\n"
    with pytest.raises(DeviceLost, match="an answer to something else"):
        armed.fire(order(FORTY_HZ))
    assert eventually(lambda: board.heard.endswith(b"X") and not board.is_on)


def test_a_late_answer_is_not_taken_for_that_of_the_next_command(board, armed):
    board.answer = lambda *words: ""
    with pytest.raises(DeviceLost):
        armed.fire(order(pulse(20)))
    board.answer = lambda frequency, width, duration: f"{frequency},{width},{duration}\n"
    board.say("1000,1,20\n")
    armed.arm(limits())
    assert armed.fire(order(FORTY_HZ)).outcome == "acknowledged"


def test_a_train_without_words_is_refused_and_costs_nothing(board, armed):
    armed.arm(limits(light_budget_us=FORTY_HZ.light_us))
    for train in (pulse(LONGEST_MS + 1), Train(5_500, 25_000, 2), Train(5_000, 24_300, 2)):
        acknowledgement = armed.fire(order(train))
        assert acknowledgement.outcome == "refused"
        assert "whole Hz" in acknowledgement.why
    assert armed.fire(order(FORTY_HZ)).outcome == "acknowledged"
    assert board.commands == [(1000, 0, 1), (40, 5, 480)]


@pytest.mark.parametrize(
    ("train", "words"),
    [
        (Train(1_000, 1_000, 1), (1000, 1, 1)),
        (Train(65_535_000, 65_535_000, 1), (1000, 1, 65_535)),
        (Train(5_000, 33_333, 5), (30, 5, 139)),
        (Train(1_000, 1_111, 9), (900, 1, 9)),
        (Train(1_000, 1_000_000, 2), (1, 1, 1001)),
        (Train(1_500, 1_500, 1), None),
        (Train(1_000, 1_500_000, 2), None),
    ],
)
def test_trains_in_words(train, words):
    assert spoken(train) == words
    assert (unspeakable(train) is None) == (words is not None)


@given(frequency_hz=st.integers(1, 900), width_ms=st.integers(1, 900), n_pulses=st.integers(2, 500))
def test_the_duration_covers_the_last_pulse_and_never_begins_another(frequency_hz, width_ms, n_pulses):
    period_us = round(1e6 / frequency_hz)
    train = Train(width_ms * 1000, period_us, n_pulses)
    if width_ms * 1000 >= period_us or train.length_us > LONGEST_MS * 1000:
        return
    assert spoken(train) is not None
    frequency, width, duration_ms = spoken(train)
    assert (frequency, width) == (frequency_hz, width_ms)
    assert duration_ms * 1000 > train.length_us - 1000
    assert duration_ms * 1000 <= n_pulses * period_us
    assert len(command((frequency, width, duration_ms))) == 7


@pytest.mark.parametrize("says", ["{0},{1},65355\n", ""])
def test_a_board_that_is_lost_at_a_sham_is_reported_in_the_words_of_a_real_one(board, says):
    told = []
    with closing(device(board, answer_within_ms=60)) as armed:
        armed.open()
        board.answer = lambda *words: says.format(*words)
        for withheld in (False, True):
            armed.arm(limits())
            with pytest.raises(DeviceLost) as lost:
                armed.fire(order(pulse(20), withheld=withheld))
            told.append(str(lost.value))
    assert told[0] == told[1]
