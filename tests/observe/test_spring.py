"""Subsequence warping over a stream agrees with warping every subsequence on its own."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.observe.spring import Match, Spring


def warped(distance):
    """Cost of warping a whole stretch to the whole template, from distances (n, m), by the textbook recursion."""
    n, m = distance.shape
    table = np.full((n + 1, m + 1), np.inf)
    table[0, 0] = 0
    for t in range(n):
        for i in range(m):
            table[t + 1, i + 1] = distance[t, i] + min(table[t, i + 1], table[t + 1, i], table[t, i])
    return table[n, m]


def disjoint(distance, threshold):
    """The algorithm as it is printed in the paper, one cell after the other; (start, stop, cost) per match."""
    n, m = distance.shape
    before, started, found, best = [0.0] + [np.inf] * m, [0] * (m + 1), [], None
    for t in range(n):
        now, starts = [0.0], [t]
        for i in range(m):
            ways = [(before[i], started[i] if i else t), (now[i], starts[i]), (before[i + 1], started[i + 1])]
            cost, start = min(ways, key=lambda way: way[0])
            now.append(distance[t, i] + cost)
            starts.append(start)
        if best is not None and all(c >= best[2] or s > best[1] for c, s in zip(now[1:], starts[1:], strict=True)):
            found.append(best)
            now = [0.0] + [np.inf if s <= best[1] else c for c, s in zip(now[1:], starts[1:], strict=True)]
            best = None
        if now[-1] / m < threshold and (best is None or now[-1] < best[2]):
            best = (starts[-1], t, now[-1])
        before, started = now, starts
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


def test_a_slower_occurrence_is_found_and_costs_nothing():
    (match,) = searched(np.repeat(planted(5, 12)[:20], 3, axis=0), 0.1)
    assert match.cost == 0
    assert match.start_index in (24, 25, 26), "any of three equal exposures may be the first"
    assert match.stop_index in (36, 37, 38)


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
