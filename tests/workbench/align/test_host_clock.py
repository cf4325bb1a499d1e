"""The host's clock against a device's, over a whole session."""

import numpy as np
import pytest

from selfee_rt.errors import AlignmentError
from selfee_rt.stimuli import ClockSample
from selfee_rt.workbench.align.host_clock import host_clock
from tests.trigger.clocks import START_NS, Board, asked


def test_a_clock_whose_rate_wanders_is_known_all_along():
    def warming(host_ns):
        seconds = (host_ns - START_NS) / 1e9
        return 1e6 * (seconds + 40e-6 * 100 * np.sin(seconds / 100))

    clock = host_clock("led", asked(warming, 600, per_second=10))
    at_ns = START_NS + np.linspace(0, 600e9, 1201)
    assert np.abs(clock.device_at(at_ns) - warming(at_ns)).max() < 500
    assert np.abs(clock.host_at(warming(at_ns)) - at_ns).max() < 500_000
    ppm = (np.polyfit(at_ns - START_NS, warming(at_ns), 1)[0] * 1000 - 1) * 1e6
    assert clock.drift_ppm == pytest.approx(ppm, abs=1)
    assert 200 <= clock.bound_us < 260
    assert clock.residual_us < 200


@pytest.mark.parametrize("seconds", [1, 4, 30])
def test_a_short_session_is_enough(seconds):
    board = Board(100.0)
    clock = host_clock("led", asked(board.device_us, seconds, per_second=10))
    at_ns = START_NS + np.linspace(0, seconds * 1e9, 11)
    assert np.abs(clock.device_at(at_ns) - board.device_us(at_ns)).max() < 700
    assert np.abs(clock.host_at(board.device_us(at_ns)) - at_ns).max() < 700_000


def test_one_sample_is_enough_for_the_time_around_it():
    clock = host_clock("led", [ClockSample(1_000_000, 3_000_000, 77)])
    assert clock.device_at(np.array([2e6, 3e6])).tolist() == [77, 1077]


def test_without_samples_there_is_no_clock():
    assert host_clock("led", []) is None


def test_a_device_that_was_reset_is_refused():
    before, after = Board(0.0), Board(0.0, started_ns=START_NS + 20_000_000_000)
    samples = [*asked(before.device_us, 20), *asked(after.device_us, 5, start_ns=START_NS + 21_000_000_000)]
    with pytest.raises(AlignmentError, match=r"device 'led' was reset during the session: its clock fell from 2\d+ to"):
        host_clock("led", samples)


@pytest.mark.parametrize("by_ms", [-40, 40, 60_000])
def test_a_clock_that_moved_on_without_the_other_is_known_on_both_sides(by_ms):
    board = Board(30.0)

    def jumping(host_ns):
        return board.device_us(host_ns) + 1000 * by_ms * (host_ns >= START_NS + 60e9)

    clock = host_clock("led", asked(jumping, 120, per_second=10))
    assert [jump.by_us for jump in clock.jumps] == [pytest.approx(1000 * by_ms, abs=2000)]
    assert (np.diff(clock.device_us) > 0).all() and (np.diff(clock.host_ns) > 0).all()
    at_ns = START_NS + np.concatenate([np.linspace(0, 58.8e9, 100), np.linspace(61.2e9, 120e9, 100)])
    assert np.abs(clock.device_at(at_ns) - jumping(at_ns)).max() < 700
