"""Subsequence warping over a stream agrees with warping every subsequence on its own."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.observe.spring import Match, Spring


def warped(distance):
    """Cost of warping a whole stretch to the whole template, from distances (n, m), by trying every path."""
    n, m = distance.shape

    @cache
    def cost(t, i, may_stay):
        """Of the cheapest path that begins with the stretch and is at place i at exposure t."""
        if t < 0 or i < 0:
            return 0.0 if t < 0 and i == -1 else np.inf
        ways = [cost(t - 1, i - 1, True) + distance[t, i]]
        if i > 1:
            ways.append(cost(t - 1, i - 2, True) + 2 * distance[t, i])
        if may_stay and t > 0:
            ways.append(cost(t - 1, i, False) + distance[t, i])
        return min(ways)

    return cost(n - 1, m - 1, True)


def disjoint(distance, threshold):
    """The published algorithm, one cell after the other; (start, stop, cost) per match."""
    n, m = distance.shape
    cells, found, best = {}, [], None
    for t in range(n):
        now = {}
        for i in range(m):
            ways = []
            for step, weight in ((1, 1), (2, 2)):
                entered = [cells[i - step, kind] for kind in "as" if (i - step, kind) in cells]
                entered += [(0.0, t)] if i == 0 and step == 1 else []
                ways += [(cost + weight * distance[t, i], start) for cost, start in entered]
            if ways:
                now[i, "a"] = min(ways)
            if (i, "a") in cells:
                now[i, "s"] = (cells[i, "a"][0] + distance[t, i], cells[i, "a"][1])
        if best is not None and all(cost >= best[2] or start > best[1] for cost, start in now.values()):
            found.append(best)
            now = {cell: path for cell, path in now.items() if path[1] > best[1]}
            best = None
        cost, start = min((now[m - 1, kind] for kind in "as" if (m - 1, kind) in now), default=(np.inf, t))
        if cost / m < threshold and (best is None or cost < best[2]):
            best = (start, t, cost)
        cells = now
    return found + ([best] if best else [])


def searched(distance, threshold):
    """What `Spring` finds in distances (n, m), media times being ten times the exposure."""
    spring = Spring(distance.shape[1], threshold)
    matches = [spring.push(row, index, 10 * index) for index, row in enumerate(distance)]
    return [match for match in (*matches, spring.finish()) if match is not None]


streams = st.builds(
    lambda n, m, seed: np.random.default_rng(seed).uniform(0, 1, (n, m)) ** 2,
    st.integers(1, 25),
    st.integers(1, 6),
    st.integers(0, 10_000),
)


@settings(max_examples=60, deadline=None)
@given(streams)
def test_at_every_exposure_the_cost_is_that_of_the_best_of_all_stretches_that_end_there(distance):
    n, m = distance.shape
    spring = Spring(m, 0.0)
    assert spring.cost == np.inf
    for stop in range(n):
        assert spring.push(distance[stop], stop, 0) is None
        expected = min(warped(distance[start : stop + 1]) for start in range(stop + 1)) / m
        assert spring.cost == pytest.approx(expected, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(streams, st.floats(0.01, 1.0))
def test_the_matches_are_those_of_the_published_algorithm(distance, threshold):
    got = searched(distance, threshold)
    expected = disjoint(distance, threshold)
    assert [(match.start_index, match.stop_index) for match in got] == [match[:2] for match in expected]
    costs = [match[2] / distance.shape[1] for match in expected]
    assert [match.cost for match in got] == pytest.approx(costs, abs=1e-9)
    assert all(
        (match.start_media_ns, match.stop_media_ns) == (10 * match.start_index, 10 * match.stop_index) for match in got
    )


@settings(max_examples=100, deadline=None)
@given(streams, st.floats(0.01, 1.0))
def test_matches_are_disjoint_cost_what_they_say_and_the_best_stretch_of_all_is_among_them(distance, threshold):
    n, m = distance.shape
    matches = searched(distance, threshold)
    for number, match in enumerate(matches):
        alone = warped(distance[match.start_index : match.stop_index + 1]) / m
        # A path that a reported match had blocked may have been the cheaper one of a later stretch.
        assert match.cost == pytest.approx(alone, abs=1e-9) if number == 0 else match.cost >= alone - 1e-9
        assert match.cost < threshold
    for one, next_one in pairwise(matches):
        assert one.stop_index < next_one.start_index
    best = min(warped(distance[a : b + 1]) / m for a in range(n) for b in range(a, n))
    if best < threshold - 1e-9:
        assert min(match.cost for match in matches) == pytest.approx(best, abs=1e-9)


def planted(length, *stops):
    """Distances in which the template lies, exactly, so that it ends at each of `stops`."""
    distance = np.ones((40, length))
    for stop in stops:
        for place in range(length):
            distance[stop - length + 1 + place, place] = 0
    return distance


def test_each_occurrence_is_found_once():
    assert searched(planted(5, 12, 30), 0.1) == [Match(8, 12, 80, 120, 0.0), Match(26, 30, 260, 300, 0.0)]


def test_an_occurrence_at_half_the_speed_is_found_and_costs_nothing():
    (match,) = searched(np.repeat(planted(5, 12)[:20], 2, axis=0), 0.1)
    assert match.cost == 0
    assert 16 <= match.start_index < match.stop_index <= 25, "equal exposures at its ends may be left out"


def test_an_occurrence_at_twice_the_speed_is_found_and_costs_nothing():
    assert searched(planted(5, 12)[::2], 0.1) == [Match(4, 6, 40, 60, 0.0)]


def test_what_is_slower_or_faster_than_that_is_not_found():
    assert not searched(np.repeat(planted(5, 12)[:20], 3, axis=0), 0.1)
    assert not searched(planted(5, 12)[::3], 0.1)


@settings(max_examples=50, deadline=None)
@given(streams)
def test_a_match_lasts_at_least_half_and_at_most_twice_as_long_as_the_template(distance):
    m = distance.shape[1]
    for match in searched(distance, 2.0):
        assert m <= 2 * (match.stop_index - match.start_index + 1) <= 4 * m


def test_an_occurrence_at_the_end_of_the_stream_is_not_lost():
    assert searched(planted(5, 39), 0.1) == [Match(35, 39, 350, 390, 0.0)]


def test_no_match_spans_a_break():
    distance = planted(5, 12)
    spring = Spring(5, 0.1)
    found = []
    for index, row in enumerate(distance):
        if index == 11:
            spring.reset()
        found.append(spring.push(row, index, 0))
    assert not any([*found, spring.finish()])


def test_a_match_that_is_not_certain_at_a_break_is_reported_after_it():
    distance = planted(5, 12)
    spring = Spring(5, 0.1)
    assert not any(spring.push(row, index, 0) for index, row in enumerate(distance[:13]))
    spring.reset()
    spring.reset()
    assert spring.push(distance[13], 100, 0) == Match(8, 12, 0, 0, 0.0)
    assert spring.push(distance[14], 101, 0) is None


def test_a_match_that_is_not_certain_at_a_break_is_reported_at_an_end_without_more_exposures():
    spring = Spring(5, 0.1)
    for index, row in enumerate(planted(5, 12)[:13]):
        spring.push(row, index, 0)
    spring.reset()
    assert spring.finish() == Match(8, 12, 0, 0, 0.0)
    assert spring.finish() is None


def test_memory_does_not_grow():
    import tracemalloc

    rng = np.random.default_rng(0)
    rows = rng.uniform(0.2, 1, (64, 30))
    spring = Spring(30, 0.1)
    for index in range(300):
        spring.push(rows[index % 64], index, index)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for index in range(300, 3000):
        spring.push(rows[index % 64], index, index)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 4_000
