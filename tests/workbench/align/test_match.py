"""Which pulse of the device is which edge of another recorder."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import AlignmentError
from selfee_rt.workbench.align.chain import Times
from selfee_rt.workbench.align.match import FEWEST, match
from tests.workbench.align.pulses import Recorder, pulses

SEEDS = st.integers(0, 2**31)


def off_s(segment, times, recorder):
    """How far the matched edges lie from where the recorder's clock puts the pulses."""
    return np.abs(times.other_s[segment.other] - recorder.time_s(times.device_s[segment.device]))


@settings(deadline=None, max_examples=30)
@given(
    seconds=st.integers(120, 400),
    offset_s=st.floats(-1e5, 1e5),
    drift_ppm=st.floats(-1000, 1000),
    jitter_us=st.floats(0, 100),
    missing=st.floats(0, 0.2),
    spurious=st.floats(0, 0.2),
    resolution_s=st.sampled_from([1 / 30_000, 1 / 20_000, 1e-3]),
    seed=SEEDS,
)
def test_every_pair_is_right_and_few_are_left_out(
    seconds, offset_s, drift_ppm, jitter_us, missing, spurious, resolution_s, seed
):
    recorder = Recorder(offset_s, drift_ppm, jitter_us * 1e-6, missing, spurious, resolution_s, seed)
    device_s = pulses(seconds, seed)
    times = Times(device_s, recorder.edges(device_s))
    (segment,) = match(times)
    assert segment.jump_s is None
    assert off_s(segment, times, recorder).max() < 0.0016
    there = np.abs(times.other_s[:, None] - recorder.time_s(device_s)).min(axis=0) < 0.0016
    assert len(segment.device) >= there.sum() - 0.04 * len(device_s) - 8


@settings(deadline=None, max_examples=25)
@given(first=st.integers(0, 80), length=st.integers(25, 100), session=st.integers(25, 100), seed=SEEDS)
def test_recordings_that_only_overlap_are_matched_where_they_do(first, length, session, seed):
    device_s = pulses(260, seed)
    recorder = Recorder(drift_ppm=300.0)
    edges_s = recorder.edges(device_s)
    times = Times(device_s[60 : 60 + session], edges_s[first : first + length])
    overlap = range(max(60, first), min(60 + session, first + length))
    if len(overlap) < FEWEST:
        with pytest.raises(AlignmentError):
            match(times)
    else:
        (segment,) = match(times)
        assert (segment.device + 60).tolist() == list(overlap)
        assert (segment.other + first).tolist() == list(overlap)


@pytest.mark.parametrize("seconds", [30, 300, 3600])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_edges_of_another_session_are_refused(seconds, missing):
    recorder = Recorder(missing=missing, spurious=missing)
    with pytest.raises(AlignmentError, match=r"are not those between the .* pulses of the session's device"):
        match(Times(pulses(seconds, seed=1), recorder.edges(pulses(seconds, seed=2))))


def test_edges_without_any_order_are_refused():
    random = np.random.default_rng(0)
    with pytest.raises(AlignmentError, match="is it the channel of the sync output"):
        match(Times(pulses(600), np.unique(random.uniform(0, 600, 3000))))


@pytest.mark.parametrize("count", [30, 1000])
def test_regular_pulses_are_refused(count):
    device_s = np.arange(float(count))
    with pytest.raises(AlignmentError, match=r"regular pauses|aligned in two ways"):
        match(Times(device_s, Recorder().edges(device_s)))


def test_rising_and_falling_edges_in_one_file_are_refused():
    device_s = pulses(300)
    rising_s = Recorder().edges(device_s)
    with pytest.raises(AlignmentError, match="rising edges only"):
        match(Times(device_s, np.sort(np.concatenate([rising_s, rising_s + 0.01]))))


def test_a_recording_that_is_in_the_file_twice_is_refused():
    device_s = pulses(300)
    edges_s = Recorder().edges(device_s)
    with pytest.raises(AlignmentError, match=r"aligned in two ways.*one channel of one recording"):
        match(Times(device_s, np.concatenate([edges_s, edges_s + 1000])))


def test_times_that_were_rounded_to_hundredths_are_refused():
    device_s = pulses(300)
    with pytest.raises(AlignmentError, match=r"are multiples of 0.01 s, expected of 1 ms or less"):
        match(Times(device_s, Recorder(resolution_s=0.01).edges(device_s)))


@pytest.mark.parametrize("hz", [1000, 1024, 2000])
def test_the_steps_of_a_slow_recorder_are_no_jumps(hz):
    device_s = pulses(3000)
    (segment,) = match(Times(device_s, Recorder(drift_ppm=7.0, jitter_s=0.0, resolution_s=1 / hz).edges(device_s)))
    assert len(segment.device) == len(device_s)


@pytest.mark.parametrize(("n_device", "n_other"), [(FEWEST - 1, 100), (100, FEWEST - 1), (0, 0)])
def test_too_few_edges_are_refused(n_device, n_other):
    device_s = pulses(300)
    with pytest.raises(AlignmentError, match=f"edges, expected {FEWEST} at least"):
        match(Times(device_s[:n_device], Recorder().edges(device_s)[:n_other]))


@settings(deadline=None, max_examples=30)
@given(
    jump_s=st.sampled_from([0.0005, -0.0005, 0.002, -0.04, 0.3, -0.3, 5.0, 3600.0]),
    at=st.integers(30, 250),
    seed=SEEDS,
)
def test_a_clock_that_jumps_parts_the_alignment_there(jump_s, at, seed):
    device_s = pulses(280, seed)
    recorder = Recorder(drift_ppm=80.0, seed=seed)
    edges_s = recorder.edges(device_s)
    times = Times(device_s, np.unique(np.concatenate([edges_s[:at], edges_s[at:] + jump_s])))
    before, after = match(times)
    assert before.jump_s is None
    assert after.jump_s == pytest.approx(jump_s, abs=0.0002)
    assert before.device[-1] < after.device[0]
    assert off_s(before, times, recorder).max() < 0.0003
    assert off_s(after, times, replace(recorder, offset_s=recorder.offset_s + jump_s / (1 + 80e-6))).max() < 0.0003
    assert len(before.device) + len(after.device) >= len(device_s) - 3


def test_edges_that_are_missing_for_minutes_are_no_jump():
    device_s = pulses(900)
    edges_s = Recorder(drift_ppm=-200.0).edges(device_s)
    (segment,) = match(Times(device_s, np.delete(edges_s, range(300, 600))))
    assert len(segment.device) == len(device_s) - 300


def test_a_clock_that_wanders_with_the_temperature_is_followed():
    device_s = pulses(1800)
    warmed_s = device_s + 30e-6 * 100 * np.sin(device_s / 100)
    times = Times(device_s, Recorder(missing=0.05).edges(warmed_s))
    (segment,) = match(times)
    assert len(segment.device) > 0.93 * len(device_s)


def test_pauses_of_a_slow_and_of_a_fast_board_are_the_same_pauses():
    for drift_ppm in (-5000.0, 5000.0):
        device_s = pulses(120)
        (segment,) = match(Times(device_s, Recorder(drift_ppm=drift_ppm).edges(device_s)))
        assert len(segment.device) == len(device_s)


def test_what_chance_adds_beyond_the_end_of_a_recording_is_not_matched():
    device_s = pulses(300)
    edges_s = Recorder().edges(device_s)
    (segment,) = match(Times(device_s, np.append(edges_s[:200], [edges_s[206] + 2e-4, edges_s[-1] + 5])))
    assert segment.device.tolist() == segment.other.tolist() == list(range(200))


def test_a_spurious_edge_just_before_a_real_one_at_the_beginning_is_not_taken_for_it():
    device_s = pulses(120)
    edges_s = Recorder(jitter_s=0.0).edges(device_s)
    (segment,) = match(Times(device_s, np.insert(edges_s, 3, edges_s[3] - 0.0025)))
    assert segment.other.tolist() == [0, 1, 2, *range(4, len(edges_s) + 1)]
