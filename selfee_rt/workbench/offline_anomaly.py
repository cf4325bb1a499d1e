"""The paper's anomaly score over a whole recording, and how far the live, causal form departs from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import SelfeeAnomalyConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.anomaly import nearest, strangeness
from selfee_rt.observe.reference import Reference, unit
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.thresholds import score_recording

MASK_EXPOSURES = 50
"""Exposures on either side of one that it is not compared with: they resemble it because they are it."""

LONGEST_EXPOSURES = 10_000
"""Work grows with the square of the length, so that a longer recording is refused unless it is asked for."""


def offline_scores(
    reference: Reference, recording: Embedded, *, mask_exposures: int = MASK_EXPOSURES, in_chunks: bool = False
) -> NDArray[np.float64]:
    """Minimum cosine distance to the reference less minimum to the rest of the recording: (N,) float64, in -2..2.

    Exposures within `mask_exposures` of the one that is scored are left out of its recording; an exposure to which
    nothing is left has NaN. Unlike the live score this one looks into the future, and has no warm-up.
    Source: Jia et al. 2022, eLife 11:e76218 (inter-group less intra-group nearest distance, 50 frames masked).

    Args:
        reference: the bank of normal behaviour.
        recording: one recording of one arena.
        mask_exposures: half of what is masked, 0 for the exposure alone.
        in_chunks: allow more than 10,000 exposures; the nearest is then sought chunk by chunk, with the same result,
            since the highest similarity of all is the highest of the chunks'.

    Raises:
        ConfigError: the recording is too long to be done at once.
    """
    count = len(recording.embedding)
    if count > LONGEST_EXPOSURES and not in_chunks:
        raise ConfigError(
            [
                f"{recording.name} has {count} live frames, expected at most {LONGEST_EXPOSURES} for the offline "
                "anomaly score, whose work grows with the square; give a part of it, or ask for chunks"
            ]
        )
    own = unit(points_of(reference, recording))
    first = np.searchsorted(recording.frame_index, recording.frame_index - mask_exposures)
    last = np.searchsorted(recording.frame_index, recording.frame_index + mask_exposures, side="right")
    scores = np.full(count, np.nan)
    for row, (start, stop) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        similarity = max(_nearest_of(own[:start], own[row]), _nearest_of(own[stop:], own[row]))
        if np.isfinite(similarity):
            scores[row] = strangeness(similarity, nearest(reference.bank, own[row]))
    return scores


def _nearest_of(rows: NDArray[np.float32], direction: NDArray[np.float32]) -> float:
    """Highest similarity over chunks of rows (n, d); minus infinity of none."""
    starts = range(0, len(rows), LONGEST_EXPOSURES)
    return max((nearest(rows[start : start + LONGEST_EXPOSURES], direction) for start in starts), default=-np.inf)


def points_of(reference: Reference, recording: Embedded) -> NDArray[np.float32]:
    """Project every embedding of a recording, one by one as a session does: (N, d)."""
    return np.stack([reference.project(vector.astype(np.float32)) for vector in recording.embedding])


def offline_threshold(reference: Reference, controls: Sequence[Embedded]) -> float:
    """Highest offline score in the negative controls, as in the paper.

    Raises:
        ConfigError: there is none, or a control is too long or too short for a score.
    """
    highest = []
    for control in controls:
        scores = offline_scores(reference, control)
        if not np.isfinite(scores).any():
            raise ConfigError(
                [
                    f"control {control.name} is too short for the offline anomaly score: got {len(scores)} live "
                    f"frames, expected more than {MASK_EXPOSURES + 1}; use a longer one"
                ]
            )
        highest.append(float(np.nanmax(scores)))
    if not highest:
        raise ConfigError(["the offline anomaly score has no negative control; give at least one recording"])
    return max(highest)


@dataclass(frozen=True, slots=True)
class Departure:
    """How far the causal live score departs from the offline score of the same recording."""

    recording: str
    compared: int
    """Exposures with both scores: those after the live detector's warm-up."""
    rank_correlation: float
    """Spearman's, over them."""
    mean_difference: float
    """Live less offline; what was not seen yet makes the live score lower."""
    alarms_live: int
    alarms_offline: int
    alarms_both: int
    """Exposures among those compared that each score, or both, put above the threshold."""
    kappa: float | None
    """Cohen's kappa of the two alarms; None where neither raises any."""


def departure(
    reference: Reference,
    recording: Embedded,
    config: SelfeeAnomalyConfig,
    thresholds: tuple[float, float] | None = None,
) -> Departure:
    """Compare live and offline score on one recording of at most 10,000 exposures.

    Args:
        reference: the bank of normal behaviour.
        recording: what is scored twice.
        config: the live detector.
        thresholds: of the live and of the offline score; None: the highest hundredth of each.

    Raises:
        ConfigError: the recording is too long for the offline score, or too short for the live one.
    """
    live = score_recording(reference, recording, config)
    offline = offline_scores(reference, recording)
    both = np.isfinite(live) & np.isfinite(offline)
    if both.sum() < 2:
        raise ConfigError(
            [f"{recording.name} is too short to compare live and offline scores; use a longer one or a shorter warm-up"]
        )
    live, offline = live[both], offline[both]
    above_live, above_offline = thresholds or (float(np.quantile(live, 0.99)), float(np.quantile(offline, 0.99)))
    alarm_live, alarm_offline = live > above_live, offline > above_offline
    return Departure(
        recording=recording.name,
        compared=len(live),
        rank_correlation=_spearman(live, offline),
        mean_difference=float((live - offline).mean()),
        alarms_live=int(alarm_live.sum()),
        alarms_offline=int(alarm_offline.sum()),
        alarms_both=int((alarm_live & alarm_offline).sum()),
        kappa=cohen_kappa(alarm_live, alarm_offline),
    )


def cohen_kappa(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float | None:
    """Agreement of two series (n,) of yes and no beyond chance: 1 is full, 0 that of chance; None if chance is all.

    Source: Cohen 1960, Educational and Psychological Measurement 20:37.
    """
    agreed = float((first == second).mean())
    chance = float(first.mean() * second.mean() + (1 - first.mean()) * (1 - second.mean()))
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])
