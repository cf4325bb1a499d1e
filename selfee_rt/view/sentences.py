"""What the journal says of each kind of message."""

from collections.abc import Mapping
from typing import Any

from selfee_rt.clock import NS_PER_S
from selfee_rt.types import Drift
from selfee_rt.wire import BoutMessage, DeliveryMessage, LogMessage, ObservationMessage, TriggerMessage

TEACHING = ("label", "undo", "retract")
TAUGHT = {"arena", "label", "first_index", "last_index"}
BY_ITSELF = ("device_tripped", "device_lost")
LONGEST = 300
"""Characters; what a client sent is cut off here."""


def of_bout(message: BoutMessage) -> str:
    """What the animal did, and for how long."""
    seconds = (message.stop_media_ns - message.start_media_ns) / NS_PER_S
    by = {"predicted": "", "user": ", labelled by a person", "template": ", like the template"}[message.source]
    return _cut(f"{message.label} {seconds:.1f} s{by}")


def of_action(message: LogMessage) -> str:
    """What a person or a client did, and what came of it."""
    told = message.arguments
    if message.action in TEACHING and set(told) >= TAUGHT:
        span = f"exposures {told['first_index']:,} to {told['last_index']:,}"
        return _cut(f"{message.action} {told['label']}, {span} of {told['arena']}: {message.result}")
    if message.action == "mark" and "text" in told:
        return _cut(f"mark: {told['text']}")
    if message.action in BY_ITSELF and "device" in told:
        return _cut(f"{told['device']}: {message.result}")
    given = [f"{name} {_short(value)}" for name, value in told.items() if value is not None]
    said = f": {message.result}" if message.result not in ("", "done") else ""
    return _cut(f"{message.action.replace('_', ' ')} {', '.join(given)}".rstrip() + said)


def of_trigger(message: TriggerMessage) -> str:
    """What a rule decided, and why not."""
    trial = "" if message.trial is None else f", trial {message.trial}"
    trial += ", test" if message.origin == "test" else ""
    why = f": {message.why}" if message.why else ""
    return _cut(f"{message.rule} {message.verdict}{trial}{why}")


def of_delivery(message: DeliveryMessage) -> str:
    """What became of a trial at its device."""
    why = f": {message.why}" if message.why else ""
    return _cut(f"{message.rule}: {message.device} {message.outcome}{why}")


def of_alarm(message: ObservationMessage, thresholds: Mapping[str, float | None]) -> str:
    """How strange it was, for the detectors that said so."""
    said = []
    for name, score in message.scores.items():
        threshold = thresholds.get(name)
        if score is not None and threshold is not None and score > threshold:
            said.append(f"{name} {score:+.3f} above {threshold:+.3f}")
    return _cut(f"alarm {', '.join(said)}")


def of_losses(hop: str, count: int) -> str:
    """What was lost.

    >>> of_losses("source", 1)
    '1 exposure lost at source'
    """
    return f"{count:,} exposure{'s' if count > 1 else ''} lost at {hop}"


def of_jump(seconds: float) -> str:
    """What a camera's clock did, and what follows from it."""
    return (
        f"the camera's clock jumped back by {seconds:.3g} s: plots begin anew, "
        "and what was before it can be looked at in the session folder"
    )


def of_drift(drift: Drift) -> str:
    """What is no longer what it was."""
    return f"{drift.statistic} has drifted: {drift.value:.3g}, was {drift.expected:.3g}"


def clock_of(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock_of(3671.9)
    '1:01:11'
    """
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{rest:02}"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
