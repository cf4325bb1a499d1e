"""One arena: its region of the camera's picture, in grey, at the model's size."""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.resize import Resizer
from selfee_rt.config import ArenaConfig
from selfee_rt.errors import ConfigError, SourceError


class ArenaPreparer:
    """Cuts out, greys, resizes and, if asked, inverts one arena of every exposure.

    `size_px` and `picture_px` are (height, width). Owns its buffers: one thread at a time.

    Raises:
        ConfigError: the region lies outside the picture.
    """

    def __init__(self, arena: ArenaConfig, *, size_px: tuple[int, int], picture_px: tuple[int, int]) -> None:
        self.name = arena.name
        self._picture_px = picture_px
        self._invert = arena.invert
        self._rows, self._columns = _slices(arena, picture_px)
        region_px = (self._rows.stop - self._rows.start, self._columns.stop - self._columns.start)
        self._resizer = Resizer(from_px=region_px, to_px=size_px)

    def prepare(self, image: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Write the arena's part of `image`, (H, W) grey or (H, W, 3) RGB, 0..255, to `out`, (h, w) grey, 0..255.

        Raises:
            SourceError: the picture does not have the size that the source had stated.
        """
        if image.shape[:2] != self._picture_px:
            raise SourceError(
                f"arena {self.name!r}: a picture of {image.shape[1]}x{image.shape[0]} px arrived, expected "
                f"{self._picture_px[1]}x{self._picture_px[0]}; keep the camera's resolution fixed during a session"
            )
        self._resizer.resize(image[self._rows, self._columns], out)
        if self._invert:
            np.subtract(255, out, out=out)


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
