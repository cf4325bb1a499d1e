"""How a camera's picture becomes a model's: by the code that prepares live pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.arena import ArenaPreparer
from selfee_rt.config import ArenaConfig
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.dataset.size import Size


class Preparer(Protocol):
    """Prepares one arena of every exposure, in order."""

    def prepare(self, image: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Write the arena's part of `image`, (H, W) grey or (H, W, 3) RGB, 0..255, to `out`, (h, w) grey, 0..255."""


def resized(arena: ArenaConfig, size_px: Size, picture_px: Size) -> Preparer:
    """Cut out, grey and resize, as a session does for a model of `grey_resize`.

    Raises:
        ConfigError: the region lies outside the picture.
    """
    return ArenaPreparer(arena, size_px=size_px, picture_px=picture_px)


@dataclass(frozen=True, slots=True)
class Preparation:
    """One way of preparing pictures."""

    name: Preprocessing = "grey_resize"
    """As the model card will say."""
    details: str = ""
    """Whatever else decides the pixels, for example the sha256 of a background; part of the cache's key."""
    preparer: Callable[[ArenaConfig, Size, Size], Preparer] = resized
    """Makes the preparer of an arena for pictures of (height, width) to be prepared from pictures of another."""
