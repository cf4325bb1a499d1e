"""Every trial went to its device once, and came back."""

from collections.abc import Iterator, Sequence

import numpy as np

from selfee_rt.clock import NS_PER_S
from selfee_rt.folder import SessionFolder
from selfee_rt.stimuli import TRIALS, Delivery, Trigger
from selfee_rt.workbench.verify.fates import complete
from selfee_rt.workbench.verify.report import Check


def check_deliveries(folder: SessionFolder, triggers: Sequence[Trigger]) -> Check:
    """Each trial has exactly one delivery, nothing else has one, and its times are in order.

    Where the session was killed or recording failed, trials of the last second may lack theirs, and deliveries after
    the last decision may lack their trials: an order goes out before its decision is logged.
    """
    last_id = max((trigger.trigger_id for trigger in triggers), default=0)
    cut_off = not complete(folder)
    ahead = [each for each in folder.deliveries() if cut_off and each.trigger_id > last_id]
    deliveries = [each for each in folder.deliveries() if each not in ahead]
    trials = {trigger.trigger_id: trigger for trigger in triggers if trigger.verdict in TRIALS}
    problem = next(_problems(deliveries, trials), None)
    if problem is not None:
        return Check("deliveries", False, problem)
    missing = [trials[number] for number in sorted(trials.keys() - {each.trigger_id for each in deliveries})]
    found = f"{len(deliveries)} of {len(trials)} trials"
    if ahead:
        found += f"; the log ends before the decisions that led to {len(ahead)} more"
    if not missing:
        return Check("deliveries", True, found)
    if cut_off and _last_ns(folder) - missing[0].decided_ns < NS_PER_S:
        return Check("deliveries", True, f"{found}; the log ends before what became of the last {len(missing)}")
    return Check("deliveries", False, f"trial {missing[0].trigger_id} has no delivery; {found} have one")


def _last_ns(folder: SessionFolder) -> int:
    """When the last observation was decided that reached the log."""
    return int(folder.integers("observations", "decided_ns").max(initial=np.iinfo(np.int64).min))


def _problems(deliveries: Sequence[Delivery], trials: dict[int, Trigger]) -> Iterator[str]:
    seen = set[int]()
    for delivery in deliveries:
        trial = trials.get(delivery.trigger_id)
        if trial is None:
            yield f"there is a delivery of {delivery.trigger_id}, which is no trial"
            continue
        if delivery.trigger_id in seen:
            yield f"trial {delivery.trigger_id} has two deliveries"
        seen.add(delivery.trigger_id)
        if delivery.device != trial.device:
            yield f"trial {delivery.trigger_id} was for {trial.device} and delivered by {delivery.device}"
        yield from _times(delivery, trial)


def _times(delivery: Delivery, trial: Trigger) -> Iterator[str]:
    """The order of what happened, and that what is said to have happened has a time."""
    name = f"trial {delivery.trigger_id}"
    sent, acknowledged = delivery.sent_ns, delivery.acknowledged_ns
    known = [stamp for stamp in (trial.decided_ns, sent, acknowledged) if stamp is not None]
    if known != sorted(known):
        yield f"{name} was decided, sent and acknowledged out of order"
    if sent is None and (acknowledged is not None or delivery.outcome in ("acknowledged", "sent")):
        yield f"{name} is {delivery.outcome}, but there is no time at which it was sent"
    if acknowledged is None and delivery.outcome == "acknowledged":
        yield f"{name} is acknowledged, but there is no time at which it was"
    if sent is not None and delivery.outcome in ("late", "disarmed"):
        yield f"{name} is {delivery.outcome}, but was sent"
