"""How labels follow each other in scored recordings."""

from collections.abc import Sequence

import numpy as np

from selfee_rt.observe.reference_parts import Transitions
from selfee_rt.workbench.held_out import Scored, common_fps


def count_transitions(scored: Sequence[Scored], labels: int) -> Transitions | None:
    """Count which of so many labels follows which from one exposure to the next; what is not scored interrupts.

    None where nothing is scored, or the recordings have different frame rates: their exposures do not last as long.
    """
    fps = common_fps(scored)
    if fps is None:
        return None
    counts = np.zeros((labels, labels), dtype=np.int64)
    exposures = np.zeros(labels, dtype=np.int64)
    for each in scored:
        before, after = each.label_of[:-1], each.label_of[1:]
        follows = (np.diff(each.recording.frame_index) == 1) & (before >= 0) & (after >= 0)
        np.add.at(counts, (before[follows], after[follows]), 1)
        exposures += np.bincount(each.label_of[each.label_of >= 0], minlength=labels)
    return Transitions(tuple(tuple(row) for row in counts.tolist()), tuple(exposures.tolist()), fps)
