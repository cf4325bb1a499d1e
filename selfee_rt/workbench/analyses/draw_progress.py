"""Figure of an alignment: progress along the reference, and how far ahead of it each animal is."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt.workbench.analyses.compare import Difference
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.progress import Progress, shared_steps
from selfee_rt.workbench.figures import Style, legend_right, new_figure, styles

SIGNIFICANT = 0.05


def draw_progress(path: Path, progress: Progress, inputs: Inputs, compared: Sequence[Difference]) -> None:
    """Curves of recordings, or of groups with their standard error; below, where groups differ."""
    with new_figure(path, 7.5, 6) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        longest = max(progress.time_s(position)[-1] for position in range(len(inputs.recordings)))
        upper.plot([0, longest], [0, longest], color="black", linewidth=0.8, linestyle="--", label="in step")
        lower.axhline(0, color="black", linewidth=0.8, linestyle="--")
        if inputs.groups:
            _groups(upper, lower, progress, inputs)
        else:
            _recordings(upper, lower, progress, inputs)
        upper.set_ylabel(f"time in {progress.reference.name} (s)")
        lower.set_ylabel("ahead (s)")
        lower.set_xlabel("own time (s)")
        upper.set_ylim(bottom=0)
        upper.set_xlim(0, longest)
        if compared:
            _bars(lower, progress, inputs, compared)
        legend_right(upper)


def _recordings(upper: Any, lower: Any, progress: Progress, inputs: Inputs) -> None:
    look = styles([each.name for each in inputs.recordings])
    for position, each in enumerate(inputs.recordings):
        own, there = progress.time_s(position), progress.reference_s(position)
        upper.plot(own, there, color=look[each.name].colour, linewidth=1.3, label=each.name)
        lower.plot(own, there - own, color=look[each.name].colour, linewidth=1.3)


def _groups(upper: Any, lower: Any, progress: Progress, inputs: Inputs) -> None:
    look = styles(list(inputs.groups))
    shared = shared_steps(progress, inputs)
    for position in range(len(inputs.recordings)):
        group = inputs.group_of(position)
        colour = look[group].colour if group else "#BBBBBB"
        upper.plot(progress.time_s(position), progress.reference_s(position), color=colour, linewidth=0.5, alpha=0.5)
    for group, members in inputs.groups.items():
        own = progress.time_s(members[0])[:shared]
        there = np.stack([progress.reference_s(position)[:shared] for position in members])
        label = f"{group} ({len(members)}), mean ± SEM"
        _band(upper, own, there, look[group], label)
        _band(lower, own, there - own, look[group], None)


def _band(axes: Any, own: Any, curves: Any, look: Style, label: str | None) -> None:
    """Mean and standard error of the mean of curves (recordings, n) over time (n,)."""
    middle = curves.mean(axis=0)
    error = curves.std(axis=0, ddof=1) / np.sqrt(len(curves)) if len(curves) > 1 else np.zeros_like(middle)
    axes.fill_between(own, middle - error, middle + error, color=look.colour, alpha=0.25, linewidth=0)
    axes.plot(own, middle, color=look.colour, linewidth=1.8, label=label)


def _bars(axes: Any, progress: Progress, inputs: Inputs, compared: Sequence[Difference]) -> None:
    """Below the curves, one row per pair of groups: where their difference has q < 0.05."""
    pairs = list(combinations(inputs.groups, 2))
    low, high = axes.get_ylim()
    row_height = 0.09 * (high - low)
    axes.set_ylim(low - row_height * (len(pairs) + 0.5), high)
    for row, pair in enumerate(pairs):
        found = [each for each in compared if each.groups == pair and each.q < SIGNIFICANT]
        level = low - row_height * (row + 0.75)
        spans = [(each.quantity * progress.step_s, progress.step_s) for each in found]
        axes.broken_barh(spans, (level, row_height * 0.5), color="black", linewidth=0)
        said = f"{pair[0]} / {pair[1]}: " + ("q < 0.05" if found else "no q < 0.05")
        axes.annotate(said, (1.01, level), xycoords=("axes fraction", "data"), fontsize=8, annotation_clip=False)
