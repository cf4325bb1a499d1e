"""How far along a reference recording each animal is, over time: dynamic time warping of embeddings.

Source: Jia et al. 2022, eLife 11:e76218, where the warped index of mutants is compared with that of controls at every
exposure; here over steps of some hundred milliseconds, one curve per animal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import unit
from selfee_rt.workbench.analyses.compare import Difference, check_groups, differences
from selfee_rt.workbench.analyses.inputs import Inputs, same_recording
from selfee_rt.workbench.analyses.points import check_model, common_points
from selfee_rt.workbench.analyses.warping import Alignment, align
from selfee_rt.workbench.embedding import Embedded

FEWEST_STEPS = 10
"""Steps that a recording must have for an alignment to mean anything."""


@dataclass(frozen=True, slots=True)
class ProgressSettings:
    """How recordings are aligned."""

    project: int = 50
    """Principal axes that cosine distances are taken on."""
    step_s: float = 0.2
    """Embeddings are averaged over steps of this length."""
    open_end: bool = False
    """Recordings may end anywhere in the reference."""


@dataclass(frozen=True, eq=False)
class Progress:
    """Alignments of recordings to a reference."""

    reference: Embedded
    step_s: float
    explained: float
    """Share of the embeddings' variance that distances see."""
    alignments: tuple[Alignment, ...]

    def time_s(self, position: int) -> NDArray[np.float64]:
        """Own time (n,) of each step of a recording, at its middle, from the first embedding on."""
        return np.asarray((np.arange(len(self.alignments[position].reference_step)) + 0.5) * self.step_s, np.float64)

    def reference_s(self, position: int) -> NDArray[np.float64]:
        """Time (n,) in the reference that each step of a recording corresponds to."""
        return np.asarray((self.alignments[position].reference_step + 0.5) * self.step_s, np.float64)


def find_progress(reference: Embedded, recordings: Sequence[Embedded], settings: ProgressSettings) -> Progress:
    """Align every recording to the reference.

    Raises:
        ConfigError: models differ; a recording is too short, has a gap as long as a step, cannot be aligned, or is the
            reference itself.
    """
    every = [reference, *recordings]
    check_model(every)
    check_not_reference(reference, recordings)
    points = common_points(every, settings.project)
    steps = [stepped(each, own, settings.step_s) for each, own in zip(every, points.of, strict=True)]
    aligned = tuple(align(own, steps[0], open_end=settings.open_end) for own in steps[1:])
    return Progress(reference, settings.step_s, points.explained, aligned)


def check_not_reference(reference: Embedded, recordings: Sequence[Embedded]) -> None:
    """Refuse to align the reference to itself, which says nothing.

    Raises:
        ConfigError: a recording is the reference.
    """
    for each in recordings:
        if same_recording(reference, each):
            raise ConfigError([f"{each.name} is the reference itself; align other recordings to it"])


def stepped(recording: Embedded, points: NDArray[np.float64], step_s: float) -> NDArray[np.float32]:
    """Directions (n, d) of points (N, d), averaged over steps of `step_s`; the last, incomplete step is left out.

    Raises:
        ConfigError: there are too few steps, or one without an embedding.
    """
    elapsed = recording.frame_index - recording.frame_index[0]
    step_of = np.floor(elapsed / recording.fps / step_s + 1e-9).astype(np.int64)
    count = int(np.floor((elapsed[-1] + 1) / recording.fps / step_s + 1e-9))
    if count < FEWEST_STEPS:
        raise ConfigError(
            [
                f"{recording.name} is too short: got {count} steps of {step_s:g} s, expected at least {FEWEST_STEPS}; "
                "use a longer recording, or shorter steps (--step-s)"
            ]
        )
    points, step_of = points[step_of < count], step_of[step_of < count]
    held = np.bincount(step_of, minlength=count)
    if (held == 0).any():
        raise ConfigError([_gap(recording, int(held.argmin()), step_s)])
    starts = np.concatenate([[0], np.cumsum(held)[:-1]])
    means = np.add.reduceat(points, starts, axis=0) / held[:, None]
    return unit(means.astype(np.float32))


def _gap(recording: Embedded, step: int, step_s: float) -> str:
    return (
        f"{recording.name} has no embedding from {step * step_s:g} to {(step + 1) * step_s:g} s after its first: got "
        "a step with none, expected one at least; use longer steps (--step-s, not below a frame), or a recording "
        "without such a gap"
    )


def compare_progress(progress: Progress, inputs: Inputs) -> list[Difference]:
    """Whether groups are differently far along, at each step that all recordings have; no groups, no comparison.

    Raises:
        ConfigError: as `check_groups`.
    """
    check_groups(inputs.groups)
    if not inputs.groups:
        return []
    shared = shared_steps(progress, inputs)
    values = np.stack([progress.reference_s(position)[:shared] for position in range(len(inputs.recordings))])
    return differences(values, inputs.groups)


def shared_steps(progress: Progress, inputs: Inputs) -> int:
    """Steps that every recording of every group has."""
    grouped = [position for members in inputs.groups.values() for position in members]
    return min(len(progress.alignments[position].reference_step) for position in grouped)
