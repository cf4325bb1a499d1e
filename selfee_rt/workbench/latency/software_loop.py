"""The software loop: flashes drawn into synthetic pictures, until the device has confirmed the response."""

from collections.abc import Mapping, Sequence

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.workbench.latency.answers import (
    Response,
    added,
    ending,
    first_answers,
    hops,
    lookahead,
    reasons,
    responses,
    tally,
    unconfirmed,
)
from selfee_rt.workbench.latency.matching import match
from selfee_rt.workbench.latency.measurement import Measurement, Series
from selfee_rt.workbench.latency.told import Told

NOTES = (
    "The camera is simulated: exposure, readout and transfer of a real one come on top.",
    "An exposure shows a flash that is on at its instant; how long a flash waited for the next exposure, half a frame "
    "period on average, is not counted.",
)


def measure_software_loop(told: Told, rule: str, at_s: Sequence[float], on_ms: float) -> Measurement:
    """Compare the decisions of `rule` with flashes at `at_s` (media time) of `on_ms` each, at speed 1.0.

    Flashes that had not ended when the session did are no probes.
    """
    starts_ns = [round(start_s * NS_PER_S) for start_s in at_s]
    windows = [(start_ns, start_ns + round(on_ms * NS_PER_MS)) for start_ns in starts_ns]
    windows = [window for window in windows if window[1] <= told.until_media_ns]
    found = responses(told.of_rule(rule), told.observations, told.deliveries)
    matched = match(windows, found, at=lambda each: each.observation.exposure.media_ns)
    answers = first_answers(matched.of_probe)
    waits = {number: _since_first_lit(each, starts_ns[number], told) for number, each in answers.items()}
    given = tuple(answers.values())
    return Measurement(
        loop="software",
        tally=tally(matched.of_probe, len(matched.unasked), sum(wait_ns > 0 for wait_ns in waits.values())),
        totals=(added(given), _from_first_lit(answers, waits)),
        apart=(lookahead(given),),
        hops=hops(given),
        n_exposures=told.n_exposures,
        losses=told.losses,
        notes=(*NOTES, *_cut_short(len(at_s) - len(windows)), *unconfirmed(given), *reasons(matched.of_probe)),
    )


def _cut_short(missing: int) -> tuple[str, ...]:
    return (f"The session ended before {missing:,} more flashes were over; they are no probes.",) if missing else ()


def _since_first_lit(answer: Response, start_ns: int, told: Told) -> int:
    """Time from the first exposure that a flash lit, whether or not it arrived, to the one that was answered."""
    return answer.observation.exposure.media_ns - first_lit_ns(start_ns, told.record.source.fps)


def first_lit_ns(start_ns: int, fps: float) -> int:
    """Media time of the first exposure of the synthetic arena that is not before `start_ns`.

    >>> first_lit_ns(40_000_000, 25.0), first_lit_ns(40_000_001, 25.0)
    (40000000, 80000000)
    """
    index = int(start_ns * fps / NS_PER_S)
    return next(
        media_ns for number in range(index, index + 3) if (media_ns := round(number * NS_PER_S / fps)) >= start_ns
    )


def _from_first_lit(answers: Mapping[int, Response], waits_ns: Mapping[int, int]) -> Series:
    """What the animal would notice; behind a simulated camera the host's clock and media time run alike."""
    spans = {
        number: each.done_ns - each.observation.exposure.captured_ns + waits_ns[number]
        for number, each in answers.items()
        if each.done_ns is not None
    }
    return Series(
        "light to response",
        f"from the first exposure that shows the flash, lookahead included, to {ending(tuple(answers.values()))}",
        tuple(span / NS_PER_MS for span in spans.values()),
    )
