"""Whether groups of animals differ: Mann-Whitney U per quantity, with Benjamini and Hochberg's correction over all.

An animal is one observation: a recording gives one number per quantity.
Sources: Mann and Whitney 1947, Annals of Mathematical Statistics 18:50; Benjamini and Hochberg 1995, Journal of the
Royal Statistical Society B 57:289.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError

Floats = NDArray[np.float64]

FEWEST = 3
"""Recordings that a group must have to be compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two groups compared in one quantity."""

    quantity: int
    """Its position among the quantities."""
    groups: tuple[str, str]
    counts: tuple[int, int]
    """Recordings in each group."""
    u: float
    """Of the first group; u / (n m) is the probability that one of it lies above one of the second."""
    p: float
    """Two-sided."""
    q: float
    """False discovery rate at which this would be called a difference, all quantities and pairs of groups counted."""


def check_groups(groups: dict[str, list[int]]) -> None:
    """Refuse groups that cannot be compared.

    Raises:
        ConfigError: there is only one group, or one has too few recordings.
    """
    problems = [
        f"the group {name!r} has too few recordings: got {len(members)}, expected at least {FEWEST}; add recordings, "
        "or leave the groups out"
        for name, members in groups.items()
        if len(members) < FEWEST
    ]
    if len(groups) == 1:
        problems.append("got one group, expected at least two to compare; name another, or leave --group out")
    if problems:
        raise ConfigError(problems)


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjusted p values (N,), in the order of those given: the least of p N / rank over all ranks from its own."""
    order = np.argsort(p)[::-1]
    rank = np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum.accumulate(p[order] * len(p) / rank)
    return adjusted


def differences(values: Floats, group_of: Mapping[str, list[int]]) -> list[Difference]:
    """Compare each two groups in each quantity.

    Args:
        values: (recordings, quantities).
        group_of: the rows of each group, at least `FEWEST`.
    """
    raw = [
        (quantity, pair, *_mann_whitney(values[group_of[pair[0]], quantity], values[group_of[pair[1]], quantity]))
        for pair in combinations(group_of, 2)
        for quantity in range(values.shape[1])
    ]
    adjusted = benjamini_hochberg(np.array([p for *_, p in raw]))
    return [
        Difference(quantity, pair, (len(group_of[pair[0]]), len(group_of[pair[1]])), u, p, float(q))
        for (quantity, pair, u, p), q in zip(raw, adjusted, strict=True)
    ]


def least_p(first: int, second: int) -> float:
    """The least two-sided p that groups of these sizes can give: complete separation."""
    return 2 / comb(first + second, first)


def _mann_whitney(first: Floats, second: Floats) -> tuple[float, float]:
    """U of the first, and two-sided p; values that are all equal show no difference, p = 1."""
    from scipy.stats import mannwhitneyu

    if np.ptp(np.concatenate([first, second])) == 0:
        return len(first) * len(second) / 2, 1.0
    result = mannwhitneyu(first, second, alternative="two-sided")
    return float(result.statistic), float(result.pvalue)
