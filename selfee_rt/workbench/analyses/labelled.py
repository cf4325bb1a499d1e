"""Labels of the recordings that are analysed."""

from collections.abc import Sequence
from pathlib import Path

from selfee_rt.errors import ConfigError
from selfee_rt.workbench import labels as scoring
from selfee_rt.workbench.analyses.inputs import Inputs

NO_LABELS = "-"
"""In the place of a label file: the recording has none."""


def check_labels(paths: Sequence[Path]) -> None:
    """Refuse label files that cannot be read, before any work.

    Raises:
        LabelsError: a file cannot be read.
    """
    for path in paths:
        if str(path) != NO_LABELS:
            scoring.check_early(scoring.read_scored(path))


def labels_of(inputs: Inputs, paths: Sequence[Path]) -> list[tuple[str, ...] | None]:
    """Read one label file per recording, in order, where `-` means none; no files, no labels.

    Raises:
        ConfigError: there are more or fewer files than recordings.
        LabelsError: a file cannot be read, or does not fit its recording.
    """
    if not paths:
        return [None] * len(inputs.recordings)
    names = [each.name for each in inputs.recordings]
    if len(paths) != len(names):
        raise ConfigError(
            [
                f"got {len(paths)} label files for {len(names)} recordings ({', '.join(names)}); give --labels once "
                "per recording, in this order, '-' for one without"
            ]
        )
    found: list[tuple[str, ...] | None] = []
    for path, recording in zip(paths, inputs.recordings, strict=True):
        if str(path) == NO_LABELS:
            found.append(None)
            continue
        scored = scoring.read_scored(path)
        found.append(scoring.labels_of(scored, exposures=recording.exposures, fps=recording.fps))
    return found
