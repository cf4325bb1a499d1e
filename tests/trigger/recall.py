"""From the logged decisions of a session to what the one that continues it must count."""

from collections.abc import Iterable, Sequence

from selfee_rt.config import TriggerConfig
from selfee_rt.stimuli import TRIALS, Trigger
from selfee_rt.trigger.history import Earlier
from selfee_rt.trigger.train import train_of


def recall(said: Iterable[Trigger], rules: Sequence[TriggerConfig], *, start_media_ns: int) -> dict[str, Earlier]:
    """What each rule did, by name.

    Args:
        said: every decision of the earlier session.
        rules: its rules.
        start_media_ns: the first exposure of the session that continues it, on the earlier session's stream clock:
            after its last exposure by as long as nobody looked.

    Raises:
        ValueError: that is not after the trials.
    """
    decisions = tuple(said)
    return {
        rule.name: _recalled(rule, [each for each in decisions if each.rule == rule.name], start_media_ns)
        for rule in rules
    }


def _recalled(rule: TriggerConfig, own: Sequence[Trigger], start_media_ns: int) -> Earlier:
    began_ns = tuple(each.media_ns - start_media_ns for each in own if each.verdict in TRIALS)
    return Earlier(
        trials=max((each.trial for each in own if each.trial is not None), default=0),
        light_us=len(began_ns) * train_of(rule.pulse).light_us,
        began_ns=began_ns,
        planned=sum(each.origin in ("schedule", "yoked") for each in own),
    )
