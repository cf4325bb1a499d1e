"""What the rules decided: numbered, in the words of the session, about exposures that were observed."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from selfee_rt.folder import SessionFolder, StimulationRecord
from selfee_rt.stimuli import TRIALS, Trigger
from selfee_rt.workbench.verify.report import Check


def check_decisions(
    folder: SessionFolder, stimulation: StimulationRecord, triggers: Sequence[Trigger]
) -> Iterator[Check]:
    """Decisions and trials are numbered without gaps, and each repeats its rule and its observation."""
    yield _check("decisions", _numbering(triggers), _counts(triggers))
    yield _check("trials", _trials(folder, triggers), _trial_counts(triggers))
    yield _check("rules", _rules(stimulation, triggers), ", ".join(repr(rule.name) for rule in stimulation.rules))
    yield _check(
        "agreement of decisions",
        _observed(folder, triggers),
        f"{len(triggers)} decisions have the times of observations",
    )


def _check(name: str, problems: Iterator[str], found: str) -> Check:
    problem = next(problems, None)
    return Check(name, problem is None, problem or found)


def _counts(triggers: Sequence[Trigger]) -> str:
    counts = Counter(trigger.verdict for trigger in triggers)
    return ", ".join([f"{len(triggers)} in all", *(f"{number} {verdict}" for verdict, number in counts.items())])


def _trial_counts(triggers: Sequence[Trigger]) -> str:
    counts = Counter(trigger.rule for trigger in triggers if trigger.verdict in TRIALS)
    return ", ".join(f"{number} of {rule!r}" for rule, number in counts.items()) or "none"


def _numbering(triggers: Sequence[Trigger]) -> Iterator[str]:
    for expected, trigger in enumerate(triggers, 1):
        if trigger.trigger_id != expected:
            yield f"decision {trigger.trigger_id} is where {expected} is expected"


def _trials(folder: SessionFolder, triggers: Sequence[Trigger]) -> Iterator[str]:
    """A rule's trials count from 1, or on from the session that this one continues; a person's test need not count."""
    last: dict[str, int] = {}
    for trigger in triggers:
        is_trial, number = trigger.verdict in TRIALS, trigger.trial
        if number is None:
            if is_trial and trigger.origin != "test":
                yield f"decision {trigger.trigger_id} is {trigger.verdict}, but has no number among the trials"
            continue
        if not is_trial:
            yield f"decision {trigger.trigger_id} is {trigger.verdict}, but is trial {number} of {trigger.rule!r}"
        before = last.get(trigger.rule, 0 if folder.record.continues is None else number - 1)
        if number != before + 1:
            yield f"trial {number} of {trigger.rule!r} is where {before + 1} is expected"
        last[trigger.rule] = number


def _rules(stimulation: StimulationRecord, triggers: Sequence[Trigger]) -> Iterator[str]:
    rules = {rule.name: rule for rule in stimulation.rules}
    hidden = ("fired", "sham") if stimulation.blind else ("blinded",)
    for trigger in triggers:
        rule = rules.get(trigger.rule)
        if rule is None:
            yield f"decision {trigger.trigger_id} is of {trigger.rule!r}, which session.json does not name"
        elif (trigger.arena, trigger.device) != (rule.arena, rule.device):
            yield (
                f"decision {trigger.trigger_id} is of {trigger.arena} and {trigger.device}, "
                f"but {rule.name!r} is of {rule.arena} and {rule.device}"
            )
        if trigger.verdict in hidden and trigger.origin != "test":
            said = "blinded" if stimulation.blind else "not blinded"
            yield f"decision {trigger.trigger_id} is {trigger.verdict} in a session that is {said}"


def _observed(folder: SessionFolder, triggers: Sequence[Trigger]) -> Iterator[str]:
    """A decision repeats the times of the observation that it rests on."""
    times = ("frame_index", "newest_index", "newest_media_ns", "newest_captured_ns")
    arenas = {trigger.arena for trigger in triggers}
    observed = {arena: folder.integers("observations", *times, arena=arena) for arena in arenas}
    for trigger in triggers:
        rows = observed[trigger.arena]
        at = np.searchsorted(rows[:, 0], trigger.frame_index)
        if at == len(rows) or rows[at, 0] != trigger.frame_index:
            yield f"decision {trigger.trigger_id} is about exposure {trigger.frame_index}, which was not observed"
            continue
        said = (trigger.frame_index, trigger.newest_index, trigger.media_ns, trigger.newest_captured_ns)
        if tuple(rows[at]) != said:
            yield f"decision {trigger.trigger_id} has other times than the observation of {trigger.frame_index}"
