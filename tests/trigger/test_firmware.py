"""The real firmware, executed by simavr, asked by the real driver. Everything is judged by the board's own clock."""

import pytest

from selfee_rt.errors import DeviceError
from selfee_rt.stimuli import DeviceLimits, Train
from tests.support import need_module

need_module("pty")
need_module("serial")

from tests.trigger.board_user import GENEROUS, pulse, user_of  # noqa: E402
from tests.trigger.simulated_board import SimulatedBoard  # noqa: E402

SLACK_US = 4
"""An edge comes about 3 us after its tick: the clock starts a little after the reset, and a pin takes some cycles."""


@pytest.fixture
def board():
    with SimulatedBoard(slowdown=4) as board:
        yield board


@pytest.fixture
def user(board):
    with user_of(board.port) as user:
        yield user


@pytest.fixture
def armed(user):
    user.arm()
    return user


def rises(board, pin):
    return [us for us, level in board.edges(pin) if level]


def falls(board, pin):
    """Without the low level from which everything begins."""
    return [us for us, level in board.edges(pin)[1:] if not level]


def planned(train, first_us):
    """(rise, fall) of each pulse."""
    starts = [first_us + i * train.period_us for i in range(train.pulses)]
    return [(start, start + train.width_us) for start in starts]


def agree(times_us, planned_us):
    return len(times_us) == len(planned_us) and all(
        0 <= time - plan <= SLACK_US for time, plan in zip(times_us, planned_us, strict=True)
    )


TRAINS = [
    pulse(50),
    pulse(5000),
    pulse(90_000),
    Train(50, 100, 500),
    Train(333, 997, 80),
    Train(5000, 25_000, 4),
    Train(20_000, 40_003, 2),
    Train(32_768, 65_536, 2),
]


@pytest.mark.parametrize("train", TRAINS, ids=str)
def test_every_edge_of_a_train_is_where_the_order_has_it_and_the_first_where_the_acknowledgement_has_it(
    board, armed, train
):
    first_us = armed.play(train)
    up, down = zip(*planned(train, first_us), strict=True)
    assert agree(rises(board, "light"), up)
    assert agree(falls(board, "light"), down)
    assert board.edges("copy") == board.edges("light")


@pytest.mark.parametrize("train", [pulse(5000), Train(333, 997, 80)], ids=str)
def test_a_withheld_train_is_the_same_on_the_copy_and_makes_no_light(board, armed, train):
    first_us = armed.play(train, withheld=True)
    assert rises(board, "light") == []
    up, down = zip(*planned(train, first_us), strict=True)
    assert agree(rises(board, "copy"), up)
    assert agree(falls(board, "copy"), down)


def test_a_train_that_lasts_several_leases_is_whole_when_it_is_kept_alive(board, armed):
    train = Train(50_000, 150_000, 4)
    first_us = armed.play(train)
    assert agree(rises(board, "light"), [rise for rise, _ in planned(train, first_us)])
    assert not armed.trips()


def test_outputs_are_low_from_the_first_instructions_on(board, user):
    user.keep()
    for pin in ("light", "copy", "sync"):
        us, level = board.edges(pin)[0]
        assert (us, level) == (0, 0)
        assert len(board.edges(pin)) == 1


@pytest.mark.parametrize(
    ("train", "words"),
    [
        (pulse(49), "pulses last 50 to 10000000 us"),
        (pulse(10_000_001), "pulses last 50 to 10000000 us"),
        (Train(50, 99, 2), "pauses at least 50 us"),
        (Train(500, 100, 2), "pauses at least 50 us"),
        (Train(501, 1000, 2), "at most 50 %"),
        (Train(1000, 1000, 0), "at least one pulse"),
        (Train(1000, 60_000_000, 2), "lasts at most 60000000 us"),
        (Train(1000, 1_000_000, 61), "lasts at most 60000000 us"),
        (Train(1000, 2000, 4_000_000_000), "lasts at most 60000000 us"),
        (Train(1000, 4_000_000_000, 2), "lasts at most 60000000 us"),
    ],
    ids=str,
)
def test_what_the_built_in_limits_forbid_is_refused_and_makes_no_light(board, armed, train, words):
    said = armed.fire(train)
    assert said.outcome == "refused"
    assert words in said.why
    armed.keep_until(armed.keep() + 1000)
    assert rises(board, "copy") == []


@pytest.mark.parametrize("train", [pulse(10_000_000), Train(500, 1000, 2), Train(1000, 59_999_000, 2)], ids=str)
def test_what_the_built_in_limits_just_allow_is_started(board, armed, train):
    said = armed.fire(train)
    assert said.outcome == "acknowledged"
    armed.keep_until(said.device_us + 20)
    assert agree(rises(board, "light")[:1], [said.device_us])


def test_while_a_train_runs_another_is_refused_and_the_first_goes_on(board, armed):
    train = pulse(60_000)
    first = armed.fire(train)
    assert armed.fire(train).why == "a train is running"
    armed.keep_until(first.device_us + 61_000)
    assert agree(falls(board, "light"), [first.device_us + 60_000])


def test_after_a_sham_everything_is_refused_as_after_a_real_one(armed):
    for withheld in (False, True):
        armed.keep_until(armed.keep() + 50_000)
        armed.arm(DeviceLimits(60_000, 15_000, 50_000))
        first_us = armed.play(pulse(10_000), withheld=withheld)
        assert "refractory" in armed.fire(pulse(1000)).why
        armed.keep_until(first_us + 50_000)
        assert "more light" in armed.fire(pulse(6000)).why


def test_refractory_time_runs_from_the_start_of_a_train(armed):
    armed.arm(DeviceLimits(60_000, 10**9, 30_000))
    first_us = armed.play(pulse(10_000))
    while (said := armed.fire(pulse(100))).outcome == "refused":
        armed.keep()
    assert 0 <= said.device_us - (first_us + 30_000) < 20_000


def test_arming_anew_does_not_shorten_the_refractory_time(armed):
    armed.arm(DeviceLimits(60_000, 10**9, 10**9))
    armed.play(pulse(100))
    armed.arm(DeviceLimits(60_000, 10**9, 10**9))
    assert "refractory" in armed.fire(pulse(100)).why


def test_the_budget_may_be_used_up_to_the_last_microsecond_and_its_end_is_reported(armed):
    armed.arm(DeviceLimits(60_000, 20_000, 0))
    armed.play(pulse(10_000))
    armed.play(Train(1000, 2000, 10), withheld=True)
    assert armed.fire(pulse(50)).outcome == "refused"
    armed.keep()
    assert [trip.why for trip in armed.trips()] == ["budget"]


def test_disarmed_nothing_fires(board, user):
    user.keep()
    assert user.fire(pulse(100)).why == "it is disarmed"
    user.arm()
    user.driver.disarm()
    user.keep()
    assert user.fire(pulse(100)).why == "it is disarmed"
    assert rises(board, "copy") == []


def test_armed_nothing_fires_before_the_first_keep_alive(board, user):
    user.driver.arm(GENEROUS)
    assert user.fire(pulse(100)).why == "nobody keeps it alive"
    user.keep()
    assert user.fire(pulse(100)).outcome == "acknowledged"
    user.driver.arm(GENEROUS)
    assert user.fire(pulse(100)).why == "nobody keeps it alive"


def test_it_cannot_be_armed_for_no_time_at_all(user):
    with pytest.raises(DeviceError, match="no time at all"):
        user.driver.arm(DeviceLimits(0, 1000, 0))


def test_release_and_disarm_end_the_train_at_once(board, armed):
    for end in (armed.driver.release, armed.driver.disarm):
        armed.arm()
        said = armed.fire(pulse(90_000))
        end()
        now_us = armed.keep()
        assert said.device_us < falls(board, "light")[-1] < now_us
        assert board.edges("copy") == board.edges("light")


def test_arming_ends_by_itself_and_the_train_with_it(board, user):
    user.arm(DeviceLimits(150, 10**9, 0))
    armed_us = user.keep()
    user.fire(pulse(1_000_000))
    user.keep_until(armed_us + 200_000)
    (trip,) = user.trips()
    assert trip.why == "arming"
    assert abs(falls(board, "light")[-1] - trip.device_us) <= 50
    assert armed_us + 100_000 < trip.device_us <= armed_us + 150_000
    assert user.fire(pulse(100)).why == "it is disarmed"


def test_a_mark_pulses_the_copy_alone_at_once_armed_or_not(board, user):
    before_us = user.keep()
    mark_us = user.driver.mark().device_us
    assert mark_us - before_us < 50_000
    user.watch_until(mark_us + 2000)
    assert agree(rises(board, "copy"), [mark_us])
    assert agree(falls(board, "copy"), [mark_us + 1000])
    assert rises(board, "light") == []


def test_a_mark_waits_for_no_train(armed):
    armed.fire(pulse(90_000))
    with pytest.raises(DeviceError, match="a train is running"):
        armed.driver.mark()
