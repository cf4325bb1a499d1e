"""One arena: its region of the camera's picture, prepared as the model wants it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.cutout import Cutout


class Preparation(Protocol):
    """Makes an arena's pixels what a model was trained on. Owns its buffers: one thread at a time."""

    def prepare(self, pixels: NDArray[np.uint8], out: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Write `pixels`, (H, W) grey or (H, W, 3) RGB, 0..255, to `out`, (h, w) grey, 0..255.

        Returns the (h, w) picture that tells lamp, focus and camera; valid until the next call.
        """


class ArenaPreparer:
    """Cuts out and prepares one arena of every exposure. Owns its buffers: one thread at a time."""

    def __init__(self, cutout: Cutout, preparation: Preparation) -> None:
        self.name = cutout.name
        self._cutout = cutout
        self._preparation = preparation

    def prepare(self, image: NDArray[np.uint8], out: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Write the arena's part of `image`, (H, W) or (H, W, 3), to `out`; returns as `Preparation.prepare`.

        Raises:
            SourceError: the picture does not have the size that the source had stated.
        """
        return self._preparation.prepare(self._cutout.cut(image), out)
