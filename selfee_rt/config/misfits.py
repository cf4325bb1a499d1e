"""What is wrong with rules that are well formed each, but contradict themselves or do not fit the session."""

from collections.abc import Iterator, Sequence

from selfee_rt.config.schedule import ScheduleConfig
from selfee_rt.config.trigger import LimitsConfig, StimulationConfig, TriggerConfig

MINUTE_S = 60.0
ROUNDING_S = 1e-9
"""Sums and differences of decimal fractions may be off by so much."""


def misfits(
    triggers: Sequence[TriggerConfig],
    stimulation: StimulationConfig,
    *,
    arenas: Sequence[str],
    devices: Sequence[str],
    seconds: float | None,
) -> Iterator[str]:
    """What is wrong with rules in a session of so many seconds with these arenas and devices, a sentence each."""
    if triggers and stimulation.arm_for_s is None:
        yield "stimulation.arm_for_s is required: say how long stimuli may stay armed, in seconds"
    for trigger in triggers:
        problems = [
            *_unknown_places(trigger, arenas, devices),
            *_beyond_the_subject(trigger, stimulation.subject_limits),
            *(() if seconds is None else _beyond_the_end(trigger, seconds)),
            *(() if trigger.schedule is None else _unkept(trigger, trigger.schedule)),
        ]
        if stimulation.blind and trigger.seed is not None:
            problems.append("a seed in the configuration would unblind the session; leave it out")
        yield from (f"trigger {trigger.name!r}: {problem}" for problem in problems)
    yield from _shared_devices(triggers)


def _shared_devices(triggers: Sequence[TriggerConfig]) -> Iterator[str]:
    taken: dict[str, str] = {}
    for trigger in triggers:
        other = taken.setdefault(trigger.device, trigger.name)
        if other != trigger.name:
            yield (
                f"trigger {trigger.name!r} and trigger {other!r} use one device, {trigger.device!r}: their trains "
                "could meet; give each its own, or join their conditions with `or`"
            )


def _unknown_places(trigger: TriggerConfig, arenas: Sequence[str], devices: Sequence[str]) -> Iterator[str]:
    if trigger.arena is None and len(arenas) > 1:
        yield f"it names no arena; set arena to one of: {', '.join(arenas)}"
    for arena in (*(() if trigger.arena is None else (trigger.arena,)), *(trigger.seen_in or ())):
        if arena not in arenas:
            yield f"no arena is called {arena!r}; expected one of: {', '.join(arenas)}"
    if trigger.device not in devices:
        known = ", ".join(devices) or "there is none, add [[device]]"
        yield f"no device is called {trigger.device!r}; expected one of: {known}"


def _beyond_the_subject(trigger: TriggerConfig, subject: LimitsConfig) -> Iterator[str]:
    """Where a rule's limits and those of its subject contradict each other."""
    own, light_s = trigger.limits, trigger.pulse.light_s
    if subject.total_on_s is not None and subject.total_on_s < light_s:
        yield (
            f"one stimulus is {light_s:g} s of light, stimulation.subject_limits.total_on_s is {subject.total_on_s:g}; "
            "raise it"
        )
    for limit, bound, whole in (
        ("per_minute", own.per_minute, subject.per_minute),
        ("total_on_s", own.total_on_s, subject.total_on_s),
    ):
        if bound is not None and whole is not None and bound > whole:
            yield (
                f"limits.{limit} {bound:g} is more than stimulation.subject_limits.{limit} {whole:g}, which would "
                "always come first; lower the one or raise the other"
            )


def _beyond_the_end(trigger: TriggerConfig, seconds: float) -> Iterator[str]:
    """What is planned for when the session has ended."""
    if trigger.between_s and trigger.between_s[-1][0] >= seconds:
        start, stop = trigger.between_s[-1]
        yield f"between_s: the window ({start:g}, {stop:g}) begins after the session of {seconds:g} s; leave it out"
    if trigger.schedule is not None and (last := trigger.schedule.nominal_s()[-1]) >= seconds:
        yield f"schedule: {last:g} s is after the session of {seconds:g} s; leave it out, or raise seconds"


def _unkept(trigger: TriggerConfig, schedule: ScheduleConfig) -> Iterator[str]:
    """Why some of the planned times can lead to no stimulus. Each is followed at most `max_age_ms` later."""
    times_s, limits, light_s = schedule.nominal_s(), trigger.limits, trigger.pulse.light_s
    later_s = schedule.jitter_s + trigger.max_age_ms / 1000
    rest_s = max(trigger.refractory_ms, trigger.pulse.on_ms) / 1000
    if (close := _closer(times_s, 1, rest_s + later_s)) is not None:
        yield (
            f"schedule: {close[0]:g} s and {close[1]:g} s are too close, expected at least {rest_s + later_s:g} s "
            f"between them: {rest_s:g} s for refractory time or pulse, and {later_s:g} s for max_age_ms and jitter; "
            "move them apart"
        )
    if (alone := next((at for at in times_s if not _inside(trigger.between_s, at, at + later_s)), None)) is not None:
        yield f"schedule: {alone:g} s and up to {later_s:g} s later is not within between_s; move it, or the windows"
    most = limits.per_minute
    if most is not None and (close := _closer(times_s, most, MINUTE_S + later_s)) is not None:
        yield (
            f"schedule: from {close[0]:g} s to {close[1]:g} s are {most + 1}, limits.per_minute is {most}; "
            "move them apart, or raise it"
        )
    if limits.total_on_s is not None and len(times_s) * light_s > limits.total_on_s + ROUNDING_S:
        yield (
            f"schedule: it makes {len(times_s) * light_s:g} s of light, limits.total_on_s is {limits.total_on_s:g}; "
            "leave some out, or raise it"
        )


def _closer(times_s: Sequence[float], places: int, least_s: float) -> tuple[float, float] | None:
    """The first two times that are so many places apart, but less than `least_s`."""
    pairs = zip(times_s, times_s[places:], strict=False)
    return next(((early, late) for early, late in pairs if late - early < least_s - ROUNDING_S), None)


def _inside(windows: Sequence[tuple[float, float]], first_s: float, last_s: float) -> bool:
    return not windows or any(start <= first_s and last_s < stop for start, stop in windows)
