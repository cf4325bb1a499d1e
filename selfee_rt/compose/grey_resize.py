"""The preparation `grey_resize`: grey, at the model's size, inverted if asked; the authors' own for flies."""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.resize import Resizer


class GreyResize:
    """Greys, resizes and, if asked, inverts. Sizes are (height, width)."""

    def __init__(self, *, from_px: tuple[int, int], to_px: tuple[int, int], invert: bool) -> None:
        self._resizer = Resizer(from_px=from_px, to_px=to_px)
        self._invert = invert

    def prepare(self, pixels: NDArray[np.uint8], out: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Write `pixels` to `out`, which also is what is measured; see `Preparation.prepare`."""
        self._resizer.resize(pixels, out)
        if self._invert:
            np.subtract(255, out, out=out)
        return out
