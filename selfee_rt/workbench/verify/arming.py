"""Nothing was given unless it was armed: worked out again from the logged actions."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from selfee_rt.clock import NS_PER_S
from selfee_rt.folder import SessionFolder, StimulationRecord
from selfee_rt.stimuli import TRIALS, Trigger
from selfee_rt.types import Action
from selfee_rt.workbench.verify.report import Check

_ENDS = ("disarm", "disarm_all", "arming_ended", "device_lost")
"""Actions after which a rule is no longer armed."""

Changes = dict[str, list[tuple[int, bool]]]
"""Per rule: from which exposure on it is armed, or no longer; in order."""


def check_arming(folder: SessionFolder, stimulation: StimulationRecord, triggers: Sequence[Trigger]) -> Check:
    """Each trial lies in a time for which its rule was armed, and which is no longer than arming lasts."""
    trials = [trigger for trigger in triggers if trigger.verdict in TRIALS]
    changes = arming_changes(folder.actions(), [rule.name for rule in stimulation.rules])
    problem = next(_problems(folder, trials, changes), None)
    n_armed = sum(armed for each in changes.values() for _, armed in each)
    return Check("arming", problem is None, problem or f"{len(trials)} trials while armed; rules were armed {n_armed}x")


def arming_changes(actions: Iterable[Action], rules: Sequence[str]) -> Changes:
    """What these actions, in order, did to the arming of these rules."""
    changes: Changes = {rule: [] for rule in rules}
    for action in actions:
        if action.action == "arm" or action.action in _ENDS:
            for rule in _concerned(action, rules):
                changes[rule].append((action.frame_index, action.action == "arm"))
    return {rule: sorted(each, key=lambda change: change[0]) for rule, each in changes.items()}


def _concerned(action: Action, rules: Sequence[str]) -> list[str]:
    named = action.arguments.get("rules")
    return [rule for rule in rules if named is None or rule in named]


def _problems(folder: SessionFolder, trials: Sequence[Trigger], changes: Changes) -> Iterator[str]:
    arm_for_s = folder.record.config.get("stimulation", {}).get("arm_for_s")
    times = folder.integers("observations", "frame_index", "newest_media_ns")
    for trial in trials:
        armed_index = armed_since(trial, changes.get(trial.rule, []))
        if armed_index is None:
            yield f"trial {trial.trigger_id} at exposure {trial.frame_index}: {trial.rule!r} was not armed"
            continue
        since = times[np.searchsorted(times[:, 0], armed_index) :, 1]
        armed_s = (trial.media_ns - int(since[0])) / NS_PER_S if len(since) else 0.0
        if arm_for_s is not None and armed_s > arm_for_s:
            yield f"trial {trial.trigger_id} came {armed_s:.3f} s after arming, which lasts {arm_for_s:g} s"


def armed_since(trial: Trigger, changes: Sequence[tuple[int, bool]]) -> int | None:
    """The exposure from which on the trial's rule was armed; None: it was not. A test comes after its exposure."""
    at = trial.frame_index + (trial.origin == "test")
    before = bisect_right(changes, at, key=lambda change: change[0])
    index, armed = changes[before - 1] if before else (0, False)
    return index if armed else None
