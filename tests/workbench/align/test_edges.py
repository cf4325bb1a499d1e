"""Edges that another recorder saw, as files hold them."""

import numpy as np
import pytest

from selfee_rt.errors import AlignmentError
from selfee_rt.workbench.align import EdgesFormat, read_edges


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "edges.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ("0.5\n1.25\n3\n", EdgesFormat()),
        ("time\n0.5\n1.25\n3\n", EdgesFormat()),
        ("\ufefftime\r\n0.5\r\n\r\n1.25\r\n3\r\n", EdgesFormat()),
        ("line,time (s)\n4,0.5\n4,1.25\n4,3\n", EdgesFormat(column="time (s)")),
        ("4;0.5\n4;1.25\n4;3\n", EdgesFormat(column="2")),
        ("state\tms\n1\t 500\n1\t1250 \n1\t3e3\n\n", EdgesFormat(column="ms", unit="ms")),
        ("15000\n37500\n90000", EdgesFormat(unit="samples", rate_hz=30_000)),
        ('"1","0.5"\n"1","1.25"\n"1","3"', EdgesFormat(column="2")),
    ],
)
def test_headings_separators_and_units_are_understood(file, content, how):
    times_s = read_edges(file(content), how)
    np.testing.assert_allclose(times_s, [0.5, 1.25, 3.0], rtol=0, atol=1e-12)
    assert not times_s.flags.writeable


@pytest.mark.parametrize(
    ("content", "how", "message"),
    [
        ("", EdgesFormat(), "is empty; expected a line per rising edge"),
        (" \n\n", EdgesFormat(), "is empty"),
        ("time\n", EdgesFormat(), "has headings and no edge"),
        ("time\n0.5\n\n1.x\n", EdgesFormat(), "line 4: got '1.x', expected the time of an edge as a number"),
        ("0.5\nnan\n", EdgesFormat(), "line 2: got 'nan'"),
        ("0.5\n1e999\n", EdgesFormat(), "line 2: got '1e999'"),
        ("1,0.5\n1\n", EdgesFormat(column="2"), "line 2: got ''"),
        ("0.5\n1.5\n1.25\n", EdgesFormat(), "line 3: 1.25 comes after 1.5; expected the rising edges of one channel"),
        ("0.5\n0.5\n", EdgesFormat(), "line 2: 0.5 comes after 0.5"),
        ("a,b\n1,2\n", EdgesFormat(), "has 2 columns; choose the one with the times: --column 'a'"),
        ("a,b\n1,2\n", EdgesFormat(column="c"), "has no column 'c', expected one of: a, b"),
        ("1,2\n", EdgesFormat(column="3"), "has no column '3', expected one of: 1, 2"),
        ("1,2\n", EdgesFormat(column="0"), "has no column '0'"),
        ("1\n", EdgesFormat(unit="samples"), "--unit samples needs --rate in samples per second, got None"),
        ("1\n", EdgesFormat(unit="samples", rate_hz=0.0), "needs --rate"),
        ("1\n", EdgesFormat(unit="samples", rate_hz=float("inf")), "needs --rate"),
        ("1\n", EdgesFormat(unit="ms", rate_hz=5.0), "--rate is for --unit samples, the unit is ms"),
        (b"\xff\xfe1\x000\x00", EdgesFormat(), "is not text \\(UTF-8\\)"),
    ],
)
def test_a_file_that_does_not_hold_edges_is_refused_with_the_line(file, content, how, message):
    with pytest.raises(AlignmentError, match=message):
        read_edges(file(content), how)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(AlignmentError, match=r"cannot read .*edges.csv: No such file"):
        read_edges(tmp_path / "edges.csv", EdgesFormat())
