"""A session's clocks and those of another recorder, once their edges are matched."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import AlignmentError
from selfee_rt.stimuli import SyncEdge
from selfee_rt.workbench.align import Count, align
from tests.workbench.align.pulses import Recorder, pulses


def reported(device_s, first=0):
    return [SyncEdge(first + number, round(time_s * 1e6)) for number, time_s in enumerate(device_s)]


@settings(deadline=None, max_examples=20)
@given(drift_ppm=st.floats(-1000, 1000), offset_s=st.floats(-1e4, 1e4), seed=st.integers(0, 2**31))
def test_any_instant_of_the_device_is_known_on_the_other_clock(drift_ppm, offset_s, seed):
    device_s = pulses(120, seed)
    recorder = Recorder(offset_s, drift_ppm, jitter_s=0.0, missing=0.1, resolution_s=1e-7, seed=seed)
    found = align("led", reported(device_s), recorder.edges(device_s), None)
    at_s = np.linspace(device_s[0] - 5, device_s[-1] + 5, 200)
    times_s, distances_s = found.at(at_s * 1e6)
    np.testing.assert_allclose(times_s, recorder.time_s(at_s), rtol=0, atol=3e-6)
    (stretch,) = found.stretches
    matched_s = stretch.device_us / 1e6
    np.testing.assert_allclose(distances_s, np.abs(at_s[:, None] - matched_s).min(axis=1), atol=1e-9)
    assert stretch.drift_ppm == pytest.approx(-drift_ppm / (1 + drift_ppm * 1e-6), abs=0.05)
    assert stretch.line.at(np.array([7e6]))[0] == pytest.approx(recorder.time_s(np.array([7.0]))[0], abs=1e-5)


def test_edges_without_a_partner_are_counted_inside_and_outside():
    device_s = pulses(200)
    edges_s = Recorder().edges(device_s)
    other_s = np.sort(np.concatenate([np.delete(edges_s, [50, 60])[: len(device_s) - 30], [900.0, 901.0]]))
    found = align("led", reported(device_s[10:]), other_s, None)
    n = len(device_s)
    assert found.device_edges == Count(matched=n - 40, unmatched=2, outside=28)
    assert found.other_edges == Count(matched=n - 40, unmatched=2, outside=10)


def test_residuals_say_how_far_edges_lie_from_the_line_and_from_their_neighbours():
    device_s = pulses(1200)
    warmed_s = device_s + 5e-6 * 100 * np.sin(device_s / 100)
    (stretch,) = align("led", reported(device_s), Recorder(jitter_s=10e-6).edges(warmed_s), None).stretches
    assert 300 < stretch.residual.max_us < 700
    assert 150 < stretch.residual.median_us < stretch.residual.p99_us < stretch.residual.max_us
    assert 5 < stretch.between.median_us < 30
    assert stretch.between.max_us < 120


def test_between_two_edges_where_a_clock_jumped_nothing_is_said():
    device_s = pulses(200)
    recorder = Recorder(jitter_s=0.0)
    edges_s = recorder.edges(device_s)
    edges_s[100:] += 3.0
    found = align("led", reported(device_s), edges_s, None)
    assert [stretch.jump_s for stretch in found.stretches] == [None, pytest.approx(3.0, abs=0.0002)]
    gap_s = device_s[99], device_s[100]
    times_s, _ = found.at(np.array([gap_s[0] - 1, np.mean(gap_s), gap_s[1] + 1]) * 1e6)
    assert np.isnan(times_s).tolist() == [False, True, False]
    assert times_s[0] == pytest.approx(recorder.time_s(gap_s[0] - 1), abs=1e-4)
    later = replace(recorder, offset_s=recorder.offset_s + 3)
    assert times_s[2] == pytest.approx(later.time_s(gap_s[1] + 1), abs=1e-4)


@pytest.mark.parametrize("reset", [SyncEdge(0, 10**9), SyncEdge(10**6, 5)])
def test_a_device_that_was_reset_is_refused(reset):
    device_s = pulses(60)
    with pytest.raises(AlignmentError, match="device 'led' was reset during the session: after edge 58 at"):
        align("led", [*reported(device_s, first=59 - len(device_s)), reset], Recorder().edges(device_s), None)


def test_nothing_is_known_of_an_instant_that_is_not_known():
    device_s = pulses(60)
    times_s, distances_s = align("led", reported(device_s), Recorder().edges(device_s), None).at(np.array([np.nan]))
    assert np.isnan(times_s).all() and np.isnan(distances_s).all()
