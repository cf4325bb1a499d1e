"""What `analyze align` writes."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from selfee_rt.workbench.analyses.compare import Difference
from selfee_rt.workbench.analyses.described import COMPARISON_COLUMNS, comparison_rows, described, power
from selfee_rt.workbench.analyses.draw_progress import draw_progress
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.output import write_summary, write_table
from selfee_rt.workbench.analyses.progress import Progress, ProgressSettings
from selfee_rt.workbench.figures import FigureKind


def write_progress(
    folder: Path,
    progress: Progress,
    inputs: Inputs,
    compared: Sequence[Difference],
    settings: ProgressSettings,
    kind: FigureKind,
) -> None:
    """Write tables, summary and figure into a folder."""
    write_table(folder / "progress.csv", ("recording", "group", "time_s", "reference_s"), _curves(progress, inputs))
    if compared:
        times = [f"{(step + 0.5) * progress.step_s:.6g}" for step in range(max(each.quantity for each in compared) + 1)]
        rows = comparison_rows(compared, times)
        write_table(folder / "comparison.csv", ("time_s", *COMPARISON_COLUMNS), rows)
    write_summary(folder / "summary.json", _summary(progress, inputs, settings))
    draw_progress(folder / f"progress.{kind}", progress, inputs, compared)


def _curves(progress: Progress, inputs: Inputs) -> Iterator[tuple[Any, ...]]:
    for position, recording in enumerate(inputs.recordings):
        own, there = progress.time_s(position).tolist(), progress.reference_s(position).tolist()
        for at, where in zip(own, there, strict=True):
            yield recording.name, inputs.group_of(position), at, where


def _summary(progress: Progress, inputs: Inputs, settings: ProgressSettings) -> dict[str, Any]:
    distances = {
        recording.name: alignment.distance
        for recording, alignment in zip(inputs.recordings, progress.alignments, strict=True)
    }
    return {
        "analysis": "align",
        "reference": {"name": progress.reference.name, "sha256": progress.reference.sha256},
        **described(inputs),
        "settings": asdict(settings),
        "variance_kept": progress.explained,
        "mean_cosine_distance_along_the_path": distances,
        **power(inputs),
    }
