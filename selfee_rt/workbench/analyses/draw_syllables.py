"""Figures of syllables: when, how much, how long, and what comes next."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.analyses.compare import Difference
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.syllables import NONE, Syllables, bouts
from selfee_rt.workbench.figures import Style, legend_right, new_figure, numbered, styles

ROW_IN = 0.28
SIGNIFICANT = 0.05


def draw_ethogram(path: Path, found: Syllables, inputs: Inputs) -> None:
    """One row per recording, group by group; its syllables over time."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    colours = numbered(found.count)
    with new_figure(path, 8, 1.1 + ROW_IN * max(len(inputs.recordings), found.count * 0.8)) as figure:
        axes = figure.add_subplot()
        for row, (recording, sequence) in enumerate(zip(inputs.recordings, found.sequences, strict=True)):
            shown = np.full(recording.exposures, NONE)
            shown[recording.frame_index] = sequence
            picture = np.ma.masked_equal(shown[None, :], NONE)
            extent = (0, recording.exposures / recording.fps, row + 0.4, row - 0.4)
            colour_map = ListedColormap(colours)
            axes.imshow(
                picture,
                aspect="auto",
                interpolation="nearest",
                cmap=colour_map,
                vmin=-0.5,
                vmax=found.count - 0.5,
                extent=extent,
            )
        _name_rows(axes, inputs)
        axes.set_xlim(0, max(each.exposures / each.fps for each in inputs.recordings))
        axes.set_xlabel("time (s)")
        legend_right(
            axes,
            handles=[Patch(color=colour, label=str(each)) for each, colour in enumerate(colours)],
            title="syllable",
        )


def _name_rows(axes: Any, inputs: Inputs) -> None:
    names = [
        f"{group} · {each.name}" if (group := inputs.group_of(row)) else each.name
        for row, each in enumerate(inputs.recordings)
    ]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def draw_usage(path: Path, found: Syllables, inputs: Inputs, compared: Sequence[Difference]) -> None:
    """A dot per recording and a bar at the mean of its group; q values above."""
    groups = inputs.groups or {"all": list(range(len(inputs.recordings)))}
    look = styles(list(groups))
    with new_figure(path, 2.0 + 0.25 * found.count * (len(groups) + 1), 3.6) as figure:
        axes = figure.add_subplot()
        for place, (group, members) in enumerate(groups.items()):
            offset = (place - (len(groups) - 1) / 2) * 0.8 / len(groups)
            _dots(axes, 100 * found.usage[members], offset, 0.6 / len(groups), look[group], group)
        axes.set_ylim(bottom=0)
        axes.set_xticks(range(found.count))
        axes.set_xlabel("syllable")
        axes.set_ylabel("share of time (%)")
        _mark(axes, found, compared)
        if inputs.groups:
            legend_right(axes, title="group")


def _dots(axes: Any, shares: NDArray[np.float64], offset: float, width: float, look: Style, name: str) -> None:
    """Shares (recordings, K)."""
    rng = np.random.default_rng(0)
    for syllable, values in enumerate(shares.T):
        middle = syllable + offset
        spread = middle + rng.uniform(-0.3, 0.3, len(values)) * width
        label = f"{name} ({len(values)})" if syllable == 0 else None
        axes.scatter(spread, values, s=14, color=look.colour, marker=look.marker, alpha=0.8, linewidths=0, label=label)
        axes.plot([middle - width / 2, middle + width / 2], [values.mean()] * 2, color=look.colour, linewidth=2)


def _mark(axes: Any, found: Syllables, compared: Sequence[Difference]) -> None:
    """Write the least q of each syllable above it."""
    if not compared:
        return
    top = 100 * found.usage.max() * 1.06
    for syllable in range(found.count):
        least = min(each.q for each in compared if each.quantity == syllable)
        bold = "bold" if least < SIGNIFICANT else "normal"
        axes.text(syllable, top, f"q {least:.2g}", ha="center", va="bottom", fontsize=8, fontweight=bold)
    axes.set_ylim(0, top * 1.1)


def draw_grammar(path: Path, found: Syllables, fps: float) -> None:
    """What comes after each syllable (left), and how long each lasts (right)."""
    with new_figure(path, 8.5, 3.6) as figure:
        left, right = figure.subplots(1, 2)
        figure.get_layout_engine().set(w_pad=0.15)
        following = next_syllable(found.model.transition[: found.count, : found.count])
        picture = left.imshow(following, cmap="Blues", vmin=0, vmax=1)
        left.set_xticks(range(found.count))
        left.set_yticks(range(found.count))
        left.set_xlabel("next syllable")
        left.set_ylabel("syllable")
        figure.colorbar(picture, ax=left, label="probability when it ends")
        lengths = [
            [length / fps for sequence in found.sequences for each, length in bouts(sequence) if each == syllable]
            for syllable in range(found.count)
        ]
        _boxes(right, lengths)
        right.set_yscale("log")
        right.yaxis.set_major_formatter("{x:g}")
        right.set_xlabel("syllable")
        right.set_ylabel("duration of a bout (s)")


def _boxes(axes: Any, lengths: Sequence[Sequence[float]]) -> None:
    used = [place for place, each in enumerate(lengths) if each]
    boxes = axes.boxplot(
        [lengths[place] for place in used],
        positions=used,
        widths=0.6,
        showfliers=False,
        patch_artist=True,
        medianprops={"color": "black"},
    )
    colours = numbered(len(lengths))
    for place, box in zip(used, boxes["boxes"], strict=True):
        box.set_facecolor(colours[place])
    axes.set_xticks(range(len(lengths)), [str(place) for place in range(len(lengths))])
    axes.set_xlim(-0.6, len(lengths) - 0.4)


def draw_labels(path: Path, shares: Mapping[str, NDArray[np.float64]]) -> None:
    """A bar per label, divided into syllables; shares (K,) per label."""
    count = len(next(iter(shares.values())))
    with new_figure(path, 6.5, 1.0 + ROW_IN * max(len(shares), count * 0.8)) as figure:
        axes = figure.add_subplot()
        left = np.zeros(len(shares))
        for syllable, colour in enumerate(numbered(count)):
            widths = np.array([100 * own[syllable] for own in shares.values()])
            axes.barh(list(shares), widths, left=left, height=0.8, color=colour, label=str(syllable))
            left += widths
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("share of the label's exposures (%)")
        legend_right(axes, title="syllable")


def next_syllable(transition: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability (K, K) of each next syllable once one ends, from transitions (K, K) per exposure; diagonal NaN."""
    leaving = transition.copy()
    np.fill_diagonal(leaving, 0.0)
    total = leaving.sum(axis=1, keepdims=True)
    following: NDArray[np.float64] = np.divide(leaving, total, out=np.zeros_like(leaving), where=total > 0)
    np.fill_diagonal(following, np.nan)
    return following
