"""Arenas prepared for a model whose preparation is `grey_resize`."""

from selfee_rt.compose.arena import ArenaPreparer
from selfee_rt.compose.cutout import Cutout
from selfee_rt.compose.grey_resize import GreyResize


def preparer(arena, size_px, picture_px):
    """The preparer of an arena; sizes are (height, width)."""
    cutout = Cutout(arena, picture_px)
    return ArenaPreparer(cutout, GreyResize(from_px=cutout.size_px, to_px=size_px, invert=arena.invert))
