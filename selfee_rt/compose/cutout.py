"""The pixels of one arena in every exposure."""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import ArenaConfig
from selfee_rt.errors import ConfigError, SourceError


class Cutout:
    """Where one arena lies in pictures of one size. `picture_px` and `size_px` are (height, width).

    Raises:
        ConfigError: the region lies outside the picture.
    """

    def __init__(self, arena: ArenaConfig, picture_px: tuple[int, int]) -> None:
        self.name = arena.name
        self.picture_px = picture_px
        self._rows, self._columns = _slices(arena, picture_px)
        self.size_px = (self._rows.stop - self._rows.start, self._columns.stop - self._columns.start)

    def cut(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The arena's part of `image`, (H, W) or (H, W, 3), as a view.

        Raises:
            SourceError: the picture does not have the size that the source had stated.
        """
        if image.shape[:2] != self.picture_px:
            raise SourceError(
                f"arena {self.name!r}: a picture of {image.shape[1]}x{image.shape[0]} px arrived, expected "
                f"{self.picture_px[1]}x{self.picture_px[0]}; keep the camera's resolution fixed during a session"
            )
        return image[self._rows, self._columns]


def _slices(arena: ArenaConfig, picture_px: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the arena."""
    height, width = picture_px
    region = arena.region
    if region is None:
        return slice(0, height), slice(0, width)
    if region.x + region.width > width or region.y + region.height > height:
        raise ConfigError(
            [
                f"arena {arena.name!r}: its region spans x {region.x}..{region.x + region.width - 1} and "
                f"y {region.y}..{region.y + region.height - 1}, but the picture is {width}x{height} px; "
                f"expected x up to {width - 1} and y up to {height - 1}; correct the arena's region"
            ]
        )
    return slice(region.y, region.y + region.height), slice(region.x, region.x + region.width)
