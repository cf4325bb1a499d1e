"""The preparation `selfee_mouse`: what differs from the empty arena, as a dark animal on white.

Source: the authors' tool for it, github.com/EBGU/RodentTracker (`SuperTracker_OFT_Template.py` and `ThreeChamber.py`,
class `rmBackground`), which their Selfee README names for preprocessing. Facts taken from it: the arena is first
brought to 500 px (`imgSize`), in grey; the background is subtracted as floating point from a bright animal, or the
animal from the background where it is dark; differences under 25 (under 7 in `ThreeChamber.py`) become 0, others lose
their fraction; then a median blur of 5 px, histogram equalisation, inversion, a median blur of 5 px again; and only
the result is resized to the network's 256x192 (`Selfee_inferPerVideo.py`, PIL bilinear).

Departures: they straighten the arena by four clicked corners, we cut a region out; they enlarge what is smaller than
500 px, we do not; they store JPEG in between, we do not.
"""

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.equalize import equalizing
from selfee_rt.compose.median import MedianFilter
from selfee_rt.compose.resize import Resizer
from selfee_rt.config import Contrast

LONGEST_PX = 500
"""The longer side of the picture that is worked on: the authors' `imgSize`."""
THRESHOLD = 25
"""Smaller differences are noise."""


def working_px(size_px: tuple[int, int]) -> tuple[int, int]:
    """Size (height, width) at which an arena of this size is worked on: never larger, and in its proportions.

    >>> working_px((480, 640)), working_px((300, 200))
    ((375, 500), (300, 200))
    """
    scale = min(1.0, LONGEST_PX / max(size_px))
    return max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))


class SelfeeMouse:
    """Prepares one arena against its background. Sizes are (height, width). Owns its buffers: one thread at a time.

    `background`, (H, W) uint8 of `working_px`, is given before the first exposure is prepared, and then stays. It is
    rounded towards the animal's side (see `background.BackgroundMaker`), which makes the whole numbers here what the
    authors' floating point gives.
    """

    def __init__(self, *, from_px: tuple[int, int], to_px: tuple[int, int], contrast: Contrast) -> None:
        self.contrast: Contrast = contrast
        self.working_px = working_px(from_px)
        self.background: NDArray[np.uint8] | None = None
        self._reduce = Resizer(from_px=from_px, to_px=self.working_px)
        self._to_model = Resizer(from_px=self.working_px, to_px=to_px)
        self._to_plain = Resizer(from_px=self.working_px, to_px=to_px)
        self._median = MedianFilter(self.working_px)
        self._grey = np.empty(self.working_px, np.uint8)
        self._work = np.empty(self.working_px, np.uint8)
        self._plain = np.empty(to_px, np.uint8)

    def grey(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """`pixels`, (H, W) grey or (H, W, 3) RGB, in grey at `working_px`; valid until the next call."""
        self._reduce.resize(pixels, self._grey)
        return self._grey

    def prepare(self, pixels: NDArray[np.uint8], out: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Write what differs from the background to `out`, (h, w); returns the plain grey picture, (h, w).

        Light, focus and camera show in the plain picture: equalisation would hide them.
        """
        if self.background is None:
            raise ValueError("there is no background yet; give it before preparing an exposure")
        grey, work = self.grey(pixels), self._work
        self._to_plain.resize(grey, self._plain)
        animal, ground = (grey, self.background) if self.contrast == "bright" else (self.background, grey)
        subtract(animal, ground, work)
        self._median.filter(work, work)
        np.take(255 - equalizing(work), work, out=work)
        self._median.filter(work, work)
        self._to_model.resize(work, out)
        return self._plain


def subtract(more: NDArray[np.uint8], less: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Write `more - less` to `out` where it is at least `THRESHOLD`, elsewhere 0; (H, W) each."""
    np.maximum(more, less, out=out)
    np.subtract(out, less, out=out)
    np.multiply(out, out >= THRESHOLD, out=out)
