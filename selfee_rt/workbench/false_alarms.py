"""False alarms as a rate: thresholds from the highest scores of blocks of time, and intervals for what is counted.

Neighbouring exposures resemble each other, so the exchangeable unit is a block of time. Alarms less than a block apart
are one alarm (`observe.alarms.AlarmCounter`), so that at most one begins in any block, and none begins in a block
whose highest score stays at or below the threshold. If n blocks of controls and one of a new recording are
exchangeable, the new one's highest score exceeds the j-th highest of the n with probability j / (n + 1), whatever the
distribution of scores: the rate of alarms to be expected is at most j / (n + 1) a block. It is less only where strange
stretches cross from one block into the next, which is rare where alarms are rare; hence `MOST_ALARMS_A_BLOCK`.

Sources: Coles 2001, An Introduction to Statistical Modeling of Extreme Values, chapters 3 and 5 (block maxima,
declustering); Wilks 1941, Annals of Mathematical Statistics 12:91 (order statistics as distribution-free limits; the
rate of a given order statistic has a beta distribution); Vovk, Gammerman and Shafer 2005, Algorithmic Learning in a
Random World (n + 1: the prediction counts itself).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import ConfigError
from selfee_rt.observe.alarms import AlarmCounter
from selfee_rt.observe.threshold import FalseAlarmRate

S_PER_HOUR = 3600.0

FEWEST_EXPECTED = 3
"""Alarms that the rate asked for must amount to over the controls.

The rule of three: only a stretch of 3 / R hours could, by showing no alarm at all, exclude a rate above R with 95 %
confidence. With j = 3 the 95 % interval of the true rate reaches from a fifth of the promised one to 2.4 times it;
with j = 1 it would reach to 3.7 times it. A rarer rate lies beyond what the controls show, and nothing is extrapolated.
Source: Hanley and Lippman-Hand 1983, Journal of the American Medical Association 249:1743.
"""

MOST_ALARMS_A_BLOCK = 0.1
"""Highest expected number of alarms a block: above it blocks with alarms touch, and merging hides too many of them."""

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Count:
    """Events counted over some time, and the exact 95 % interval of their rate."""

    count: int
    hours: float
    per_hour: float
    low_per_hour: float
    high_per_hour: float

    def __str__(self) -> str:
        return f"{self.per_hour:.2f}/h ({self.low_per_hour:.2f} to {self.high_per_hour:.2f}; {self.count} alarms)"


def block_maxima(scores: NDArray[np.float64], block_exposures: int) -> NDArray[np.float64]:
    """Highest score of each whole block of `block_exposures` consecutive scores (n,); the rest at the end is no block.

    Raises:
        ValueError: a score is not finite, or the block is empty.
    """
    if block_exposures < 1 or not np.isfinite(scores).all():
        raise ValueError(f"blocks of {block_exposures} exposures with scores that may not be finite; expected >= 1")
    blocks = len(scores) // block_exposures
    return np.asarray(scores[: blocks * block_exposures].reshape(blocks, block_exposures).max(axis=1))


def threshold_at_rate(maxima: NDArray[np.float64], per_hour: float, block_s: float) -> tuple[float, FalseAlarmRate]:
    """Lowest threshold whose expected rate of false alarms is at most `per_hour`, from maxima (n,) of control blocks.

    Raises:
        ConfigError: the controls are too short for this rate, or the rate is too high for such blocks.
    """
    blocks_an_hour = S_PER_HOUR / block_s
    a_block = per_hour / blocks_an_hour
    if not 0 < a_block <= MOST_ALARMS_A_BLOCK:
        raise ConfigError(
            [
                f"got {per_hour:g} false alarms per hour, expected more than 0 and at most "
                f"{MOST_ALARMS_A_BLOCK * blocks_an_hour:g} with blocks of {block_s:g} s, within which alarms are "
                "merged; ask for fewer, or use shorter blocks"
            ]
        )
    rank = math.floor(a_block * (len(maxima) + 1) * (1 + 1e-12))
    if rank < FEWEST_EXPECTED:
        raise ConfigError([_too_short(len(maxima), per_hour, a_block, blocks_an_hour)])
    return _ranked(maxima, rank), _rate(len(maxima), rank, block_s, per_hour)


def _too_short(blocks: int, per_hour: float, a_block: float, blocks_an_hour: float) -> str:
    needed = math.ceil(FEWEST_EXPECTED / a_block * (1 - 1e-12)) - 1
    lowest = FEWEST_EXPECTED / (blocks + 1) * blocks_an_hour
    possible = f", or ask for at least {lowest:.3g} per hour" if lowest <= MOST_ALARMS_A_BLOCK * blocks_an_hour else ""
    return (
        f"the controls are too short for {per_hour:g} false alarms per hour: got {blocks / blocks_an_hour:.3g} hours "
        f"({blocks} blocks) with a full past, expected at least {needed / blocks_an_hour:.3g} ({needed} blocks), in "
        f"which {FEWEST_EXPECTED} such alarms would come; add controls{possible}; nothing is extrapolated"
    )


def rate_of_highest(blocks: int, block_s: float) -> FalseAlarmRate | None:
    """What is known of the highest score of `blocks` control blocks as a threshold; None if there is no block."""
    return _rate(blocks, 1, block_s, None) if blocks else None


def _rate(blocks: int, rank: int, block_s: float, asked: float | None) -> FalseAlarmRate:
    from scipy.stats import beta

    blocks_an_hour = S_PER_HOUR / block_s
    tail = (1 - CONFIDENCE) / 2
    low, high = beta.ppf((tail, 1 - tail), rank, blocks + 1 - rank)
    return FalseAlarmRate(
        per_hour=rank / (blocks + 1) * blocks_an_hour,
        low_per_hour=float(low) * blocks_an_hour,
        high_per_hour=float(high) * blocks_an_hour,
        asked_per_hour=asked,
        control_hours=blocks / blocks_an_hour,
        block_s=block_s,
        blocks=blocks,
        rank=rank,
    )


def _ranked(maxima: NDArray[np.float64], rank: int) -> float:
    """The `rank`-th highest, 1 being the highest."""
    return float(np.sort(maxima)[-rank])


def count_alarms(scores: NDArray[np.float64], media_ns: NDArray[np.int64], threshold: float, merge_s: float) -> int:
    """Alarms in a series of scores (n,) at times (n,), counted as a live session counts them; NaN: not known."""
    return len(alarm_starts(scores, media_ns, threshold, merge_s))


def alarm_starts(
    scores: NDArray[np.float64], media_ns: NDArray[np.int64], threshold: float, merge_s: float
) -> NDArray[np.int64]:
    """Times at which alarms begin, by the rule of the live session; scores (n,) at times (n,), NaN: not known."""
    counter = AlarmCounter(merge_s)
    above = media_ns[scores > threshold].tolist()  # NaN compares as False
    return np.array([at for at in above if counter.push(True, at)], dtype=np.int64)


def rate_of_count(count: int, hours: float) -> Count:
    """Rate of counted events with its exact 95 % interval.

    Source: Garwood 1936, Biometrika 28:437 (central interval of a Poisson mean).

    Raises:
        ValueError: no time was watched.
    """
    from scipy.stats import gamma

    if not hours > 0:
        raise ValueError(f"{count} alarms in {hours:g} hours; expected some time")
    tail = (1 - CONFIDENCE) / 2
    low = float(gamma.ppf(tail, count)) if count else 0.0
    high = float(gamma.ppf(1 - tail, count + 1))
    return Count(count, hours, count / hours, low / hours, high / hours)


def media_ns_of(frame_index: NDArray[np.int64], fps: float) -> NDArray[np.int64]:
    """Media time of exposures (n,) at a steady frame rate."""
    return np.asarray(np.round(frame_index * (NS_PER_S / fps)), dtype=np.int64)


def all_maxima(scored: Sequence[NDArray[np.float64]], block_exposures: int) -> NDArray[np.float64]:
    """Maxima of the blocks of every control, each beginning its blocks anew."""
    return np.concatenate([block_maxima(scores, block_exposures) for scores in scored])
