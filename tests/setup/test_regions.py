"""A rectangle that is dragged about never leaves the picture and never becomes too small."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from selfee_rt.config import Region
from selfee_rt.setup.regions import SMALLEST_PX, WHOLE, Grip, dragged, drawn, fits, grid, grip_at

PICTURE_PX = (480, 640)
STEP = st.floats(-2000, 2000)
GRIP = st.sampled_from(
    [
        WHOLE,
        *(
            Grip(left=a, top=b, right=c, bottom=d)
            for a, b, c, d in [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (1, 1, 0, 0), (0, 0, 1, 1)]
        ),
    ]
)


@st.composite
def regions(draw):
    width, height = draw(st.integers(SMALLEST_PX, 640)), draw(st.integers(SMALLEST_PX, 480))
    x, y = draw(st.integers(0, 640 - width)), draw(st.integers(0, 480 - height))
    return Region(x=x, y=y, width=width, height=height)


@given(regions(), GRIP, STEP, STEP)
def test_whatever_the_mouse_does_it_stays_a_region_of_the_picture(region, grip, dx, dy):
    after = dragged(region, grip, dx, dy, PICTURE_PX)
    assert fits(after, PICTURE_PX)
    if not grip.left:
        assert after.x == region.x
    if not grip.right:
        assert after.x + after.width == region.x + region.width
    if not grip.top:
        assert after.y == region.y
    if not grip.bottom:
        assert after.y + after.height == region.y + region.height


@given(regions(), STEP, STEP)
def test_moving_keeps_the_size_and_comes_back(region, dx, dy):
    after = dragged(region, WHOLE, dx, dy, PICTURE_PX)
    assert (after.width, after.height) == (region.width, region.height)
    assume((after.x, after.y) == (region.x + round(dx), region.y + round(dy)))
    assert dragged(after, WHOLE, -round(dx), -round(dy), PICTURE_PX) == region


@given(STEP, STEP, STEP, STEP)
def test_a_drawn_rectangle_is_the_same_from_whichever_corner(x0, y0, x1, y1):
    region = drawn(x0, y0, x1, y1, PICTURE_PX)
    assert region == drawn(x1, y1, x0, y0, PICTURE_PX) == drawn(x0, y1, x1, y0, PICTURE_PX)
    assert region is None or fits(region, PICTURE_PX)


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_grid_covers_nothing_twice(rows, columns):
    parts = grid(rows, columns, PICTURE_PX)
    assert len(parts) == rows * columns
    covered = {(part.x, part.y) for part in parts}
    assert len(covered) == len(parts)
    assert all(fits(part, PICTURE_PX) for part in parts)
    assert sum(part.width * part.height for part in parts) <= 640 * 480


def test_a_grid_of_parts_that_are_too_small_is_none():
    assert grid(100, 1, PICTURE_PX) == []


@pytest.mark.parametrize(
    ("x", "y", "grip"),
    [
        (60, 35, WHOLE),
        (11, 35, Grip(left=True)),
        (109, 61, Grip(right=True, bottom=True)),
        (60, 8, Grip(top=True)),
        (60, 80, None),
    ],
)
def test_what_the_mouse_takes_hold_of(x, y, grip):
    assert grip_at(Region(x=10, y=10, width=100, height=50), x, y, reach_px=4) == grip
