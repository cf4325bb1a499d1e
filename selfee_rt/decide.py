"""The pure step of one exposure: embed, observe. The live session and the workbench both use this one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import now_ns
from selfee_rt.errors import ControlError, ModelError
from selfee_rt.protocols import Classifier, Detector, Embedder
from selfee_rt.types import Bout, Embeddings, LiveFrames, Observation, read_only

Project = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""One embedding (D,) to its point (d,); the same shape live and offline, since numpy's rounding depends on it."""


class Smoother(Protocol):
    """Turns raw labels into steadier ones, from the past alone."""

    def push(self, label: str | None) -> str | None:
        """Take the newest label and return the smoothed one."""

    def reset(self) -> None:
        """Forget everything before a break."""


class Bouts(Protocol):
    """Collects labels into bouts."""

    def push(self, label: str | None, index: int, media_ns: int) -> Bout | None:
        """Take the label of one exposure; return the bout that it ends, if any."""

    def finish(self) -> Bout | None:
        """Return the bout that is open at the end."""


@dataclass(slots=True)
class ArenaObserver:
    """Everything that is known about one arena from one exposure to the next."""

    arena: str
    classifier: Classifier | None
    detectors: tuple[Detector, ...]
    thresholds: dict[str, float | None]
    smoother: Smoother
    bouts: Bouts


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What one exposure led to, in all arenas."""

    embeddings: Embeddings
    observations: tuple[Observation, ...]
    bouts: tuple[Bout, ...]


class Decider:
    """Embeds and observes one exposure after the other, all arenas in one batch.

    A jump of the index beyond `longest_bridged_jump` (one dropped exposure costs twice the frame interval plus one)
    is a break: smoothing starts anew, and the detectors are told.
    """

    def __init__(
        self,
        embedder: Embedder,
        arenas: Sequence[ArenaObserver],
        project: Project | None,
        *,
        frame_interval: int,
        align: Literal["current", "newest"],
    ) -> None:
        self._embedder = embedder
        self._arenas = tuple(arenas)
        self._project = project
        self._align = align
        self._longest_bridged_jump = 4 * frame_interval
        self._last_index: int | None = None
        self.revision = 0

    def embed(self, live: LiveFrames) -> Embeddings:
        """Embed the live frames of one exposure, rounded once to float16.

        Raises:
            ModelError: the model gives numbers that are not finite.
        """
        vector = self._embedder.embed(live.image).astype(np.float16).astype(np.float32)
        if not np.isfinite(vector).all():
            raise ModelError(
                f"the model gave an embedding that is not finite at exposure {live.exposure.index}; "
                "expected finite numbers within float16; use another model file, or one exported with fp32 precision"
            )
        return Embeddings(
            exposure=live.exposure,
            vector=read_only(vector),
            model_id=self._embedder.model_id,
            composed_ns=live.composed_ns,
            embedded_ns=now_ns(),
        )

    def observe(self, embeddings: Embeddings) -> Decision:
        """Classify and score one exposure's embeddings, then let the detectors learn from them."""
        index = embeddings.exposure.index
        if self._last_index is not None and index - self._last_index > self._longest_bridged_jump:
            self._break(f"exposures {self._last_index + 1} to {index - 1} are missing")
        self._last_index = index
        observations, bouts = [], []
        for observer, vector in zip(self._arenas, embeddings.vector, strict=True):
            observation = self._observe_arena(observer, vector, embeddings)
            observations.append(observation)
            bout = observer.bouts.push(observation.label, observation.label_index, _label_media_ns(observation))
            if bout is not None:
                bouts.append(bout)
        return Decision(embeddings, tuple(observations), tuple(bouts))

    def step(self, live: LiveFrames) -> Decision:
        """Embed and observe one exposure."""
        return self.observe(self.embed(live))

    def finish(self) -> tuple[Bout, ...]:
        """Return the bouts that are open at the end of the stream."""
        return tuple(bout for observer in self._arenas if (bout := observer.bouts.finish()) is not None)

    def set_threshold(self, detector: str, value: float | None) -> None:
        """Change a detector's threshold in every arena, from the next exposure on.

        Raises:
            ControlError: there is no such detector.
        """
        known = self._arenas[0].thresholds
        if detector not in known:
            names = ", ".join(known) or "there is none"
            raise ControlError(f"no detector is called {detector!r}; expected one of: {names}")
        for observer in self._arenas:
            observer.thresholds[detector] = value
        self.revision += 1

    @property
    def thresholds(self) -> dict[str, float | None]:
        """The thresholds in force, per detector."""
        return dict(self._arenas[0].thresholds)

    def _break(self, why: str) -> None:
        for observer in self._arenas:
            observer.smoother.reset()
            for detector in observer.detectors:
                detector.reset(why)

    def _observe_arena(
        self, observer: ArenaObserver, vector: NDArray[np.float32], embeddings: Embeddings
    ) -> Observation:
        exposure = embeddings.exposure
        point = None if self._project is None else self._project(vector)
        probabilities = _probabilities(observer.classifier, point)
        label = None
        if observer.classifier is not None and probabilities is not None:
            label = observer.classifier.labels[int(np.argmax(probabilities))]
        scores = {} if point is None else _scores(observer.detectors, point)
        observed_ns = now_ns()
        return Observation(
            arena=observer.arena,
            exposure=exposure,
            label_index=exposure.index if self._align == "current" else exposure.newest_index,
            label=observer.smoother.push(label),
            probabilities=None if probabilities is None else tuple(probabilities.tolist()),
            scores=scores,
            alarm=_alarm(scores, observer.thresholds),
            stimulus="off",
            revision=self.revision,
            composed_ns=embeddings.composed_ns,
            embedded_ns=embeddings.embedded_ns,
            observed_ns=observed_ns,
            decided_ns=now_ns(),
        )


def _probabilities(classifier: Classifier | None, point: NDArray[np.float32] | None) -> NDArray[np.float64] | None:
    return None if classifier is None or point is None else classifier.probabilities(point)


def _scores(detectors: Sequence[Detector], point: NDArray[np.float32]) -> dict[str, float | None]:
    """Score with every detector, then let each learn."""
    scores = {}
    for detector in detectors:
        scores[detector.name] = detector.score(point)
        detector.observe(point)
    return scores


def _alarm(scores: dict[str, float | None], thresholds: dict[str, float | None]) -> bool | None:
    """True if any score is above its threshold, None if no score with a threshold is known."""
    known = [
        score > threshold
        for name, score in scores.items()
        if score is not None and (threshold := thresholds.get(name)) is not None
    ]
    return any(known) if known else None


def _label_media_ns(observation: Observation) -> int:
    exposure = observation.exposure
    return exposure.media_ns if observation.label_index == exposure.index else exposure.newest_media_ns
