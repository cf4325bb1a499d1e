"""The light of a stimulus in the picture of the synthetic arena."""

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.config import LedConfig
from selfee_rt.light import Light
from selfee_rt.types import read_only


class Led:
    """Adds a LED's light to pictures of (H, W); a sensor that is full stays at 255.

    It shines at the times of its configuration, which are media time, or with `light`, whose timeline is the source's.
    Whether it shines is asked for the instant of the exposure.
    """

    def __init__(self, config: LedConfig, height_px: int, width_px: int, light: Light | None) -> None:
        self._gain = spot(config, height_px, width_px)
        self._room = 255 - self._gain
        self._starts_ns = [round(start_s * NS_PER_S) for start_s in config.at_s]
        self._on_ns = round(config.on_ms * NS_PER_MS)
        self._light = None if config.at_s else light

    def over(self, image: NDArray[np.uint8], media_ns: int, due_ns: int | None) -> NDArray[np.uint8]:
        """The picture (H, W) uint8 of the exposure at `media_ns`, due at host time `due_ns` (None: not paced).

        Without light it is `image` itself; with light a new one, read-only.
        """
        if not self._shines(media_ns, media_ns if due_ns is None else due_ns):
            return image
        return read_only(np.minimum(image, self._room) + self._gain)

    def _shines(self, media_ns: int, instant_ns: int) -> bool:
        if self._light is not None:
            return self._light.is_on(instant_ns)
        begun = bisect_right(self._starts_ns, media_ns)
        return begun > 0 and media_ns < self._starts_ns[begun - 1] + self._on_ns


def spot(config: LedConfig, height_px: int, width_px: int) -> NDArray[np.uint8]:
    """Grey values that each pixel gains, (H, W) uint8."""
    x = (np.arange(width_px, dtype=np.float32)[None, :] - np.float32(config.x)) / np.float32(config.radius_px)
    y = (np.arange(height_px, dtype=np.float32)[:, None] - np.float32(config.y)) / np.float32(config.radius_px)
    gain = np.float32(config.spill) + np.float32(config.brightness) * np.exp(-(x * x + y * y) / 2)
    return np.asarray(np.rint(np.minimum(gain, 255)), dtype=np.uint8)
