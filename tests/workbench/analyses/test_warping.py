"""Warping against every path there is, and on recordings whose warp is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import unit
from selfee_rt.workbench.analyses import warping
from selfee_rt.workbench.analyses.warping import align


def directions(count, seed, dim=3):
    return unit(np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32))


def every_path(steps, reference_steps, *, open_end):
    """Each way of matching: from the first reference step, on by 0, 1 or 2 at a time."""
    paths = [(0,)]
    for _ in range(steps - 1):
        paths = [(*path, path[-1] + on) for path in paths for on in (0, 1, 2) if path[-1] + on < reference_steps]
    return [path for path in paths if open_end or path[-1] == reference_steps - 1]


@given(steps=st.integers(1, 7), reference_steps=st.integers(1, 8), seed=st.integers(0, 10_000), open_end=st.booleans())
def test_the_path_is_the_cheapest_of_all(steps, reference_steps, seed, open_end):
    query, reference = directions(steps, seed), directions(reference_steps, seed + 1)
    paths = every_path(steps, reference_steps, open_end=open_end)
    if not paths:
        with pytest.raises(ConfigError, match="cannot be aligned"):
            align(query, reference, open_end=open_end)
        return
    cost = 1 - query.astype(float) @ reference.T.astype(float)
    totals = [cost[np.arange(steps), list(path)].sum() for path in paths]
    found = align(query, reference, open_end=open_end)
    assert found.distance == pytest.approx(min(totals) / steps, abs=1e-5)
    own = cost[np.arange(steps), found.reference_step].sum()
    assert own == pytest.approx(min(totals), abs=1e-5)
    assert tuple(found.reference_step.tolist()) in paths


@given(length=st.integers(1, 60), seed=st.integers(0, 1000))
def test_a_recording_is_in_step_with_itself(length, seed):
    points = directions(length, seed, dim=8)
    found = align(points, points)
    np.testing.assert_array_equal(found.reference_step, np.arange(length))
    assert found.distance == pytest.approx(0, abs=1e-5)


@given(moves=st.lists(st.integers(0, 2), min_size=1, max_size=80), seed=st.integers(0, 1000))
def test_a_known_warp_is_found_again(moves, seed):
    truth = np.concatenate([[0], np.cumsum(moves)])
    reference = directions(truth[-1] + 1, seed, dim=16)
    found = align(reference[truth], reference)
    np.testing.assert_array_equal(found.reference_step, truth)


def test_an_open_end_finds_where_a_shorter_recording_stops():
    reference = directions(100, 0, dim=16)
    assert align(reference[:30], reference, open_end=True).reference_step[-1] == 29


def test_a_reference_that_is_out_of_reach_is_refused_with_the_length_it_takes():
    with pytest.raises(ConfigError, match=r"a recording of 5 steps .* reference of 10: expected at least 6"):
        align(directions(5, 0), directions(10, 1))
    assert align(directions(5, 0), directions(9, 1)).reference_step.tolist() == [0, 2, 4, 6, 8]


def test_what_does_not_fit_in_memory_is_refused(monkeypatch):
    monkeypatch.setattr(warping, "MOST_CELLS", 99)
    with pytest.raises(ConfigError, match="got 100 cells, expected at most 99; average over longer steps"):
        align(directions(10, 0), directions(10, 1))
