"""How well anomaly detectors find what is known to be strange: ROC, detection delay, false alarms per hour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import ALARM_MERGE_S, DetectorConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.workbench.anomaly_recordings import Event, Watched
from selfee_rt.workbench.evaluate import Interval
from selfee_rt.workbench.false_alarms import S_PER_HOUR, Count, count_alarms, media_ns_of, rate_of_count
from selfee_rt.workbench.roc import auc, roc
from selfee_rt.workbench.thresholds import score_recording

GUARD_S = 3.0
"""Around an event, neither strange nor normal: animals part before and recover after it."""

RESAMPLES = 200
RARE_POINTS = 50


@dataclass(frozen=True, eq=False)
class Scored:
    """What one detector said of every recording."""

    name: str
    threshold: float | None
    scores: tuple[NDArray[np.float64], ...]
    """(N,) per recording, NaN where nothing is known."""


@dataclass(frozen=True, slots=True)
class Found:
    """One event, as one detector saw it at its threshold."""

    recording: str
    event: Event
    delay_s: float | None
    """From the event's start to the first exposure above the threshold; None: missed."""


@dataclass(frozen=True, eq=False)
class Evaluated:
    """One detector against what is known."""

    name: str
    threshold: float | None
    auc: Interval
    """Chance that a strange exposure scores higher than a normal one, 95 % interval over blocks of time."""
    auc_of: dict[str, float]
    """The same for each kind of event alone."""
    roc: NDArray[np.float64]
    """(P, 2): part of normal, part of strange exposures above a falling threshold."""
    by_event: NDArray[np.float64]
    """(P, 2): false alarms per hour, part of the events found, at a falling threshold."""
    found: tuple[Found, ...]
    """Every event that was scored, at the threshold in force; empty without one."""
    false_alarms: Count | None
    """At the threshold in force, over the normal exposures."""

    @property
    def median_delay_s(self) -> float | None:
        """Of the events found; None if none was."""
        delays = [each.delay_s for each in self.found if each.delay_s is not None]
        return float(np.median(delays)) if delays else None


def score_all(reference: Reference, watched: Sequence[Watched], detectors: Sequence[DetectorConfig]) -> list[Scored]:
    """Run every detector over every recording, each from its beginning, as a session would.

    Raises:
        ConfigError: there is no recording, or a detector cannot be used.
    """
    if not watched:
        raise ConfigError(["there is no recording to evaluate; give at least one with known events"])
    return [
        Scored(
            config.name,
            build.detector(config, reference, watched[0].recording.fps).threshold,
            tuple(score_recording(reference, each.recording, config) for each in watched),
        )
        for config in detectors
    ]


def evaluate_anomaly(watched: Sequence[Watched], scored: Scored, merge_s: float = ALARM_MERGE_S) -> Evaluated:
    """Compare one detector's scores with what is known of the recordings.

    Exposures within `GUARD_S` of an event, and those without a score, count neither as strange nor as normal. False
    alarms are counted over normal exposures by the live rule, those closer than `merge_s` being one.

    Raises:
        ConfigError: nothing strange, or nothing normal, was scored.
    """
    truths = [each.truth(round(GUARD_S * each.recording.fps)) for each in watched]
    known = [np.where(np.isfinite(s), t, -1) for s, t in zip(scored.scores, truths, strict=True)]
    score, truth = np.concatenate(scored.scores), np.concatenate(known)
    if not ((truth == 1).any() and (truth == 0).any()):
        raise ConfigError(
            [
                f"detector {scored.name!r} scored no {'normal' if (truth == 1).any() else 'strange'} exposure; "
                "use longer recordings, or a shorter warm-up"
            ]
        )
    normal = [np.where(t == 0, s, np.nan) for s, t in zip(scored.scores, known, strict=True)]
    highest = _highest(watched, scored.scores)
    return Evaluated(
        name=scored.name,
        threshold=scored.threshold,
        auc=_with_interval(watched, scored.scores, known, merge_s),
        auc_of={what: _auc_of(watched, scored.scores, known, what) for what in _kinds(watched)},
        roc=roc(score[truth == 1], score[truth == 0]),
        by_event=_curve(watched, normal, np.array([value for _, _, value in highest]), merge_s),
        found=() if scored.threshold is None else tuple(_found(watched, scored.scores, scored.threshold)),
        false_alarms=None if scored.threshold is None else _false_alarms(watched, normal, scored.threshold, merge_s),
    )


def _kinds(watched: Sequence[Watched]) -> list[str]:
    return sorted({event.what for each in watched for event in each.events})


def _auc_of(
    watched: Sequence[Watched], scores: Sequence[NDArray[np.float64]], known: Sequence[NDArray[np.int8]], what: str
) -> float:
    """Area for one kind of event; NaN if none of it was scored."""
    strange = [score[_within(each, what) & (t == 1)] for each, score, t in zip(watched, scores, known, strict=True)]
    normal = [score[t == 0] for score, t in zip(scores, known, strict=True)]
    one, other = np.concatenate(strange), np.concatenate(normal)
    return auc(one, other) if len(one) else float("nan")


def _within(each: Watched, what: str) -> NDArray[np.bool_]:
    index = each.recording.frame_index
    inside = np.zeros(len(index), dtype=bool)
    for event in each.events:
        if event.what == what:
            inside |= (index >= event.start_index) & (index <= event.stop_index)
    return inside


def _with_interval(
    watched: Sequence[Watched],
    scores: Sequence[NDArray[np.float64]],
    known: Sequence[NDArray[np.int8]],
    block_s: float,
) -> Interval:
    """Area with a percentile interval over resampled blocks of time; neighbouring exposures are not independent."""
    score, truth = np.concatenate(scores), np.concatenate(known)
    blocks: list[NDArray[np.int64]] = []
    offset = 0
    for each, t in zip(watched, known, strict=True):
        edges = np.arange(0, len(t), max(1, round(block_s * each.recording.fps)))[1:]
        blocks += np.split(np.arange(offset, offset + len(t)), edges)
        offset += len(t)
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([blocks[number] for number in rng.integers(0, len(blocks), len(blocks))])
        strange, normal = score[rows][truth[rows] == 1], score[rows][truth[rows] == 0]
        if len(strange) and len(normal):
            drawn.append(auc(strange, normal))
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Interval(auc(score[truth == 1], score[truth == 0]), float(low), float(high))


def _highest(watched: Sequence[Watched], scores: Sequence[NDArray[np.float64]]) -> list[tuple[Watched, Event, float]]:
    """Highest score within each event that was scored at all."""
    found = []
    for each, score in zip(watched, scores, strict=True):
        index = each.recording.frame_index
        for event in each.events:
            inside = score[(index >= event.start_index) & (index <= event.stop_index)]
            if np.isfinite(inside).any():
                found.append((each, event, float(np.nanmax(inside))))
    return found


def _curve(
    watched: Sequence[Watched], normal: Sequence[NDArray[np.float64]], highest: NDArray[np.float64], merge_s: float
) -> NDArray[np.float64]:
    """False alarms per hour and part of events found (P, 2), threshold falling.

    The curve ends where false alarms are most frequent: below that threshold they run into one another, and their
    number falls without the detector being any better.
    """
    values = np.concatenate([score[np.isfinite(score)] for score in normal])
    rare = np.quantile(values, 1 - np.geomspace(1e-5, 0.3, RARE_POINTS))
    thresholds = np.unique(np.concatenate((highest, rare, [values.max()])))[::-1]
    points = np.array(
        [
            (_false_alarms(watched, normal, threshold, merge_s).per_hour, float(np.mean(highest > threshold)))
            for threshold in thresholds
        ]
    )
    return points[: int(points[:, 0].argmax()) + 1]


def _false_alarms(
    watched: Sequence[Watched], normal: Sequence[NDArray[np.float64]], threshold: float, merge_s: float
) -> Count:
    count, hours = 0, 0.0
    for each, score in zip(watched, normal, strict=True):
        fps = each.recording.fps
        count += count_alarms(score, media_ns_of(each.recording.frame_index, fps), threshold, merge_s)
        hours += float(np.isfinite(score).sum()) / fps / S_PER_HOUR
    return rate_of_count(count, hours)


def _found(watched: Sequence[Watched], scores: Sequence[NDArray[np.float64]], threshold: float) -> list[Found]:
    """Each event that was scored, with the delay to the first exposure above the threshold."""
    found = []
    for position, (each, score) in enumerate(zip(watched, scores, strict=True)):
        index = each.recording.frame_index
        for event in each.events:
            inside = (index >= event.start_index) & (index <= event.stop_index)
            if not np.isfinite(score[inside]).any():
                continue
            above = index[inside & (score > threshold)]
            delay = float(above[0] - event.start_index) / each.recording.fps if len(above) else None
            found.append(Found(f"{position}: {each.recording.name}", event, delay))
    return found
