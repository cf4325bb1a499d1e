"""The camera loop: the device's own light, seen by the camera, until the device marks the response."""

from collections.abc import Mapping

from selfee_rt.clock import NS_PER_MS
from selfee_rt.stimuli import Delivery
from selfee_rt.workbench.latency.answers import Response, first_answers, hops, lookahead, reasons, responses, tally
from selfee_rt.workbench.latency.matching import match
from selfee_rt.workbench.latency.measurement import Measurement, Series
from selfee_rt.workbench.latency.told import Told

US_PER_MS = 1000
EXPOSURE_KNOWN = "The camera's exposure time is {exposure_us:g} µs; it is contained in the total."
EXPOSURE_UNKNOWN = "The camera's exposure time is not known here; it is contained in the total."
CLOCK = (
    "Both edges are on the device's own clock: no clock of the computer is in the total, and none of its errors.",
    "The light comes at random between two exposures, so the total contains up to one frame period of waiting.",
)


def measure_camera_loop(told: Told, *, learned_from: int, window_ms: float, exposure_us: float | None) -> Measurement:
    """Compare the lights that came on schedule with the marks that were decided when they were seen.

    The first `learned_from` lights showed how bright they are, and are no probes.

    A light is answered by marks that were decided on within `window_ms` after it was ordered; that is no longer than
    the shortest time between two lights, since what is slower could be an answer to the next.
    """
    ordered = [told.deliveries.get(each.trigger_id) for each in told.triggers if each.origin == "schedule"]
    ordered = ordered[learned_from:]
    shone = [each for each in ordered if each is not None and each.device_us is not None]
    found = responses([each for each in told.triggers if each.origin == "when"], told.observations, told.deliveries)
    windows = [(_sent_ns(each), _sent_ns(each) + round(window_ms * NS_PER_MS)) for each in shone]
    matched = match(windows, found, at=lambda each: each.trigger.decided_ns)
    answers = first_answers(matched.of_probe)
    total_ms = {number: _edge_to_edge_ms(shone[number], each) for number, each in answers.items()}
    given = tuple(answers.values())
    return Measurement(
        loop="camera",
        tally=tally(matched.of_probe, len(matched.unasked)),
        totals=(
            Series(
                "light to mark",
                "from the edge of the light to that of the mark, on the device's clock",
                tuple(total_ms.values()),
            ),
        ),
        apart=(lookahead(given), _until_the_stamp(answers, total_ms)),
        hops=hops(given),
        n_exposures=told.n_exposures,
        losses=told.losses,
        notes=(*CLOCK, _exposure(exposure_us), *_dark(len(ordered) - len(shone)), *reasons(matched.of_probe)),
    )


def _edge_to_edge_ms(light: Delivery, answer: Response) -> float:
    assert light.device_us is not None and answer.delivery is not None and answer.delivery.device_us is not None
    return (answer.delivery.device_us - light.device_us) / US_PER_MS


def _until_the_stamp(answers: Mapping[int, Response], total_ms: Mapping[int, float]) -> Series:
    """What remains of the total before the exposure's time stamp on the computer."""
    remaining = {
        number: total_ms[number] - (each.done_ns - each.observation.exposure.captured_ns) / NS_PER_MS
        for number, each in answers.items()
        if each.done_ns is not None
    }
    return Series(
        "before the time stamp",
        "what remains of the total: waiting for the exposure, the exposure, and up to its time stamp, less the way "
        "of the confirmation back",
        tuple(remaining.values()),
    )


def _sent_ns(delivery: Delivery) -> int:
    assert delivery.sent_ns is not None
    return delivery.sent_ns


def _exposure(exposure_us: float | None) -> str:
    return EXPOSURE_UNKNOWN if exposure_us is None else EXPOSURE_KNOWN.format(exposure_us=exposure_us)


def _dark(count: int) -> tuple[str, ...]:
    return (f"{count:,} lights were ordered and not made; they are no probes.",) if count else ()
