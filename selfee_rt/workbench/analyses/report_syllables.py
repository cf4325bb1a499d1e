"""What `analyze syllables` writes."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt.workbench.analyses.compare import Difference
from selfee_rt.workbench.analyses.described import COMPARISON_COLUMNS, comparison_rows, described, power
from selfee_rt.workbench.analyses.draw_syllables import draw_ethogram, draw_grammar, draw_labels, draw_usage
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.output import write_summary, write_table
from selfee_rt.workbench.analyses.syllables import NONE, Syllables, bouts, label_shares
from selfee_rt.workbench.figures import FigureKind


def write_syllables(
    folder: Path,
    found: Syllables,
    inputs: Inputs,
    compared: Sequence[Difference],
    labels: Sequence[tuple[str, ...] | None],
    kind: FigureKind,
) -> None:
    """Write tables, summary and figures into a folder; `labels` are those of each recording, None: it has none."""
    write_table(folder / "syllables.csv", ("recording", "group", "frame", "syllable"), _exposures(found, inputs))
    columns = ("recording", "group", "syllable", "share", "bouts", "median_bout_s")
    write_table(folder / "usage.csv", columns, _usage(found, inputs))
    if compared:
        rows = comparison_rows(compared, [str(each) for each in range(found.count)])
        write_table(folder / "comparison.csv", ("syllable", *COMPARISON_COLUMNS), rows)
    shares = label_shares(found, inputs, labels)
    if shares:
        per_label = ([(label, each, share) for each, share in enumerate(own.tolist())] for label, own in shares.items())
        write_table(folder / "labels.csv", ("label", "syllable", "share"), chain.from_iterable(per_label))
        draw_labels(folder / f"labels.{kind}", shares)
    write_summary(folder / "summary.json", _summary(found, inputs))
    draw_ethogram(folder / f"ethogram.{kind}", found, inputs)
    draw_usage(folder / f"usage.{kind}", found, inputs, compared)
    draw_grammar(folder / f"grammar.{kind}", found, inputs.recordings[0].fps)


def _exposures(found: Syllables, inputs: Inputs) -> Iterator[tuple[Any, ...]]:
    for position, (recording, sequence) in enumerate(zip(inputs.recordings, found.sequences, strict=True)):
        group = inputs.group_of(position)
        for index, syllable in zip(recording.frame_index.tolist(), sequence.tolist(), strict=True):
            yield recording.name, group, index, None if syllable == NONE else syllable


def _usage(found: Syllables, inputs: Inputs) -> Iterator[tuple[Any, ...]]:
    for position, (recording, sequence) in enumerate(zip(inputs.recordings, found.sequences, strict=True)):
        runs = bouts(sequence)
        for syllable, share in enumerate(found.usage[position].tolist()):
            lengths = [length / recording.fps for each, length in runs if each == syllable]
            median = float(np.median(lengths)) if lengths else None
            yield recording.name, inputs.group_of(position), syllable, share, len(lengths), median


def _summary(found: Syllables, inputs: Inputs) -> dict[str, Any]:
    model = found.model
    exposures = sum(int((sequence != NONE).sum()) for sequence in found.sequences)
    return {
        "analysis": "syllables",
        **described(inputs),
        "settings": asdict(found.settings),
        "projected_to": model.dynamics.weights.shape[1],
        "variance_kept": found.explained,
        "syllables": found.count,
        "exposures_with_a_syllable": exposures,
        "log_likelihood_per_exposure_nats": model.log_likelihood / exposures,
        "objective_nats": list(model.objective),
        "converged": model.converged,
        "transition_per_exposure": model.transition.tolist(),
        **power(inputs),
    }
