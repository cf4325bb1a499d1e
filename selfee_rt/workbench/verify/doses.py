"""The light that was given, in a session and those that it continues."""

from collections import Counter
from pathlib import Path

from selfee_rt.errors import FolderError
from selfee_rt.folder import ContinuedRecord, SessionFolder
from selfee_rt.stimuli import TRIALS


def light_us(folder: SessionFolder) -> Counter[str]:
    """Per rule: sum of the widths of the pulses of its trials, shams included.

    With those of the sessions that this one continues, as far as they still are where they were.
    """
    given = _own_light_us(folder)
    known, before = {folder.record.session_id}, folder.record.continues
    while before is not None and before.session_id not in known:
        known.add(before.session_id)
        earlier = _earlier(before)
        if earlier is None:
            return given
        with earlier:
            given += _own_light_us(earlier)
            before = earlier.record.continues
    return given


def _earlier(before: ContinuedRecord) -> SessionFolder | None:
    """The folder, where it can be read and is the session that was meant."""
    try:
        folder = SessionFolder(Path(before.path))
    except FolderError:
        return None
    if folder.record.session_id == before.session_id:
        return folder
    folder.close()
    return None


def _own_light_us(folder: SessionFolder) -> Counter[str]:
    stimulation = folder.record.stimulation
    light = {} if stimulation is None else {rule.name: rule.train.light_us for rule in stimulation.rules}
    given = Counter[str]()
    for trigger in folder.triggers():
        if trigger.verdict in TRIALS:
            given[trigger.rule] += light.get(trigger.rule, 0)
    return given
