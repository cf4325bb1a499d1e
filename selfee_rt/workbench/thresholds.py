"""Thresholds of any detector from control recordings: the highest score, or one with a promised false-alarm rate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import ALARM_MERGE_S, DetectorConfig, SelfeeAnomalyConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.threshold import Threshold, settled_after, threshold_settings
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.false_alarms import all_maxima, rate_of_highest, threshold_at_rate


@dataclass(frozen=True, slots=True)
class ThresholdSettings:
    """Which detectors get a threshold, and of which kind."""

    detectors: tuple[DetectorConfig, ...] = (SelfeeAnomalyConfig(),)
    false_alarms_per_hour: float | None = None
    """None: the highest score of the controls, whatever its rate."""
    block_s: float = ALARM_MERGE_S
    """The exchangeable unit of time; alarms closer than this are one."""


def score_recording(reference: Reference, recording: Embedded, config: DetectorConfig) -> NDArray[np.float64]:
    """Run the live detector over a recording from its beginning: (N,) scores, NaN where it says None."""
    detector = build.detector(config, reference, recording.fps)
    scores = np.full(len(recording.embedding), np.nan)
    for position, vector in enumerate(recording.embedding):
        point = reference.project(vector.astype(np.float32))
        score = detector.score(point)
        if score is not None:
            scores[position] = score
        detector.observe(point)
    return scores


def control_thresholds(
    reference: Reference, controls: Sequence[Embedded], settings: ThresholdSettings
) -> dict[str, Threshold]:
    """A threshold per detector from control recordings, each scored from its beginning as in a session.

    Source of the highest score as threshold: Jia et al. 2022, eLife 11:e76218, where negative controls set it so; of
    thresholds by rate: `false_alarms`.

    Raises:
        ConfigError: a control is too short for a score, all together are for the rate, or frame rates differ.
    """
    if not controls:
        return {}
    _check_rates(controls)
    bare = replace(reference, thresholds={})
    return {config.name: _threshold(bare, controls, config, settings) for config in settings.detectors}


def _check_rates(controls: Sequence[Embedded]) -> None:
    fps = controls[0].fps
    problems = [
        f"control {control.name} has {control.fps:g} fps, the first {fps:g}; fit controls of one frame rate only"
        for control in controls
        if abs(control.fps - fps) > 0.01 * fps
    ]
    if problems:
        raise ConfigError(problems)


def _threshold(
    reference: Reference, controls: Sequence[Embedded], config: DetectorConfig, settings: ThresholdSettings
) -> Threshold:
    fps = controls[0].fps
    scored = [score_recording(reference, control, config) for control in controls]
    _check_scored(controls, scored, config)
    block_exposures = max(1, round(settings.block_s * fps))
    maxima = all_maxima([settled(scores, config, fps) for scores in scored], block_exposures)
    over = f"over {len(controls)} control recordings: {', '.join(Path(control.name).name for control in controls)}"
    if settings.false_alarms_per_hour is None:
        value = float(max(np.nanmax(scores) for scores in scored))
        rate = rate_of_highest(len(maxima), settings.block_s)
        how = f"highest score of the same causal detector {over}"
    else:
        try:
            value, rate = threshold_at_rate(maxima, settings.false_alarms_per_hour, settings.block_s)
        except ConfigError as error:
            raise ConfigError([f"detector {config.name!r}: {problem}" for problem in error.problems]) from error
        how = f"{rate.rank}. highest of {rate.blocks} block maxima of the same causal detector {over}"
    return Threshold(value, how, threshold_settings(config, fps), rate)


def settled(scores: NDArray[np.float64], config: DetectorConfig, fps: float) -> NDArray[np.float64]:
    """Those scores (n,) of a recording that come once the detector's past is full, unknown ones left out."""
    later = scores[settled_after(config, fps) :]
    return later[np.isfinite(later)]


def _check_scored(controls: Sequence[Embedded], scored: Sequence[NDArray[np.float64]], config: DetectorConfig) -> None:
    problems = [
        f"control {control.name} is too short for a score of {config.name!r}: got {len(scores)} live frames, "
        f"{_needed(config)}; use a longer one, or a shorter warm-up"
        for control, scores in zip(controls, scored, strict=True)
        if not np.isfinite(scores).any()
    ]
    if problems:
        raise ConfigError(problems)


def _needed(config: DetectorConfig) -> str:
    if isinstance(config, SelfeeAnomalyConfig):
        return f"expected at least {config.skip_exposures + config.warm_up_exposures + 1}"
    return "expected more than its warm-up"
