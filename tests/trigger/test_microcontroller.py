"""The driver against a board whose faults are chosen."""

import threading
import time
from struct import pack

import pytest

from selfee_rt.clock import now_ns
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import ClockSample, DeviceLimits, SyncEdge, Train, Tripped
from tests.support import need_module

need_module("pty")
need_module("serial")

from selfee_rt.trigger.board_messages import Kind, Status  # noqa: E402
from selfee_rt.trigger.microcontroller import Microcontroller  # noqa: E402
from tests.trigger.board_peer import BoardPeer, answer, hello, honest  # noqa: E402
from tests.trigger.board_user import GENEROUS, config, order, pulse  # noqa: E402


@pytest.fixture
def peer():
    with BoardPeer() as peer:
        yield peer


@pytest.fixture
def driver(peer):
    made = Microcontroller(config(peer.port))
    made.open()
    yield made
    made.close()


def impatient(port, **settings):
    return Microcontroller(config(port, **{"answer_within_ms": 60, "boot_s": 0.5, **settings}))


def refuses_to_open(port, words, **settings):
    """Opening fails with these words, twice, so nothing is left open."""
    driver = impatient(port, **settings)
    for _ in range(2):
        with pytest.raises(DeviceError, match=words):
            driver.open()
    driver.close()


def only(kind, behave):
    """Honest but for one kind of request."""
    return lambda asked, number: (behave if asked == kind else honest)(asked, number)


def silent(kind, number):
    return ()


def test_it_says_what_the_board_says_of_itself(peer):
    driver = Microcontroller(config(peer.port))
    info = driver.open()
    driver.close()
    assert info.name == f"microcontroller on {peer.port}, firmware 1.0"
    assert (info.acknowledges, info.makes_light, info.keeps_alive, info.longest_lease_ms) == (True, True, True, 100)
    assert "pulses last 50 to 10000000 us" in info.notes[0]
    assert "reset 7 times" in info.notes[1]


def test_a_board_that_boots_for_a_while_is_waited_for(peer):
    until = time.monotonic() + 0.6
    peer.behave = lambda kind, number: honest(kind, number) if time.monotonic() > until else ()
    driver = Microcontroller(config(peer.port))
    driver.open()
    driver.close()
    assert len(peer.numbers(Kind.HELLO)) > 1


def test_a_board_that_announces_itself_is_asked_at_once_and_only_its_answer_counts():
    """The announcement is not the answer: what was asked before it may have been lost with the reset."""
    announcement = answer(Kind.HELLO, 0, more=hello())
    heard = []

    def after_the_first(kind, number):
        heard.append(number)
        return honest(kind, number) if len(heard) > 1 else ()

    with BoardPeer(after_the_first, announcement) as peer:
        driver = Microcontroller(config(peer.port))
        driver.open()
        driver.close()
    assert len(heard) >= 2


def test_what_a_bootloader_leaves_on_the_line_is_passed_over():
    with BoardPeer(announce=b"\xf0\x00\x14\x10\x00garbage" + bytes(range(256))) as peer:
        driver = Microcontroller(config(peer.port))
        driver.open()
        driver.close()


def test_a_silent_port_is_an_error_that_says_so(peer):
    peer.behave = silent
    refuses_to_open(peer.port, r"nothing on .* answered in 0.5 s")


def test_a_board_that_talks_something_else_is_an_error_that_says_so(peer):
    peer.behave = lambda kind, number: (b"temperature 23.5\r\n",)
    refuses_to_open(peer.port, r"sent \d+ bytes in 0.5 s .* but not this project's protocol")


def test_other_firmware_with_our_frames_is_an_error_that_says_so(peer):
    peer.behave = lambda kind, number: (answer(kind, number, more=hello(magic=b"somebody")),)
    refuses_to_open(peer.port, "is not this project's firmware")


def test_another_version_of_the_protocol_is_an_error_that_names_both(peer):
    peer.behave = lambda kind, number: (answer(kind, number, more=hello(protocol=2)),)
    refuses_to_open(peer.port, "speaks protocol 2, expected 1; flash the firmware")


def test_another_version_may_look_different_after_its_number(peer):
    peer.behave = lambda kind, number: (answer(kind, number, more=hello(protocol=9)[:9] + b"?"),)
    refuses_to_open(peer.port, "speaks protocol 9, expected 1")


def test_an_absent_port_is_an_error_that_lists_those_there_are():
    refuses_to_open("/dev/nothing_of_the_kind", "there is no serial port /dev/nothing_of_the_kind; found: ")


def test_a_port_in_use_is_an_error_that_says_so(peer, driver):
    refuses_to_open(peer.port, "is in use by another program")


def test_what_is_no_serial_port_is_an_error(tmp_path):
    file = tmp_path / "file"
    file.touch()
    refuses_to_open(str(file), "expected a serial port")


def test_nothing_can_be_asked_before_it_is_open():
    driver = impatient("/dev/null")
    for ask in (driver.release, driver.disarm, lambda: driver.keep_alive(100), lambda: driver.fire(order(pulse(100)))):
        with pytest.raises(DeviceError, match="is not open"):
            ask()


def test_a_lost_answer_is_asked_for_again_under_the_same_number(peer, driver):
    lost = []

    def forgetful(kind, number):
        lost.append(number)
        return honest(kind, number) if len(lost) == 2 else ()

    peer.behave = only(Kind.FIRE, forgetful)
    said = driver.fire(order(pulse(100)))
    assert (said.outcome, said.device_us) == ("acknowledged", 1000)
    assert len(lost) == 2
    assert lost[0] == lost[1]


def test_a_board_that_stays_silent_is_lost_after_two_tries(peer):
    driver = impatient(peer.port)
    driver.open()
    peer.behave = only(Kind.FIRE, silent)
    with pytest.raises(DeviceLost, match="did not answer within 60 ms"):
        driver.fire(order(pulse(100)))
    driver.close()
    numbers = peer.numbers(Kind.FIRE)
    assert len(numbers) == 2
    assert numbers[0] == numbers[1]


def test_an_order_that_has_expired_is_not_sent_again(peer):
    driver = impatient(peer.port)
    driver.open()
    peer.behave = only(Kind.FIRE, silent)
    with pytest.raises(DeviceLost):
        driver.fire(order(pulse(100), expires_ns=now_ns() + 1_000_000))
    driver.close()
    assert len(peer.numbers(Kind.FIRE)) == 1


def test_an_answer_that_comes_late_is_not_taken_for_another(peer):
    driver = impatient(peer.port)
    driver.open()
    peer.behave = only(Kind.FIRE, silent)
    with pytest.raises(DeviceLost):
        driver.fire(order(pulse(100)))
    (number, _) = peer.numbers(Kind.FIRE)
    late = answer(Kind.FIRE, number, device_us=111)

    peer.behave = lambda kind, number: (late, answer(kind, number, device_us=222, more=b"\0"))
    assert driver.fire(order(pulse(100))).device_us == 222
    (sample,) = driver.keep_alive(100)
    assert sample.device_us == 222
    driver.close()


def test_garbage_around_an_answer_does_not_matter(peer, driver):
    peer.behave = lambda kind, number: (b"\xff\x13\x00\x02", *honest(kind, number), b"\x99\x00\x00")
    for _ in range(20):
        assert driver.fire(order(pulse(100))).outcome == "acknowledged"


def test_an_answer_in_pieces_is_put_together(peer, driver):
    peer.behave = lambda kind, number: (bytes((byte,)) for piece in honest(kind, number) for byte in piece)
    assert driver.fire(order(pulse(100))).outcome == "acknowledged"


def test_endless_garbage_does_not_hold_it_up_for_ever(peer):
    driver = impatient(peer.port)
    driver.open()
    stop = threading.Event()

    def babbling(kind, number):
        while not stop.is_set():
            yield b"babble"
            stop.wait(0.001)

    peer.behave = only(Kind.FIRE, babbling)
    with pytest.raises(DeviceLost):
        driver.fire(order(pulse(100)))
    stop.set()
    driver.close()


def test_a_reset_in_the_middle_is_device_lost_and_says_so(peer, driver):
    peer.behave = lambda kind, number: (answer(kind, number, resets=8, more=b"\0"),)
    with pytest.raises(DeviceLost, match="was reset"):
        driver.keep_alive(100)


def test_an_unasked_hello_in_the_middle_is_a_reset(peer, driver):
    peer.behave = lambda kind, number: (answer(Kind.HELLO, 0, resets=8, more=hello()),)
    with pytest.raises(DeviceLost, match="was reset"):
        driver.fire(order(pulse(100)))


def test_keep_alive_returns_the_clock_and_what_has_happened(peer, driver):
    events = pack("<B", 3) + b"".join(
        pack("<BIQ", *each) for each in ((2, 0, 5_000_000_000), (1, 41, 6_000_000_000), (77, 0, 1))
    )
    peer.behave = only(
        Kind.KEEP_ALIVE, lambda kind, number: (answer(kind, number, more=events, device_us=7_000_000_000),)
    )
    before_ns = now_ns()
    sample, *others = driver.keep_alive(80)
    assert isinstance(sample, ClockSample)
    assert sample.device_us == 7_000_000_000
    assert before_ns <= sample.sent_ns <= sample.received_ns <= now_ns()
    assert others == [Tripped("lease", 5_000_000_000), SyncEdge(41, 6_000_000_000)]
    assert peer.requests[-1][3:] == pack("<H", 80)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.UNKNOWN, "does not know"),
        (Status.DISARMED, "disarmed"),
        (Status.NO_LEASE, "nobody keeps it alive"),
        (Status.RUNNING, "a train is running"),
        (Status.REFRACTORY, "refractory"),
        (Status.BUDGET, "more light"),
        (Status.PULSE, "50 to 10000000 us"),
        (Status.TRAIN, "at most 60000000 us"),
        (Status.DUTY, "at most 50 %"),
        (99, "unknown reason 99"),
    ],
)
def test_a_refusal_is_an_acknowledgement_that_says_why(peer, driver, status, words):
    peer.behave = only(Kind.FIRE, lambda kind, number: (answer(kind, number, status),))
    said = driver.fire(order(pulse(100)))
    assert said.outcome == "refused"
    assert words in said.why
    assert said.device_us is None
    assert said.sent_ns <= said.acknowledged_ns


def test_an_order_goes_out_as_it_is_written_down(peer, driver):
    driver.fire(order(Train(1000, 25_000, 20), withheld=True))
    assert peer.requests[-1][3:] == pack("<IIIB", 1000, 25_000, 20, 1)


def test_limits_go_out_as_they_are_written_down(peer, driver):
    driver.arm(DeviceLimits(60_000, 5_000_000_000, 2_000_000))
    assert peer.requests[-1][3:] == pack("<IQQ", 60_000, 5_000_000_000, 2_000_000)


@pytest.mark.parametrize("limits", [DeviceLimits(1 << 32, 1, 1), DeviceLimits(1, 1 << 62, 1), DeviceLimits(1, 1, -1)])
def test_limits_that_the_board_cannot_count_are_refused_unasked(peer, driver, limits):
    with pytest.raises(DeviceError, match="cannot count as far"):
        driver.arm(limits)
    assert not peer.numbers(Kind.ARM)


def test_a_train_that_the_board_cannot_count_is_refused_unasked(peer, driver):
    said = driver.fire(order(Train(1000, 1 << 32, 2)))
    assert said.outcome == "refused"
    assert not peer.numbers(Kind.FIRE)


def test_limits_that_the_board_refuses_are_an_error(peer, driver):
    peer.behave = only(Kind.ARM, lambda kind, number: (answer(kind, number, Status.ARMING),))
    with pytest.raises(DeviceError, match="refuses: it cannot be armed for no time"):
        driver.arm(GENEROUS)


def test_closing_disarms_and_is_allowed_twice(peer, driver):
    driver.close()
    driver.close()
    assert len(peer.numbers(Kind.DISARM)) == 1


def test_closing_a_board_that_says_nothing_raises_nothing(peer):
    driver = impatient(peer.port)
    driver.open()
    peer.behave = silent
    driver.close()
    assert len(peer.numbers(Kind.DISARM)) == 2


def test_numbers_begin_anew_after_the_largest_without_the_one_that_means_unasked(peer, driver):
    driver._link._number = 0xFFFF
    assert driver.fire(order(pulse(100))).outcome == "acknowledged"
    assert peer.numbers(Kind.FIRE) == [1]


def test_a_pulled_cable_is_device_lost_whatever_is_asked(peer):
    driver = impatient(peer.port)
    driver.open()
    peer.unplug()
    for ask in (
        lambda: driver.fire(order(pulse(100))),
        lambda: driver.keep_alive(100),
        lambda: driver.arm(GENEROUS),
        driver.release,
        driver.disarm,
        driver.mark,
    ):
        with pytest.raises(DeviceLost):
            ask()
    driver.close()


def test_a_port_is_free_again_after_closing(peer, driver):
    driver.close()
    again = Microcontroller(config(peer.port))
    again.open()
    again.close()
