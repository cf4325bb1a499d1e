"""Drift: the lamp, the focus or the camera has changed, which is neither behaviour nor an anomaly.

What tells drift from behaviour is time. Statistics are averaged over blocks of about a second, and a block counts
only as outside or inside its tolerance, not by how far: what is outside for less than `persist_s` in all is never
drift, however strong it is. That is left to the anomaly detectors.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import DriftConfig
from selfee_rt.observe.scene import ExpectedScene
from selfee_rt.types import Drift, ImageStats

BLEED = 0.25
"""A statistic that is outside its tolerance for less than this fraction of the time never drifts."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The times of `DriftConfig` as numbers of blocks."""

    exposures: int
    """Exposures of one block."""
    warm_up: int
    persist: int

    @classmethod
    def of(cls, config: DriftConfig, fps: float) -> "Blocks":
        """Round seconds to blocks at `fps` observed exposures per second."""
        exposures = max(1, round(config.block_s * fps))
        seconds = exposures / fps
        return cls(exposures, max(1, round(config.warm_up_s / seconds)), max(1, round(config.persist_s / seconds)))


class SlowStatistic:
    """One scalar per block, watched by two Page-Hinkley tests: on whether it lies above, and below, its tolerance.

    What is expected is the mean of every block so far that lay inside. `tolerance` is a fraction of that with
    `relative`, else an absolute difference. While something has drifted the expectation stands still; the drift
    is over when the mean of the last `persist` blocks is inside again; then a new one needs a new warm-up.
    Source: Page 1954, Biometrika 41:100; the test is `river.drift.PageHinkley` without forgetting.
    """

    def __init__(self, name: str, tolerance: float, blocks: Blocks, *, relative: bool) -> None:
        self.name = name
        self.drift: Drift | None = None
        """What has drifted, None while nothing has."""
        self._tolerance, self._relative = tolerance, relative
        self._blocks = blocks
        self._recent: deque[float] = deque(maxlen=blocks.persist)
        self._expected, self._inside = 0.0, 0
        self._tests = tuple(_page_hinkley(blocks) for _ in range(2))

    def update(self, value: float, index: int) -> bool:
        """Take the value of the block that ends at exposure `index`; return whether it was taken as usual."""
        self._recent.append(value)
        if self.drift is not None:
            self._go_on(self.drift)
            return False
        side = self._side(value) if self._inside >= self._blocks.warm_up else 0
        if side == 0:
            self._inside += 1
            self._expected += (value - self._expected) / self._inside
        for test, outside in zip(self._tests, (side > 0, side < 0), strict=True):
            test.update(float(outside))
        if any(test.drift_detected for test in self._tests):
            self.drift = Drift(self.name, index, self._recent_mean(), self._expected)
        return side == 0

    def _go_on(self, drift: Drift) -> None:
        value = self._recent_mean()
        self.drift = Drift(drift.statistic, drift.since_index, value, drift.expected)
        if self._side(value) == 0:
            self.drift = None

    def _side(self, value: float) -> int:
        """-1 below, 0 inside, 1 above what is expected."""
        tolerance = self._tolerance * (abs(self._expected) if self._relative else 1.0)
        return int(value > self._expected + tolerance) - int(value < self._expected - tolerance)

    def _recent_mean(self) -> float:
        return sum(self._recent) / len(self._recent)


class SlowWatch:
    """Watches one arena: mean grey, contrast (deviation of grey), focus (sharpness), scene, and the embedding.

    The scene's statistic is the share of cells of the picture that no longer look as expected; see `ExpectedScene`.
    A lamp changes grey and contrast, defocus changes focus and, where it is strong, contrast; a moved camera changes
    the scene, and the others as far as what it sees now is otherwise bright, varied or detailed.

    The embedding's statistic is the distance of a block's mean embedding to `centre` (D,), in units of `spread`, the
    root mean square distance of the known examples; without a centre it is not watched, for then nothing says what
    an animal might yet do. It sees only what the model cannot make sense of: a model that is indifferent to light
    and focus is so here too.
    """

    def __init__(
        self, config: DriftConfig, fps: float, centre: NDArray[np.float32] | None = None, spread: float = 1.0
    ) -> None:
        blocks = Blocks.of(config, fps)
        self._exposures = blocks.exposures
        self._grey = SlowStatistic("grey", config.grey_tolerance, blocks, relative=True)
        self._contrast = SlowStatistic("contrast", config.contrast_tolerance, blocks, relative=True)
        self._focus = SlowStatistic("focus", config.focus_tolerance, blocks, relative=True)
        self._scene = SlowStatistic("scene", config.scene_tolerance, blocks, relative=False)
        self._view = ExpectedScene(config.cell_tolerance, blocks.persist // 2 | 1)
        self._embedding = SlowStatistic("embedding", config.embedding_tolerance, blocks, relative=False)
        self._centre, self._spread = centre, spread
        self._seen = 0
        self._stats = np.zeros(ImageStats.COUNT)
        self._vector = np.zeros(0 if centre is None else len(centre))

    def observe(self, stats: NDArray[np.float32] | None, vector: NDArray[np.float32], index: int) -> None:
        """Take one exposure: `stats` (S,) as `ImageStats` lays them out, its embedding (D,).

        Where a session is scored again there are no `stats`, and only the embedding is watched.
        """
        self._seen += 1
        if stats is not None:
            self._stats += stats
        if self._centre is not None:
            self._vector += vector
        if self._seen == self._exposures:
            self._end_block(index, pictures=stats is not None)

    def state(self) -> tuple[Drift, ...]:
        """What has drifted, as far as it is known now."""
        watched = (self._grey, self._contrast, self._focus, self._scene, self._embedding)
        return tuple(each.drift for each in watched if each.drift is not None)

    def _end_block(self, index: int, *, pictures: bool) -> None:
        if pictures:
            self._look(self._stats / self._seen, index)
        if self._centre is not None:
            distance = float(np.linalg.norm(self._vector / self._seen - self._centre)) / self._spread
            self._embedding.update(distance, index)
        self._seen = 0
        self._stats[:] = 0
        self._vector[:] = 0

    def _look(self, stats: NDArray[np.float64], index: int) -> None:
        self._grey.update(float(stats[ImageStats.MEAN]), index)
        self._contrast.update(float(stats[ImageStats.DEVIATION]), index)
        self._focus.update(float(stats[ImageStats.SHARPNESS]), index)
        if self._scene.update(self._view.changed(stats[ImageStats.CELLS]), index):
            self._view.learn()


def _page_hinkley(blocks: Blocks) -> Any:
    """A test that answers to ones among zeros once there are about `persist` of them; it resets itself."""
    from river.drift import PageHinkley

    threshold = (1 - BLEED) * blocks.persist - 0.5
    return PageHinkley(min_instances=blocks.warm_up, delta=BLEED, threshold=threshold, alpha=1.0, mode="up")


def spread_of(embedding: NDArray[np.float16], mean: NDArray[np.float32]) -> float:
    """Root mean square distance of embeddings (N, D) to their centre (D,)."""
    squares = 0.0
    for row in embedding:
        away = row - mean
        squares += float(np.dot(away, away))
    return float(np.sqrt(squares / len(embedding)))
