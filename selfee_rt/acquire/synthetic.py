"""The synthetic arena: a camera that needs no camera, over two simulated animals with known behaviour."""

import math
import time
from collections.abc import Callable

import numpy as np

from selfee_rt import clock
from selfee_rt.acquire.pacing import Pace, tolerance_ns
from selfee_rt.acquire.synthetic_draw import FEMALE, MALE, View, draw_chamber, draw_fly, draw_intruder
from selfee_rt.acquire.synthetic_motion import Motion
from selfee_rt.acquire.synthetic_script import LABELS, Script
from selfee_rt.acquire.synthetic_shapes import Canvas
from selfee_rt.config import LampConfig, SyntheticConfig
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.types import Frame, SourceInfo, read_only

_NOISE_MARGIN_PX = 128


class SyntheticArena:
    """A source of grey frames of two flies, bright on dark, that follow a seeded script.

    The picture of exposure i is a pure function of the configuration and i: the same seed gives the same bytes at any
    speed. `now` and `sleep` are for tests of the pacing.
    """

    labels: tuple[str, ...] = LABELS

    def __init__(
        self,
        config: SyntheticConfig,
        *,
        now: Callable[[], int] = clock.now_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.config = config
        self.script = Script(config.seed, config.anomalies)
        self._exposures = None if config.seconds is None else max(1, round(config.seconds * config.fps))
        self._now, self._sleep = now, sleep
        self._view = View.of(config.width_px, config.height_px)
        self._scene: _Scene | None = None

    def truth(self, index: int) -> str:
        """What the animals do at exposure `index`: one of `labels`."""
        return self.script.at(self._media_ns(index) / clock.NS_PER_S).label

    def anomaly(self, index: int) -> str | None:
        """The anomaly shown at exposure `index`, or None."""
        return self.script.anomaly(self._media_ns(index) / clock.NS_PER_S)

    def open(self) -> SourceInfo:
        """Render the chamber; the first `read` starts the clock."""
        config = self.config
        self._scene = _Scene(config, self.script, self._view)
        self._next = self._after_drops(0)
        self._pace = Pace(
            config.speed, tolerance_ns=tolerance_ns(config.fps, config.speed), now=self._now, sleep=self._sleep
        )
        self._n_read = 0
        paced = config.speed != "max"
        return SourceInfo(
            name=f"synthetic arena, seed {config.seed}",
            width_px=config.width_px,
            height_px=config.height_px,
            colour=False,
            fps=config.fps,
            frames=self._promised(),
            time_quality="due" if paced else "arrival",
            paced=paced,
            can_wait=not paced,
        )

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next exposure once it is due; None if that is not within `timeout_s`.

        Raises:
            EndOfStream: the recording's `seconds` are over.
            SourceError: it is not open.
        """
        if self._scene is None:
            raise SourceError("the synthetic arena is not open; call open() before read()")
        self._end()
        due_ns = self._pace.due_ns(self._media_ns(self._next))
        if due_ns is not None and self._pace.too_late(due_ns):
            self._next = self._newest_due()
            self._end()
            due_ns = self._pace.due_ns(self._media_ns(self._next))
        if due_ns is not None and not self._pace.wait(due_ns, timeout_s):
            return None
        return self._frame(self._scene, due_ns)

    def _frame(self, scene: "_Scene", due_ns: int | None) -> Frame:
        index, media_ns = self._next, self._media_ns(self._next)
        image = read_only(scene.picture(index, media_ns / clock.NS_PER_S))
        received_ns = self._now()
        self._next = self._after_drops(index + 1)
        self._n_read += 1
        return Frame(index, media_ns, received_ns if due_ns is None else due_ns, received_ns, image)

    def close(self) -> None:
        """Forget the scene; allowed at any time, and twice."""
        self._scene = None

    def _media_ns(self, index: int) -> int:
        return round(index * clock.NS_PER_S / self.config.fps)

    def _newest_due(self) -> int:
        """The newest exposure that is due, not before the next one."""
        media_ns = self._pace.media_due_ns()
        assert media_ns is not None
        newest = int(media_ns * self.config.fps / clock.NS_PER_S)
        if self._exposures is not None:
            newest = min(newest, self._exposures - 1)
        return self._after_drops(max(newest, self._next))

    def _after_drops(self, index: int) -> int:
        """The first exposure from `index` on that the camera does not drop."""
        for first, last in sorted(self.config.drop):
            if first <= index <= last:
                index = last + 1
        return index

    def _promised(self) -> int | None:
        if self._exposures is None:
            return None
        dropped = {i for first, last in self.config.drop for i in range(max(first, 0), min(last + 1, self._exposures))}
        return self._exposures - len(dropped)

    def _end(self) -> None:
        if self._exposures is not None and self._next >= self._exposures:
            raise EndOfStream(
                f"the synthetic arena ended after {self._exposures} exposures: "
                f"{self._n_read} frames read, {self._promised()} promised"
            )


class _Scene:
    """The chamber, the animals in it, the lamp above and the sensor's noise."""

    def __init__(self, config: SyntheticConfig, script: Script, view: View) -> None:
        rng = np.random.default_rng([abs(config.seed), int(config.seed < 0)])
        self._config, self._script, self._view = config, script, view
        self._motion = Motion(script, config.seed)
        self._empty = draw_chamber(config.width_px, config.height_px, view, rng)
        self._noise = _noise(config, rng)
        self._canvas = np.empty_like(self._empty)

    def picture(self, index: int, t_s: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """The sensor's picture, (H, W) uint8."""
        canvas = self._canvas
        np.copyto(canvas, self._empty)
        male, female = self._motion.poses(t_s)
        draw_fly(canvas, self._view, female, FEMALE)
        draw_fly(canvas, self._view, male, MALE)
        for event in self._script.events(t_s):
            if event.what == "third_object":
                draw_intruder(canvas, self._view, t_s - event.start_s)
        light = brightness(self._config.lamp, t_s)
        if light != 1:
            canvas *= np.float32(light)
        canvas += self._noise_of(index)
        np.clip(canvas, 0, 255, out=canvas)
        return canvas.astype(np.uint8)

    def _noise_of(self, index: int) -> Canvas:
        """A piece of the noise at a place that depends on seed and exposure only."""
        place = _mixed(_mixed(self._config.seed & 0xFFFFFFFF) ^ index)
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
