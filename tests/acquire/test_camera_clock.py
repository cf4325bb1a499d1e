"""A simulated camera whose clock drifts, and whose frames arrive late by a random, never negative delay."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.acquire.camera_clock import SPANS, CameraClock

PERIOD_NS = 10_000_000


def arrivals(n, *, offset_ns, drift_ppm, jitter_ns, seed):
    """(camera, true host time, arrival) of `n` exposures; one in ten arrives with next to no delay."""
    rng = random.Random(seed)
    received = -(10**18)
    for number in range(n):
        camera = 5_000_000_000 + number * PERIOD_NS
        true = offset_ns + round(camera * (1 + drift_ppm * 1e-6))
        delay = rng.uniform(0, jitter_ns * 0.01) if rng.random() < 0.1 else rng.expovariate(1 / jitter_ns)
        received = max(received, true + round(delay))
        yield camera, true, received


@settings(max_examples=30, deadline=None)
@given(
    offset_ns=st.integers(-(10**15), 10**15),
    drift_ppm=st.floats(-200, 200),
    jitter_ns=st.sampled_from([10_000, 1_000_000, 5_000_000]),
    seed=st.integers(0, 1000),
)
def test_offset_and_drift_are_recovered_although_arrivals_are_late(offset_ns, drift_ppm, jitter_ns, seed):
    clock = CameraClock()
    errors = [
        abs(clock.update(camera, arrived) - true)
        for camera, true, arrived in arrivals(
            3000, offset_ns=offset_ns, drift_ppm=drift_ppm, jitter_ns=jitter_ns, seed=seed
        )
    ]
    tolerance_ns = 20_000 + jitter_ns * 0.05
    assert max(errors[-1000:]) < tolerance_ns
    assert clock.drift_ppm == pytest.approx(drift_ppm, abs=0.2 + jitter_ns * 1e-5)
    camera = 5_000_000_000 + 2999 * PERIOD_NS
    assert clock.offset_ns == pytest.approx(offset_ns + camera * drift_ppm * 1e-6, abs=tolerance_ns)
    assert 0 <= clock.residual_ns <= jitter_ns


@given(st.lists(st.tuples(st.integers(1, 10**10), st.integers(0, 10**10)), max_size=100))
def test_no_exposure_is_later_than_its_arrival_or_earlier_than_the_one_before(steps):
    clock, camera, host, before = CameraClock(), 0, 0, 0
    for camera_step, host_step in steps:
        camera, host = camera + camera_step, host + host_step
        captured = clock.update(camera, host)
        assert before <= captured <= host
        before = captured


def test_the_window_is_bounded_and_follows_a_drift_that_changes():
    clock = CameraClock()
    host = 0
    for number in range(40_000):
        host += PERIOD_NS + (500 if number < 20_000 else -500)  # ±50 ppm
        captured = clock.update(number * PERIOD_NS, host)
    assert clock.drift_ppm == pytest.approx(-50, abs=1)
    assert host - captured < 50_000
    assert len(clock._best) == SPANS
