"""Behaviour cut into syllables by an autoregressive hidden Markov model of the embeddings, and who uses which."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.analyses.arhmm import Arhmm, ArhmmSettings, fit_arhmm
from selfee_rt.workbench.analyses.compare import Difference, check_groups, differences
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.points import check_model, check_rate, common_points
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.labels import UNLABELLED

NONE = -1
"""No syllable: the model needs `lags` exposures before it says anything."""

FEWEST_EXPOSURES = 100
"""Exposures with a syllable that a recording must have for its usage to mean anything."""

HALF_OF_NORMAL = 0.6745
"""Median of the absolute value of a standard normal variable."""

_Piece = tuple[int, slice, NDArray[Any]]
"""Position of the recording, a stretch of it, and its points (T, d)."""


@dataclass(frozen=True, slots=True)
class SyllableSettings:
    """How syllables are found."""

    project: int = 10
    """Principal axes that the model works on."""
    stickiness: float | None = None
    """Pseudo-count of staying in a syllable; None: as many as there are exposures, as in MoSeq."""
    model: ArhmmSettings = field(default_factory=ArhmmSettings)


@dataclass(frozen=True, eq=False)
class Syllables:
    """The syllables of several recordings, the most used first."""

    model: Arhmm
    """Its first states are the syllables; any further ones were never used."""
    settings: ArhmmSettings
    explained: float
    """Share of the embeddings' variance that the model sees."""
    sequences: tuple[NDArray[np.int64], ...]
    """Per recording (N,): the syllable at each of its `frame_index`, or -1."""
    usage: NDArray[np.float64]
    """(recordings, K) share of exposures, those with a syllable; rows sum to 1."""

    @property
    def count(self) -> int:
        """Number of syllables, K."""
        return int(self.usage.shape[1])


def find_syllables(recordings: Sequence[Embedded], settings: SyllableSettings) -> Syllables:
    """Fit one model to all recordings, and say which syllable each exposure belongs to.

    Raises:
        ConfigError: models or frame rates differ, or a recording is too short.
    """
    check_model(recordings)
    check_rate(recordings)
    lags = settings.model.lags
    pieces = [stretches(recording.frame_index, lags) for recording in recordings]
    _check_length(recordings, pieces, lags)
    points = common_points(recordings, settings.project)
    sequences = [
        (position, piece, whole[piece])
        for position, (whole, own) in enumerate(zip(points.of, pieces, strict=True))
        for piece in own
    ]
    sequences = _in_steps(sequences)
    chosen = _resolved(settings, sum(len(each) for *_, each in sequences))
    model = fit_arhmm([each for *_, each in sequences], chosen)
    states = [np.full(len(recording.frame_index), NONE) for recording in recordings]
    for position, piece, each in sequences:
        states[position][piece][lags:] = model.states(each)
    return _by_usage(model, chosen, points.explained, states)


def stretches(frame_index: NDArray[np.int64], lags: int) -> list[slice]:
    """Stretches without a missing exposure that are longer than `lags`, as slices of `frame_index` (N,)."""
    breaks = np.flatnonzero(np.diff(frame_index) != 1) + 1
    edges = [0, *breaks.tolist(), len(frame_index)]
    return [slice(a, b) for a, b in pairwise(edges) if b - a > lags]


def compare_usage(syllables: Syllables, inputs: Inputs) -> list[Difference]:
    """Whether groups use syllables differently; no groups, no comparison.

    Raises:
        ConfigError: as `check_groups`.
    """
    check_groups(inputs.groups)
    return differences(syllables.usage, inputs.groups) if inputs.groups else []


def label_shares(
    found: Syllables, inputs: Inputs, labels: Sequence[tuple[str, ...] | None]
) -> dict[str, NDArray[np.float64]]:
    """Of the exposures of each label, by name, the share (K,) in each syllable.

    Exposures without a syllable, and labels that never meet one, are left out, as is `unlabel`.
    """
    counts: dict[str, NDArray[np.int64]] = {}
    for recording, sequence, own in zip(inputs.recordings, found.sequences, labels, strict=True):
        if own is None:
            continue
        for index, syllable in zip(recording.frame_index.tolist(), sequence.tolist(), strict=True):
            if syllable != NONE and own[index] != UNLABELLED:
                counts.setdefault(own[index], np.zeros(found.count, np.int64))[syllable] += 1
    return {label: counts[label] / counts[label].sum() for label in sorted(counts)}


def bouts(sequence: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Each uninterrupted run of a syllable in a sequence (N,), with its length in exposures."""
    edges = [0, *(np.flatnonzero(np.diff(sequence)) + 1).tolist(), len(sequence)]
    runs = [(int(sequence[a]), b - a) for a, b in pairwise(edges) if b > a]
    return [(syllable, length) for syllable, length in runs if syllable != NONE]


def _in_steps(sequences: Sequence[_Piece]) -> list[_Piece]:
    """Scale each axis by its typical step from one exposure to the next, so that the prior's noise fits any model.

    The typical step is the standard deviation of a normal distribution with the same median.
    """
    steps = np.abs(np.concatenate([np.diff(points, axis=0) for *_, points in sequences]))
    typical = np.median(steps, axis=0) / HALF_OF_NORMAL
    size = np.where(typical > 0, typical, steps.std(axis=0))
    if not size.all():
        raise ConfigError(["the embeddings stand still along an axis; project to fewer dimensions (--project)"])
    return [(position, piece, points / size) for position, piece, points in sequences]


def _resolved(settings: SyllableSettings, exposures: int) -> ArhmmSettings:
    stickiness = float(exposures) if settings.stickiness is None else settings.stickiness
    return replace(settings.model, stickiness=stickiness)


def _check_length(recordings: Sequence[Embedded], pieces: Sequence[Sequence[slice]], lags: int) -> None:
    problems = []
    for recording, own in zip(recordings, pieces, strict=True):
        usable = sum(piece.stop - piece.start - lags for piece in own)
        if usable < FEWEST_EXPOSURES:
            problems.append(
                f"{recording.name} is too short: got {usable} exposures with {lags} before them and none missing, "
                f"expected at least {FEWEST_EXPOSURES}; use a longer recording, or leave it out"
            )
    if problems:
        raise ConfigError(problems)


def _by_usage(
    model: Arhmm, settings: ArhmmSettings, explained: float, states: Sequence[NDArray[np.int64]]
) -> Syllables:
    """Number the states that are used by how much they are, each recording counting alike; those are the syllables."""
    counts = np.stack([np.bincount(each[each != NONE], minlength=settings.states) for each in states])
    usage = counts / counts.sum(axis=1, keepdims=True)
    order = np.argsort(-usage.mean(axis=0), kind="stable")
    used = np.count_nonzero(counts.sum(axis=0))
    number_of = np.empty(settings.states + 1, dtype=np.int64)
    number_of[order], number_of[NONE] = np.arange(settings.states), NONE
    return Syllables(
        model.reordered(order.tolist()),
        settings,
        explained,
        tuple(number_of[each] for each in states),
        usage[:, order[:used]],
    )
