"""The pure step of one exposure: embed, observe. The live session and the workbench both use this one."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import now_ns
from selfee_rt.errors import ControlError, ModelError
from selfee_rt.protocols import Classifier, Detector, DriftWatch, Embedder, TemplateMatcher
from selfee_rt.stimuli import Order, Trigger
from selfee_rt.types import (
    Bout,
    Drift,
    Embeddings,
    Exposure,
    Guess,
    ImageStats,
    LiveFrames,
    Observation,
    Revision,
    Stimulus,
    read_only,
)

Project = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""One embedding (D,) to its point (d,); the same shape live and offline, since numpy's rounding depends on it."""

Abstain = Callable[[NDArray[np.float32], NDArray[np.float64]], bool]
"""Given a point (d,) and the probabilities (C,) that its label rests on: whether to give no label."""


class Smoother(Protocol):
    """Turns raw guesses into steadier ones, from the past alone; with a fixed lag, judges older exposures again."""

    @property
    def lag(self) -> int:
        """The most pushes after which `revised` speaks of a guess; 0: it never does."""

    def push(self, guess: Guess) -> Guess:
        """Take the newest guess and return the smoothed one."""

    def revised(self) -> tuple[int, Guess] | None:
        """After a push: how many pushes ago (at most `lag`), and what is said of that one now; None: nothing."""

    def finish(self) -> tuple[tuple[int, Guess], ...]:
        """At a break or the end: the same for those that wait for more of their future, oldest first."""

    def reset(self) -> None:
        """Forget everything before a break."""


class Bouts(Protocol):
    """Collects labels into bouts."""

    def push(self, label: str | None, index: int, media_ns: int) -> Bout | None:
        """Take the label of one exposure; return the bout that it ends, if any."""

    @property
    def current(self) -> Bout | None:
        """The bout that is going on, if it is long enough to be one."""

    def finish(self) -> Bout | None:
        """Return the bout that is open at the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a rule may look at: one arena at one exposure."""

    observation: Observation
    ended: tuple[Bout, ...]
    """Bouts that this exposure ended, predicted ones and matches of templates."""
    current: Bout | None
    """The bout that is going on; None also while it is shorter than `observe.bout_min_exposures`."""
    thresholds: Mapping[str, float | None]
    """In force, per detector."""
    brightness: float | None
    """Mean grey value of the arena's picture at the current exposure, 0..255; None where only embeddings are stored."""


class Rules(Protocol):
    """When there is a stimulus. Pure: what it decides follows from what it is given, in order."""

    def stimulus(self, arena: str, exposure: Exposure) -> Stimulus:
        """Whether the light of a trial, or of a sham, is in this live frame, or was shortly before."""

    def decide(self, seen: Sequence[Seen]) -> tuple[Trigger | Order, ...]:
        """Take one exposure, all arenas: an order for each trial, the bare decision for every other onset."""


@dataclass(slots=True)
class ArenaObserver:
    """Everything that is known about one arena from one exposure to the next."""

    arena: str
    classifier: Classifier | None
    detectors: tuple[Detector, ...]
    thresholds: dict[str, float | None]
    smoother: Smoother
    bouts: Bouts
    abstain: Abstain | None = None
    templates: tuple[TemplateMatcher, ...] = ()
    drift: DriftWatch | None = None
    recent: deque[tuple[int, int]] = field(init=False)
    """Exposure and time of what the smoother may still judge again, newest last."""

    def __post_init__(self) -> None:
        self.recent = deque(maxlen=self.smoother.lag + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What one exposure led to, in all arenas."""

    embeddings: Embeddings
    observations: tuple[Observation, ...]
    bouts: tuple[Bout, ...]
    revisions: tuple[Revision, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    """What the rules decided, also not to fire."""
    orders: tuple[Order, ...] = ()
    """Those of them that go to a device."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What was pending when the stream ended."""

    bouts: tuple[Bout, ...] = ()
    revisions: tuple[Revision, ...] = ()


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
        rules: Rules | None = None,
    ) -> None:
        self._rules = rules
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
            image_stats=live.image_stats,
        )

    def observe(self, embeddings: Embeddings, decided_ns: int | None = None) -> Decision:
        """Classify and score one exposure's embeddings, let the detectors learn from them, and ask the rules.

        What a stimulus lights is scored, but nothing learns from it. `decided_ns` is when it was decided; None: now.
        """
        index = embeddings.exposure.index
        revisions: list[Revision] = []
        if self._last_index is not None and index - self._last_index > self._longest_bridged_jump:
            revisions += self._break(f"exposures {self._last_index + 1} to {index - 1} are missing")
        self._last_index = index
        observations: list[Observation] = []
        bouts: list[Bout] = []
        seen: list[Seen] = []
        for row, (observer, vector) in enumerate(zip(self._arenas, embeddings.vector, strict=True)):
            point = None if self._project is None else self._project(vector)
            observation = self._observe_arena(observer, point, embeddings, decided_ns)
            observations.append(observation)
            ended = tuple(_ended_bouts(observer, observation, point))
            bouts += ended
            stats = None if embeddings.image_stats is None else embeddings.image_stats[row]
            brightness = None if stats is None else float(stats[ImageStats.MEAN])
            seen.append(Seen(observation, ended, observer.bouts.current, observer.thresholds, brightness))
            revisions += self._revised(observer, observation)
            if observer.drift is not None and observation.stimulus == "off":
                observer.drift.observe(stats, vector, index)
        said = () if self._rules is None else self._rules.decide(seen)
        return Decision(
            embeddings,
            tuple(observations),
            tuple(bouts),
            tuple(revisions),
            triggers=tuple(each.trigger if isinstance(each, Order) else each for each in said),
            orders=tuple(each for each in said if isinstance(each, Order)),
        )

    def step(self, live: LiveFrames) -> Decision:
        """Embed and observe one exposure."""
        return self.observe(self.embed(live))

    def finish(self) -> Ending:
        """Return what is pending at the end of the stream."""
        pending = [each.finish() for observer in self._arenas for each in _collecting_bouts(observer)]
        return Ending(tuple(bout for bout in pending if bout is not None), tuple(self._pending_revisions()))

    def teach(self, classifiers: Mapping[str, Classifier]) -> None:
        """Put taught classifiers in the place of those of the arenas named, from the next exposure on."""
        for observer in self._arenas:
            if observer.arena in classifiers:
                observer.classifier = classifiers[observer.arena]
        self.revision += 1

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

    @property
    def drifts(self) -> dict[str, tuple[Drift, ...]]:
        """What has drifted, per arena; arenas in which nothing has are left out."""
        states = ((each.arena, each.drift.state()) for each in self._arenas if each.drift is not None)
        return {arena: state for arena, state in states if state}

    def _break(self, why: str) -> list[Revision]:
        """Tell everything that looks back; return what the smoothers still had to say."""
        pending = list(self._pending_revisions())
        for observer in self._arenas:
            observer.smoother.reset()
            observer.recent.clear()
            for each in (observer.classifier, *observer.detectors, *observer.templates):
                if each is not None:
                    each.reset(why)
        return pending

    def _pending_revisions(self) -> Iterable[Revision]:
        for observer in self._arenas:
            for ago, guess in observer.smoother.finish():
                yield self._revision(observer, ago, guess)

    def _revised(self, observer: ArenaObserver, observation: Observation) -> Iterable[Revision]:
        observer.recent.append((observation.label_index, _label_media_ns(observation)))
        revised = observer.smoother.revised()
        if revised is not None:
            yield self._revision(observer, *revised)

    def _revision(self, observer: ArenaObserver, ago: int, guess: Guess) -> Revision:
        label_index, media_ns = observer.recent[-1 - ago]
        return Revision(
            arena=observer.arena,
            label_index=label_index,
            media_ns=media_ns,
            label=guess.label,
            probabilities=_plain(guess.probabilities),
            newest_index=observer.recent[-1][0],
            revision=self.revision,
        )

    def _observe_arena(
        self,
        observer: ArenaObserver,
        point: NDArray[np.float32] | None,
        embeddings: Embeddings,
        decided_ns: int | None,
    ) -> Observation:
        exposure = embeddings.exposure
        stimulus: Stimulus = "off" if self._rules is None else self._rules.stimulus(observer.arena, exposure)
        guess = _guess(observer, point)
        scores = {} if point is None else _scores(observer.detectors, point, learn=stimulus == "off")
        observed_ns = now_ns()
        return Observation(
            arena=observer.arena,
            exposure=exposure,
            label_index=exposure.index if self._align == "current" else exposure.newest_index,
            label=guess.label,
            probabilities=_plain(guess.probabilities),
            scores=scores,
            alarm=_alarm(scores, observer.thresholds),
            stimulus=stimulus,
            revision=self.revision,
            composed_ns=embeddings.composed_ns,
            embedded_ns=embeddings.embedded_ns,
            observed_ns=observed_ns,
            decided_ns=now_ns() if decided_ns is None else decided_ns,
        )


def _guess(observer: ArenaObserver, point: NDArray[np.float32] | None) -> Guess:
    """Classify, let the classifier's windows move on, smooth, and withhold the label where it has no ground."""
    classifier = observer.classifier
    if classifier is None or point is None:
        return observer.smoother.push(Guess(None, None))
    probabilities = classifier.probabilities(point)
    classifier.observe(point)
    label = None if probabilities is None else classifier.labels[int(np.argmax(probabilities))]
    smoothed = observer.smoother.push(Guess(label, probabilities))
    rests_on, abstain = smoothed.probabilities, observer.abstain
    if abstain is not None and rests_on is not None and abstain(point, rests_on):
        return Guess(None, rests_on)
    return smoothed


def _ended_bouts(
    observer: ArenaObserver, observation: Observation, point: NDArray[np.float32] | None
) -> Iterable[Bout]:
    """Bouts that this exposure ends, and matches of templates that it makes certain."""
    at = (observation.label_index, _label_media_ns(observation))
    bout = observer.bouts.push(observation.label, *at)
    if bout is not None:
        yield bout
    if point is None:
        return
    for template in observer.templates:
        match = template.push(point, *at)
        if match is not None:
            yield match


def _collecting_bouts(observer: ArenaObserver) -> tuple[Bouts | TemplateMatcher, ...]:
    return observer.bouts, *observer.templates


def _plain(probabilities: NDArray[np.float64] | None) -> tuple[float, ...] | None:
    return None if probabilities is None else tuple(probabilities.tolist())


def _scores(detectors: Sequence[Detector], point: NDArray[np.float32], *, learn: bool) -> dict[str, float | None]:
    """Score with every detector, then let each learn, unless a stimulus is in the picture."""
    scores = {}
    for detector in detectors:
        scores[detector.name] = detector.score(point)
        if learn:
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
