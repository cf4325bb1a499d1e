"""What the sensor of the synthetic arena sees: chamber, animals, lamp and noise."""

import math

import numpy as np
from numpy.typing import NDArray

from selfee_rt.acquire.synthetic_draw import FEMALE, MALE, View, draw_chamber, draw_fly, draw_intruder
from selfee_rt.acquire.synthetic_motion import Motion
from selfee_rt.acquire.synthetic_script import Script
from selfee_rt.acquire.synthetic_shapes import Canvas
from selfee_rt.config import LampConfig, SyntheticConfig

_NOISE_MARGIN_PX = 128


class Scene:
    """Makes the pictures in order of time: the chamber is rendered once, the animals into each."""

    def __init__(self, config: SyntheticConfig, script: Script) -> None:
        rng = np.random.default_rng([abs(config.seed), int(config.seed < 0)])
        self._config, self._script = config, script
        self._view = View.of(config.width_px, config.height_px)
        self.motion = Motion(script, config.seed)
        self._empty = draw_chamber(config.width_px, config.height_px, self._view, rng)
        self._noise = _noise(config, rng)
        self._canvas = np.empty_like(self._empty)

    def picture(self, index: int, t_s: float) -> NDArray[np.uint8]:
        """The picture of exposure `index` at media time `t_s`, (H, W) uint8; `t_s` must not go back."""
        canvas = self._canvas
        np.copyto(canvas, self._empty)
        self._animals(canvas, t_s)
        light = brightness(self._config.lamp, t_s)
        if light != 1:
            canvas *= np.float32(light)
        canvas += self._noise_of(index)
        np.clip(canvas, 0, 255, out=canvas)
        return canvas.astype(np.uint8)

    def _animals(self, canvas: Canvas, t_s: float) -> None:
        male, female = self.motion.poses(t_s)
        draw_fly(canvas, self._view, female, FEMALE)
        draw_fly(canvas, self._view, male, MALE)
        for event in self._script.events(t_s):
            if event.what == "third_object":
                draw_intruder(canvas, self._view, t_s - event.start_s)

    def _noise_of(self, index: int) -> Canvas:
        """A piece of the noise at a place that depends on seed and exposure only."""
        place = _mixed(_mixed(self._config.seed) ^ index)
        x, y = place % _NOISE_MARGIN_PX, place // _NOISE_MARGIN_PX % _NOISE_MARGIN_PX
        return self._noise[y : y + self._config.height_px, x : x + self._config.width_px]


def brightness(lamp: LampConfig, t_s: float) -> float:
    """Brightness of the lamp at media time `t_s`, as a fraction."""
    level = lamp.dim_to if lamp.dim_at_s is not None and t_s >= lamp.dim_at_s else 1.0
    return level * (1 + lamp.flicker * math.sin(2 * math.pi * lamp.flicker_hz * t_s))


def _noise(config: SyntheticConfig, rng: np.random.Generator) -> Canvas:
    """Noise for a picture and a margin, plus one half, so that cutting off the fraction rounds."""
    shape = (config.height_px + _NOISE_MARGIN_PX, config.width_px + _NOISE_MARGIN_PX)
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(config.noise) + np.float32(0.5)


def _mixed(number: int) -> int:
    """Scatter the bits of a number (SplitMix64's finaliser)."""
    number = (number + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return number ^ (number >> 31)
