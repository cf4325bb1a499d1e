"""The picture is to scale, and as wide as it may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.workbench.bench.plot import LIMIT, TO_P50, TO_P95, TO_P99, Bar, plot


def test_a_bar_is_as_long_as_its_time():
    line, axis = plot([Bar("cpu", 20.0, 30.0, 40.0)], 80.0, 88)
    assert line.count(TO_P50) == 20
    assert line.count(TO_P95) == 10
    assert line.count(TO_P99) == 10
    assert line.index(LIMIT) == len("cpu ") + 80
    assert axis.endswith("80.0 ms")


def test_the_next_exposure_is_drawn_over_what_is_too_slow():
    line, _ = plot([Bar("cpu", 40.0, 60.0, 80.0)], 20.0, 88)
    assert line.index(LIMIT) == len("cpu ") + 20
    assert line.count(TO_P50) == 39


BARS = st.lists(
    st.builds(
        lambda name, p50, more, most: Bar(name, p50, p50 + more, p50 + more + most),
        st.text("abc, ", max_size=20),
        *[st.floats(0.001, 1000)] * 3,
    ),
    min_size=1,
    max_size=6,
)


@given(BARS, st.floats(0.1, 1000), st.integers(60, 120))
def test_no_line_is_longer_than_asked_and_all_limits_are_below_each_other(bars, limit_ms, width):
    *lines, axis = plot(bars, limit_ms, width)
    assert len(lines) == len(bars)
    assert all(len(line) <= width for line in [*lines, axis])
    assert len({line.rindex(LIMIT) for line in lines}) == 1


@pytest.mark.parametrize("limit_ms", [0.1, 10.0, 1000.0])
def test_the_axis_says_where_the_limit_is(limit_ms):
    assert f"{limit_ms:.1f}" in plot([Bar("cpu", 1.0, 2.0, 3.0)], limit_ms, 80)[-1]
