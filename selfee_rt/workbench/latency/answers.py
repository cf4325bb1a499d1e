"""Responses as the log tells them, their fates, and the hops on their way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from selfee_rt.clock import NS_PER_MS
from selfee_rt.stimuli import Delivery, Trigger
from selfee_rt.types import Observation
from selfee_rt.workbench.latency.measurement import Series, Tally


@dataclass(frozen=True, slots=True)
class Response:
    """One decision about light that was seen, and what became of it."""

    trigger: Trigger
    observation: Observation
    """The one that it rests on."""
    delivery: Delivery | None
    """None: it was no trial."""

    @property
    def done_ns(self) -> int | None:
        """When the device had confirmed it; of a device that never confirms anything, when the command was sent."""
        if self.delivery is None:
            return None
        match self.delivery.outcome:
            case "acknowledged":
                return self.delivery.acknowledged_ns
            case "sent":
                return self.delivery.sent_ns
            case _:
                return None

    @property
    def ordered(self) -> bool:
        """Whether the device has, or may have, done what was asked of it."""
        return self.delivery is not None and self.delivery.outcome in ("acknowledged", "sent", "failed")


Span = Callable[[Response], int]
"""Nanoseconds from one stamp of a confirmed response to another."""

HOPS: tuple[tuple[str, str, Span], ...] = (
    (
        "live frame",
        "from the newest exposure until its live frame is composed",
        lambda each: each.observation.composed_ns - each.trigger.newest_captured_ns,
    ),
    (
        "embedding",
        "until it is embedded, waiting included",
        lambda each: each.observation.embedded_ns - each.observation.composed_ns,
    ),
    ("decision", "until the rules have decided", lambda each: each.trigger.decided_ns - each.observation.embedded_ns),
    ("order", "until the command leaves for the device", lambda each: _sent_ns(each) - each.trigger.decided_ns),
)
DEVICE_HOP: tuple[str, str, Span] = (
    "device",
    "until the device's confirmation is here",
    lambda each: _done_ns(each) - _sent_ns(each),
)
"""The way of a response: name, until when, and how long it took. Each hop begins where the one before it ends."""
UNCONFIRMED = "The device confirms nothing: the time ends when the command was sent."


def hops(answers: Sequence[Response]) -> tuple[Series, ...]:
    """Every hop of responses; that of the device only where it confirms."""
    way = HOPS if unconfirmed(answers) else (*HOPS, DEVICE_HOP)
    return tuple(series(name, says, answers, span) for name, says, span in way)


def unconfirmed(answers: Sequence[Response]) -> tuple[str, ...]:
    """What must be said of a device that confirms nothing."""
    sent = any(each.delivery is not None and each.delivery.outcome == "sent" for each in answers)
    return (UNCONFIRMED,) if sent else ()


def added(answers: Sequence[Response]) -> Series:
    """What software and device add: the sum of the hops."""
    return series(
        "software and device",
        f"from the newest exposure that was needed to {ending(answers)}",
        answers,
        lambda each: _done_ns(each) - each.trigger.newest_captured_ns,
    )


def ending(answers: Sequence[Response]) -> str:
    """Where the time ends, in words."""
    return "the command to the device" if unconfirmed(answers) else "the device's confirmation"


def lookahead(answers: Sequence[Response]) -> Series:
    """How long the decision had to wait for the future of the exposure that it is about."""
    return series(
        "lookahead",
        "from the exposure that shows the light to the newest one that its live frame needs",
        answers,
        lambda each: each.trigger.newest_captured_ns - each.observation.exposure.captured_ns,
    )


def series(name: str, says: str, answers: Sequence[Response], span: Span) -> Series:
    """One span of every answer, in milliseconds."""
    return Series(name, says, tuple(span(each) / NS_PER_MS for each in answers))


def first_answers(of_probe: Sequence[Sequence[Response]]) -> dict[int, Response]:
    """The first response of each probe that was carried out, by the probe's number."""
    found = {
        number: next((each for each in responses if each.done_ns is not None), None)
        for number, responses in enumerate(of_probe)
    }
    return {number: response for number, response in found.items() if response is not None}


def tally(of_probe: Sequence[Sequence[Response]], unasked: int, late_exposures: int = 0) -> Tally:
    """What became of every probe."""
    answered = len(first_answers(of_probe))
    open_ones = [responses for responses in of_probe if not any(each.done_ns is not None for each in responses)]
    undetected = sum(not responses for responses in open_ones)
    unconfirmed = sum(any(each.ordered for each in responses) for responses in open_ones)
    return Tally(
        answered=answered,
        undetected=undetected,
        unfired=len(open_ones) - undetected - unconfirmed,
        unconfirmed=unconfirmed,
        doubled=sum(sum(each.ordered for each in responses) > 1 for responses in of_probe),
        unasked=unasked,
        late_exposures=late_exposures,
    )


def responses(
    triggers: Sequence[Trigger], observations: Mapping[int, Observation], deliveries: Mapping[int, Delivery]
) -> tuple[Response, ...]:
    """Decisions with the observation of their exposure (by its index) and their delivery (by the trigger's id)."""
    return tuple(Response(each, observations[each.frame_index], deliveries.get(each.trigger_id)) for each in triggers)


def reasons(of_probe: Sequence[Sequence[Response]]) -> tuple[str, ...]:
    """Why responses were not carried out, each reason once, with how often."""
    counted: dict[str, int] = {}
    for each in chain.from_iterable(of_probe):
        if each.done_ns is None:
            what, why = (each.trigger.verdict, each.trigger.why) if each.delivery is None else _fate(each.delivery)
            reason = f"{what}: {why}" if why else what
            counted[reason] = counted.get(reason, 0) + 1
    return tuple(f"{count:,} responses were not carried out, {reason}." for reason, count in counted.items())


def _fate(delivery: Delivery) -> tuple[str, str]:
    return delivery.outcome, delivery.why


def _sent_ns(response: Response) -> int:
    assert response.delivery is not None and response.delivery.sent_ns is not None
    return response.delivery.sent_ns


def _done_ns(response: Response) -> int:
    assert response.done_ns is not None
    return response.done_ns
