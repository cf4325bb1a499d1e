"""What a session's rules decided, and what became of it, hold together."""

from collections.abc import Iterator

from selfee_rt.folder import SessionFolder
from selfee_rt.workbench.verify.arming import check_arming
from selfee_rt.workbench.verify.blinding import check_blinding
from selfee_rt.workbench.verify.decisions import check_decisions
from selfee_rt.workbench.verify.deliveries import check_deliveries
from selfee_rt.workbench.verify.limits import check_limits
from selfee_rt.workbench.verify.report import Check


def check_stimuli(folder: SessionFolder) -> Iterator[Check]:
    """Every check of a session's stimuli; none where it had no rules."""
    triggers = tuple(folder.triggers())
    stimulation = folder.record.stimulation
    if stimulation is None:
        n_delivered = sum(1 for _ in folder.deliveries())
        if triggers or n_delivered:
            found = f"{len(triggers)} decisions and {n_delivered} deliveries, but session.json names no rule"
            yield Check("stimuli", False, found)
        return
    yield from check_decisions(folder, stimulation, triggers)
    yield check_deliveries(folder, triggers)
    yield from check_limits(folder, stimulation, triggers)
    yield check_arming(folder, stimulation, triggers)
    yield check_blinding(folder, stimulation)
