"""What other programs are told of a trial, in one line."""

import json

from selfee_rt.stimuli import Order


def marker(order: Order) -> str:
    """One line of JSON about the trial `order`; whether it is withheld is not in it."""
    trigger, train = order.trigger, order.train
    said = {
        "trigger_id": trigger.trigger_id,
        "rule": trigger.rule,
        "arena": trigger.arena,
        "trial": trigger.trial,
        "frame_index": trigger.frame_index,
        "newest_index": trigger.newest_index,
        "media_ns": trigger.media_ns,
        "width_us": train.width_us,
        "period_us": train.period_us,
        "pulses": train.pulses,
    }
    return json.dumps(said)
