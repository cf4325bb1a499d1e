"""The synthetic arena: a camera that needs no camera, over two simulated animals with known behaviour."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from selfee_rt import clock
from selfee_rt.acquire.pacing import Pace, tolerance_ns
from selfee_rt.acquire.synthetic_led import Led
from selfee_rt.acquire.synthetic_scene import Scene
from selfee_rt.acquire.synthetic_script import LABELS, Script
from selfee_rt.config import SyntheticConfig
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.light import Light
from selfee_rt.types import Frame, SourceInfo, read_only

DRAWING_NS = 5 * clock.NS_PER_MS
"""Room for drawing a picture before it is due."""


class SyntheticArena:
    """A source of grey frames of two flies, bright on dark, that follow a seeded script.

    The picture of exposure i is a function of the configuration and i alone: the same seed gives the same bytes at any
    speed. Only the LED of a device (`config.led`) adds to that, while `light` says that it shines: on the host's clock,
    and if the arena is not paced in media time. `now` and `sleep` replace the clock in tests of the pacing.
    """

    labels: tuple[str, ...] = LABELS

    def __init__(
        self,
        config: SyntheticConfig,
        light: Light | None = None,
        *,
        now: Callable[[], int] = clock.now_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.config = config
        self.script = Script(config.seed, config.anomalies)
        self._exposures = None if config.seconds is None else max(1, round(config.seconds * config.fps))
        """Exposures of the whole recording, dropped ones counted; None: endless."""
        self._drops = _joined(config.drop)
        self._led = None if config.led is None else Led(config.led, config.height_px, config.width_px, light)
        self._now, self._sleep = now, sleep
        self._scene: Scene | None = None

    def truth(self, index: int) -> str:
        """What the animals do at exposure `index`: one of `labels`."""
        return self.script.at(self._media_ns(index) / clock.NS_PER_S).label

    def anomaly(self, index: int) -> str | None:
        """The anomaly shown at exposure `index`, or None."""
        return self.script.anomaly(self._media_ns(index) / clock.NS_PER_S)

    def open(self) -> SourceInfo:
        """Render the chamber; exposure 0 is due at the first `read`."""
        config = self.config
        self._scene = Scene(config, self.script)
        self._pace = Pace(
            config.speed, tolerance_ns=tolerance_ns(config.fps, config.speed), now=self._now, sleep=self._sleep
        )
        self._next, self._n_read = self._arriving(0), 0
        self._picture: tuple[int, NDArray[np.uint8]] | None = None
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

        A paced reader that is too slow loses exposures: the index jumps to the newest that is due.

        Raises:
            EndOfStream: the recording's `seconds` are over.
            SourceError: it is not open.
        """
        if self._scene is None:
            raise SourceError("the synthetic arena is read but not open; call open() first")
        due_ns = self._due_ns()
        if due_ns is not None and self._pace.too_late(due_ns):
            self._next = self._newest_due()
            due_ns = self._due_ns()
        if due_ns is not None and not self._pace.wait(due_ns - DRAWING_NS, timeout_s):
            return None
        image = self._drawn(self._scene)
        if due_ns is not None and not self._pace.wait(due_ns, timeout_s):
            return None
        return self._frame(image, due_ns)

    def close(self) -> None:
        """Forget the scene; allowed at any time, and twice."""
        self._scene = None

    def _drawn(self, scene: Scene) -> NDArray[np.uint8]:
        """The next picture, drawn just before it is due: a camera does not use the processor when its moment comes."""
        if self._picture is None or self._picture[0] != self._next:
            image = read_only(scene.picture(self._next, self._media_ns(self._next) / clock.NS_PER_S))
            self._picture = (self._next, image)
        return self._picture[1]

    def _frame(self, image: NDArray[np.uint8], due_ns: int | None) -> Frame:
        index, media_ns = self._next, self._media_ns(self._next)
        if self._led is not None:
            image = self._led.over(image, media_ns, due_ns)
        received_ns = self._now()
        self._next = self._arriving(index + 1)
        self._n_read += 1
        return Frame(index, media_ns, received_ns if due_ns is None else due_ns, received_ns, image)

    def _media_ns(self, index: int) -> int:
        return round(index * clock.NS_PER_S / self.config.fps)

    def _due_ns(self) -> int | None:
        """When the next exposure is due; raises EndOfStream if there is none."""
        if self._exposures is not None and self._next >= self._exposures:
            raise EndOfStream(
                f"the synthetic arena ended after {self._exposures} exposures: "
                f"{self._n_read} frames read, {self._promised()} promised"
            )
        return self._pace.due_ns(self._media_ns(self._next))

    def _newest_due(self) -> int:
        """The newest exposure that is due; the last of the recording at its end."""
        media_ns = self._pace.media_due_ns()
        assert media_ns is not None
        newest = int(media_ns * self.config.fps / clock.NS_PER_S)
        if self._exposures is not None:
            newest = min(newest, self._exposures - 1)
        return self._arriving(max(newest, self._next))

    def _arriving(self, index: int) -> int:
        """The first exposure from `index` on that the camera does not drop."""
        return next((last + 1 for first, last in self._drops if first <= index <= last), index)

    def _promised(self) -> int | None:
        if self._exposures is None:
            return None
        end = self._exposures
        return end - sum(min(last + 1, end) - first for first, last in self._drops if first < end)


def _joined(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The same exposures as ranges that are in order and neither overlap nor touch.

    >>> _joined(((7, 9), (1, 3), (4, 5), (8, 8)))
    ((1, 5), (7, 9))
    """
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)
