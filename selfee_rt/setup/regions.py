"""Rectangles in a picture: drawing, moving and resizing them without ever leaving it."""

from dataclasses import dataclass

from selfee_rt.config import Region

SMALLEST_PX = 8
"""A region is at least so wide and high, as the configuration demands."""


@dataclass(frozen=True, slots=True)
class Grip:
    """Which sides of a rectangle follow the mouse; all four: it moves as a whole."""

    left: bool = False
    top: bool = False
    right: bool = False
    bottom: bool = False

    @property
    def whole(self) -> bool:
        """The rectangle moves and keeps its size."""
        return self.left and self.right


WHOLE = Grip(left=True, top=True, right=True, bottom=True)


def grip_at(region: Region, x: float, y: float, reach_px: float) -> Grip | None:
    """What a mouse at (x, y) would take hold of, sides within `reach_px` first; None where it is outside.

    >>> grip_at(Region(x=10, y=10, width=100, height=50), 12, 30, reach_px=4)
    Grip(left=True, top=False, right=False, bottom=False)
    """
    right, bottom = region.x + region.width, region.y + region.height
    inside = region.x - reach_px <= x <= right + reach_px and region.y - reach_px <= y <= bottom + reach_px
    if not inside:
        return None
    left_side, right_side = _nearer(x - region.x, right - x, reach_px)
    top_side, bottom_side = _nearer(y - region.y, bottom - y, reach_px)
    sides = Grip(left=left_side, top=top_side, right=right_side, bottom=bottom_side)
    return WHOLE if sides == Grip() else sides


def _nearer(first: float, last: float, reach_px: float) -> tuple[bool, bool]:
    """Which of two opposite sides is within reach: the nearer one, never both."""
    return abs(first) <= reach_px and abs(first) <= abs(last), abs(last) <= reach_px and abs(last) < abs(first)


def dragged(region: Region, grip: Grip, dx: float, dy: float, picture_px: tuple[int, int]) -> Region:
    """Where a rectangle is after the mouse has gone by (dx, dy) pixels of a picture of (height, width) pixels.

    A side stops at the border of the picture and `SMALLEST_PX` before the opposite one.
    """
    height_px, width_px = picture_px
    x, width = _along(region.x, region.width, (grip.left, grip.right), round(dx), width_px)
    y, height = _along(region.y, region.height, (grip.top, grip.bottom), round(dy), height_px)
    return Region(x=x, y=y, width=width, height=height)


def _along(start: int, length: int, held: tuple[bool, bool], step: int, limit: int) -> tuple[int, int]:
    """The same for one direction: new start and length."""
    stop = start + length
    if all(held):
        moved = _between(start + step, 0, limit - length)
        return moved, length
    if held[0]:
        start = _between(start + step, 0, stop - SMALLEST_PX)
    if held[1]:
        stop = _between(stop + step, start + SMALLEST_PX, limit)
    return start, stop - start


def drawn(x0: float, y0: float, x1: float, y1: float, picture_px: tuple[int, int]) -> Region | None:
    """The rectangle between two corners, its parts outside the picture cut off; None where too little is left.

    >>> drawn(90, 10, 30, 200, (100, 200))
    Region(x=30, y=10, width=60, height=90)
    """
    height_px, width_px = picture_px
    left, right = (_between(round(each), 0, width_px) for each in sorted((x0, x1)))
    top, bottom = (_between(round(each), 0, height_px) for each in sorted((y0, y1)))
    if right - left < SMALLEST_PX or bottom - top < SMALLEST_PX:
        return None
    return Region(x=left, y=top, width=right - left, height=bottom - top)


def grid(rows: int, columns: int, picture_px: tuple[int, int]) -> list[Region]:
    """Equal parts of a picture of (height, width) pixels, row by row; empty where they would be too small."""
    height, width = picture_px[0] // rows, picture_px[1] // columns
    if min(height, width) < SMALLEST_PX:
        return []
    return [
        Region(x=column * width, y=row * height, width=width, height=height)
        for row in range(rows)
        for column in range(columns)
    ]


def fits(region: Region, picture_px: tuple[int, int]) -> bool:
    """Whether it lies inside a picture of (height, width) pixels."""
    return region.x + region.width <= picture_px[1] and region.y + region.height <= picture_px[0]


def _between(value: int, lowest: int, highest: int) -> int:
    return max(lowest, min(value, highest))
