"""What is going on, in one word and one sentence: the first thing that a person must see."""

from dataclasses import dataclass
from typing import Literal

from selfee_rt.view.model import Model
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.source import Source

Word = Literal["waiting", "starting", "running", "stopping", "ended", "silent", "failed", "recorded"]

SILENT_S = 2.5
"""A session says something every second; after this long without a word it is silent."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is going on."""

    word: Word
    alarm: str
    """What is wrong, in a sentence; empty: nothing is."""
    news: str = ""
    """What is to be known and is not wrong; empty: nothing."""


def situation(link: Source) -> Situation:
    """Look at a link."""
    model, age_s = link.model, link.age_s()
    if link.is_over:
        return Situation("recorded", link.heard.garbage, _reading(link))
    if model is None:
        return _nobody(link, age_s)
    status = model.status
    if status is not None and status.state == "ended":
        how = f": {status.error}" if status.error else ""
        said = f"the session ended after {clock_of(status.elapsed_s)}{how}"
        return Situation("ended", said if status.error else "", "" if status.error else said)
    if age_s is not None and age_s > SILENT_S:
        return Situation("silent", f"NOTHING HEARD FOR {duration(age_s)}")
    failed = _failed(model)
    if failed:
        return Situation("failed", failed)
    if status is None:
        return Situation("starting", "")
    told = (f"{name}: {rule.alarm}" for name, rule in status.stimulation.items() if rule.alarm is not None)
    return Situation(status.state, "; ".join(told))


def _reading(link: Source) -> str:
    """How much of a folder has been read; empty: all."""
    return f"reading {link.says}: {link.part_read:.0%}" if link.part_read < 1 else ""


def _failed(model: Model) -> str:
    """What no longer works in a session that goes on; empty: everything does."""
    recording, status = model.vitals.recording_failed, model.status
    if recording is not None:
        return f"RECORDING FAILED: {recording}"
    rules = {} if status is None else status.stimulation
    lost = [f"{each.device} {each.device_state}" for each in rules.values() if each.device_state.startswith("lost")]
    return f"DEVICE {'; '.join(dict.fromkeys(lost))}" if lost else ""


def _nobody(link: Source, age_s: float | None) -> Situation:
    if link.heard.newer and age_s is not None:
        schemas = ", ".join(link.heard.newer)
        return Situation("waiting", f"a session speaks a newer version ({schemas}); update selfee-rt on this computer")
    if link.heard.n_garbage:
        return Situation("waiting", f"{link.says} is not a session: {link.heard.garbage[:100]}")
    return Situation("waiting", "", f"waiting for a session at {link.says}")


def duration(seconds: float) -> str:
    """How long, for people.

    >>> duration(7.6), duration(75)
    ('8 s', '0:01:15')
    """
    return f"{seconds:.0f} s" if seconds < 60 else clock_of(seconds)
