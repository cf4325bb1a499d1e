"""Columns of plots: what lies in them, however short it was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.support import need_module

need_module("PySide6")
need_module("pyqtgraph")

from selfee_rt.view.panels.plot import POINTS, at_columns, in_columns  # noqa: E402

S = 1_000_000_000
SPAN_S = 600.0
COLUMN_NS = round(SPAN_S * S / POINTS)
PERIOD_NS = 33_333_333


@given(st.lists(st.integers(-50 * S, 700 * S), max_size=20).map(sorted), st.integers(600 * S, 700 * S))
def test_every_instant_is_in_its_column_and_nothing_else_is(instants, right_ns):
    marks, right_s = in_columns(np.array(instants, np.int64), right_ns, PERIOD_NS, SPAN_S)
    last = right_ns // COLUMN_NS
    expected = np.zeros(POINTS)
    for instant in instants:
        for column in range(instant // COLUMN_NS, (instant + PERIOD_NS) // COLUMN_NS + 1):
            if 0 <= column - last + POINTS - 1 < POINTS:
                expected[column - last + POINTS - 1] = 1
    assert marks.tolist() == expected.tolist()
    assert right_s == at_columns(np.array([right_ns]), right_ns, PERIOD_NS, SPAN_S)[1]


def test_an_alarm_of_one_exposure_is_seen_in_half_an_hour():
    marks, _ = in_columns(np.array([900 * S]), 1800 * S, PERIOD_NS, 1800.0)
    assert marks.sum() == 1
