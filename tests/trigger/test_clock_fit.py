"""A device's clock, fitted to the host's while samples come in."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.stimuli import ClockSample
from selfee_rt.trigger.clock_fit import SPANS_FOR_DRIFT, DeviceClockFit
from tests.trigger.clocks import START_NS, Board, asked

MINUTE_NS = 60_000_000_000


def fitted(samples):
    fit = DeviceClockFit()
    jumps = [jump for sample in samples if (jump := fit.push(sample)) is not None]
    return fit, jumps


@settings(deadline=None, max_examples=25)
@given(
    drift_ppm=st.floats(-200, 200),
    seconds=st.integers(1, 110),
    shortest_us=st.tuples(st.integers(50, 1500), st.integers(50, 1500)),
    jitter_us=st.integers(0, 1000),
    delayed=st.floats(0, 0.5),
    seed=st.integers(0, 2**31),
)
def test_both_clocks_are_known_to_half_the_shortest_round_trip(
    drift_ppm, seconds, shortest_us, jitter_us, delayed, seed
):
    board = Board(drift_ppm)
    shortest_ns = tuple(1000.0 * each for each in shortest_us)
    fit, jumps = fitted(
        asked(
            board.device_us,
            seconds,
            seed=seed,
            per_second=10,
            shortest_ns=shortest_ns,
            jitter_ns=1000.0 * jitter_us,
            delayed=delayed,
        )
    )
    assert jumps == [] and fit.rejected == 0
    now_ns = START_NS + seconds * 1_000_000_000
    error_us = fit.device_us(now_ns) - board.device_us(now_ns)
    assert abs(error_us) <= fit.bound_us + 500
    assert abs(fit.host_ns(board.device_us(now_ns)) - now_ns) / 1000 <= fit.bound_us + 500
    if seconds >= 100:
        assert fit.drift_ppm == pytest.approx(drift_ppm, abs=6)


def test_ways_of_equal_length_leave_only_noise():
    board = Board(150.0)
    fit, _ = fitted(asked(board.device_us, 90))
    now_ns = START_NS + 90_000_000_000
    assert abs(fit.device_us(now_ns) - board.device_us(now_ns)) < 25
    assert fit.drift_ppm == pytest.approx(150, abs=1)
    assert fit.residual_us < 30
    assert 200 <= fit.bound_us < 220


def test_ways_of_unequal_length_shift_by_half_the_difference_and_no_more():
    board = Board(0.0)
    fit, _ = fitted(asked(board.device_us, 90, shortest_ns=(200_000, 1_200_000)))
    now_ns = START_NS + 90_000_000_000
    assert fit.device_us(now_ns) - board.device_us(now_ns) == pytest.approx(-500, abs=40)
    assert fit.bound_us >= 700


def test_delayed_replies_do_not_move_the_fit():
    board = Board(-80.0)
    calm, _ = fitted(asked(board.device_us, 90, delayed=0.0))
    busy, _ = fitted(asked(board.device_us, 90, delayed=0.7))
    now_ns = START_NS + 90_000_000_000
    assert abs(busy.device_us(now_ns) - calm.device_us(now_ns)) < 60


def test_a_minute_in_which_every_reply_is_late_hardly_moves_the_fit():
    board = Board(100.0)
    fit, _ = fitted(asked(board.device_us, 40))
    for sample in asked(board.device_us, 20, delayed=1.0, jitter_ns=5e6, start_ns=START_NS + 40_000_000_000):
        assert fit.push(sample) is None
    now_ns = START_NS + MINUTE_NS
    assert abs(fit.device_us(now_ns) - board.device_us(now_ns)) < 300


def test_the_drift_is_not_known_at_first_but_both_clocks_are():
    board = Board(5000.0)
    fit = DeviceClockFit()
    for sample in asked(board.device_us, SPANS_FOR_DRIFT - 2):
        assert fit.push(sample) is None
        assert fit.drift_ppm is None
        late_us = (sample.received_ns - sample.sent_ns) / 1000
        at_us = board.device_us(sample.sent_ns)
        assert abs(fit.device_us(sample.sent_ns) - at_us) < 6000 + late_us


def test_samples_on_both_sides_of_a_second_do_not_make_a_slope():
    fit, _ = fitted([ClockSample(0, 2_000_000, 0), ClockSample(999_500_000, 1_001_500_000, 1_001_000)])
    assert abs(fit.device_us(11_000_000_000) - 11_000_000) < 50_000


def test_a_reset_is_reported_once_and_the_fit_starts_anew():
    before, after = Board(100.0), Board(100.0, started_ns=START_NS + 30_100_000_000)
    fit, jumps = fitted(asked(before.device_us, 30))
    assert jumps == []
    seen = []
    for sample in asked(after.device_us, 10, start_ns=START_NS + 32_000_000_000):
        seen.append(fit.push(sample))
        if seen[-1] is None and len(seen) > 1:
            late_us = (sample.received_ns - sample.sent_ns) / 1000
            assert abs(fit.device_us(sample.sent_ns) - after.device_us(sample.sent_ns)) < 1000 + late_us
    assert [each is not None for each in seen[:3]] == [False, True, False]
    jumps = [each for each in seen if each is not None]
    assert len(jumps) == 1
    assert jumps[0].by_us == pytest.approx(-31_334_667, abs=5000 + 3200)
    assert fit.rejected == 0


@pytest.mark.parametrize("by_us", [-50_000_000, 30_000, 3_600_000_000])
def test_a_clock_that_jumps_either_way_is_noticed(by_us):
    board = Board(0.0)
    fit, _ = fitted(asked(board.device_us, 20))
    found = [
        fit.push(each) for each in asked(lambda ns: board.device_us(ns) + by_us, 2, start_ns=START_NS + 20_000_000_000)
    ]
    assert [jump.by_us for jump in found if jump is not None] == [pytest.approx(by_us, abs=41_000)]


def test_a_single_reading_that_makes_no_sense_is_left_out_and_counted():
    board = Board(50.0)
    samples = list(asked(board.device_us, 30))
    wrong = samples[700]
    samples[700] = ClockSample(wrong.sent_ns, wrong.received_ns, wrong.device_us + 90_000_000)
    fit, jumps = fitted(samples)
    assert jumps == [] and fit.rejected == 1
    assert abs(fit.device_us(START_NS + 30_000_000_000) - board.device_us(START_NS + 30_000_000_000)) < 40


def test_a_long_silence_is_not_a_jump():
    board = Board(180.0)
    fit, _ = fitted(asked(board.device_us, 60))
    for sample in asked(board.device_us, 5, start_ns=START_NS + 20 * MINUTE_NS):
        assert fit.push(sample) is None


def test_a_rate_that_changes_slowly_is_followed():
    def warming(host_ns):
        seconds = (host_ns - START_NS) / 1e9
        return 1e6 * (seconds + 20e-6 * seconds * seconds / 600 / 2)

    fit = DeviceClockFit()
    worst_us = 0.0
    for sample in asked(warming, 300, per_second=10):
        assert fit.push(sample) is None
        worst_us = max(worst_us, abs(fit.device_us(sample.sent_ns) - warming(sample.sent_ns)))
    assert worst_us < 1000


def test_memory_is_bounded():
    board = Board(10.0)
    fit, _ = fitted(asked(board.device_us, 70, per_second=5))
    before = sum(sys.getsizeof(each) for each in vars(fit).values())
    for sample in asked(board.device_us, 70, per_second=5, start_ns=START_NS + 70_000_000_000):
        fit.push(sample)
    assert sum(sys.getsizeof(each) for each in vars(fit).values()) <= before + 100
    first, last = fit.window_us
    assert 62_000_000 < last - first < 66_000_000


def test_nothing_is_said_before_the_first_sample():
    fit = DeviceClockFit()
    assert not fit.known
    assert (fit.drift_ppm, fit.residual_us, fit.bound_us) == (None, None, None)
    for ask in (lambda: fit.host_ns(0), lambda: fit.device_us(0), lambda: fit.window_us):
        with pytest.raises(ValueError, match="before the first sample"):
            ask()


def test_a_reply_before_its_request_is_refused():
    with pytest.raises(ValueError, match="a reply at 5 ns to a request at 6 ns"):
        DeviceClockFit().push(ClockSample(6, 5, 0))


def test_a_first_reply_that_is_very_late_is_no_reason_to_see_a_jump():
    board = Board(0.0)
    late = ClockSample(START_NS, START_NS + 80_000_000, round(board.device_us(START_NS)))
    fit, jumps = fitted([late, *asked(board.device_us, 2, delayed=0.0, start_ns=START_NS + 90_000_000)])
    assert jumps == [] and fit.rejected == 0
    assert abs(fit.device_us(START_NS + 10**9) - board.device_us(START_NS + 10**9)) < 500


def test_two_readings_that_contradict_each_other_too_are_no_jump():
    board = Board(0.0)
    samples = list(asked(board.device_us, 20, delayed=0.0))
    for place, wrong_us in ((500, 90_000_000), (501, -3_000_000)):
        each = samples[place]
        samples[place] = ClockSample(each.sent_ns, each.received_ns, each.device_us + wrong_us)
    fit, jumps = fitted(samples)
    assert jumps == [] and fit.rejected == 2
