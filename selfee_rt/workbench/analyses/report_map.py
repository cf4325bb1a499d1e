"""What `analyze map` writes: the places of exposures, and the map coloured by recording, by group and by label."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt.workbench.analyses.described import described
from selfee_rt.workbench.analyses.embedding_map import EmbeddingMap, MapSettings
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.output import write_summary, write_table
from selfee_rt.workbench.figures import FigureKind, legend_right, new_figure, styles
from selfee_rt.workbench.labels import UNLABELLED

Labels = Sequence[tuple[str, ...] | None]
"""Per recording the label of every exposure; None: nobody labelled it."""


def write_map(
    folder: Path, made: EmbeddingMap, inputs: Inputs, labels: Labels, settings: MapSettings, kind: FigureKind
) -> None:
    """Write table, summary and figures into a folder."""
    by_recording = [inputs.recordings[position].name for position in made.recording_of.tolist()]
    by_group = [inputs.group_of(position) for position in made.recording_of.tolist()]
    by_label = _labels(made, labels)
    places = made.place.tolist()
    rows = zip(by_recording, by_group, made.frame_index.tolist(), by_label, *zip(*places, strict=True), strict=True)
    write_table(folder / "map.csv", ("recording", "group", "frame", "label", "x", "y"), rows)
    write_summary(folder / "summary.json", _summary(made, inputs, settings))
    draw_map(folder / f"by_recording.{kind}", made, by_recording, "recording")
    if inputs.groups:
        draw_map(folder / f"by_group.{kind}", made, by_group, "group")
    if any(each is not None for each in labels):
        draw_map(folder / f"by_label.{kind}", made, [each or UNLABELLED for each in by_label], "label")


def _labels(made: EmbeddingMap, labels: Labels) -> list[str | None]:
    """The label of each exposure on the map; None where its recording has none."""
    found: list[str | None] = []
    for position, index in zip(made.recording_of.tolist(), made.frame_index.tolist(), strict=True):
        own = labels[position]
        found.append(None if own is None else own[index])
    return found


def draw_map(path: Path, made: EmbeddingMap, name_of: Sequence[str], title: str) -> None:
    """Exposures in the plane, coloured by name (M,), drawn in random order so that none covers the others by rank."""
    from matplotlib.lines import Line2D

    look = styles(sorted(set(name_of)))
    with new_figure(path, 6.5, 4.6) as figure:
        axes = figure.add_subplot()
        for marker in sorted({style.marker for style in look.values()}):
            own = [row for row, name in enumerate(name_of) if look[name].marker == marker]
            order = np.random.default_rng(0).permutation(own)
            colours = [look[name_of[row]].colour for row in order]
            axes.scatter(*made.place[order].T, s=6, c=colours, marker=marker, linewidths=0, alpha=0.8)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel("t-SNE 1 (no unit)")
        axes.set_ylabel("t-SNE 2 (no unit)")
        counts = {name: list(name_of).count(name) for name in look}
        handles = [
            Line2D(
                [],
                [],
                linestyle="",
                color=style.colour,
                marker=style.marker,
                label=f"{name or 'none'} ({counts[name]})",
            )
            for name, style in look.items()
        ]
        legend_right(axes, handles=handles, title=title)


def _summary(made: EmbeddingMap, inputs: Inputs, settings: MapSettings) -> dict[str, Any]:
    return {
        "analysis": "map",
        **described(inputs),
        "settings": asdict(settings),
        "variance_kept": made.explained,
        "exposures_on_the_map": len(made.place),
        "divergence_nats": made.divergence,
    }
