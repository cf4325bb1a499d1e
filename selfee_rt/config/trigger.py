"""[[trigger]] and [stimulation]: when there is a stimulus, and what bounds it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from selfee_rt.config.base import Name, Settings

LARGEST_MS = 3_600_000.0


class PulseConfig(Settings):
    """One pulse of `on_ms`, or a train of shorter ones in that time."""

    on_ms: Annotated[float, Field(gt=0, le=LARGEST_MS)]
    """Length of the whole."""
    frequency_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Pulses per second; None: a single pulse."""
    width_ms: Annotated[float, Field(gt=0, le=LARGEST_MS)] | None = None
    """Length of one pulse of a train."""

    @model_validator(mode="after")
    def _is_a_train_or_not(self) -> "PulseConfig":
        frequency, width = self.frequency_hz, self.width_ms
        if frequency is None and width is None:
            return self
        if frequency is None or width is None:
            raise ValueError("a train needs both frequency_hz and width_ms; give both, or neither for one pulse")
        if width > self.on_ms:
            raise ValueError(f"width_ms {width:g} is longer than on_ms {self.on_ms:g}; shorten the pulses")
        if width >= 1000 / frequency:
            raise ValueError(
                f"pulses of {width:g} ms at {frequency:g} Hz leave no pause; expected width_ms below "
                f"{1000 / frequency:g}, or leave frequency_hz and width_ms out for one pulse"
            )
        return self


class LimitsConfig(Settings):
    """Bounds; what exceeds one is logged as limited and not given. Shams count exactly as real stimuli."""

    per_minute: Annotated[int, Field(ge=1)] | None = None
    """Trials in any 60 s."""
    total_on_s: Annotated[float, Field(gt=0)] | None = None
    """Light in the session and those that it continues: the sum of the pulses' widths."""


class ScheduleConfig(Settings):
    """Stimuli at given times, whatever the animal does: seconds after the first exposure."""

    at_s: tuple[Annotated[float, Field(ge=0)], ...] = ()
    """The times themselves; or:"""
    start_s: Annotated[float, Field(ge=0)] | None = None
    """The first of a series."""
    every_s: Annotated[float, Field(gt=0)] | None = None
    count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Stimuli in the series."""
    jitter_s: Annotated[float, Field(ge=0)] = 0.0
    """Each time of the series is moved by up to so much, later, at random by the rule's seed."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "ScheduleConfig":
        series = (self.start_s, self.every_s, self.count)
        if self.at_s:
            if any(each is not None for each in series) or self.jitter_s:
                raise ValueError("a schedule has either at_s, or start_s, every_s and count; leave one of both out")
            if any(later <= earlier for earlier, later in zip(self.at_s, self.at_s[1:], strict=False)):
                raise ValueError("at_s must rise; sort the times and leave out those that come twice")
        elif any(each is None for each in series):
            raise ValueError("a schedule needs at_s, or all of start_s, every_s and count")
        elif self.every_s is not None and self.jitter_s >= self.every_s:
            raise ValueError(f"jitter_s {self.jitter_s:g} is not below every_s {self.every_s:g}; lower it")
        return self


class YokedConfig(Settings):
    """Stimuli at the times of another session's trials, counted from each session's first exposure."""

    session: Path
    """Its folder."""
    rule: str | None = None
    """The rule whose trials are repeated; None: the only one it has."""


class TriggerConfig(Settings):
    """One rule: when it fires, at which device, and what bounds it. It has one of when, schedule and yoked."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    arena: Name | None = None
    """The arena it looks at; may be left out where there is only one."""
    device: Name
    when: str | None = None
    """A condition, for example "winging > 0.8 for 200 ms" (docs/triggers.md has the grammar)."""
    schedule: ScheduleConfig | None = None
    yoked: YokedConfig | None = None
    repeat: bool = False
    """Fire again when the refractory time is over and the condition still holds, not only when it begins to hold."""
    pulse: PulseConfig
    refractory_ms: Annotated[float, Field(ge=0)] = 0.0
    """After the start of a trial, onsets are not followed; never less than the pulse itself."""
    limits: LimitsConfig = LimitsConfig()
    between_s: tuple[tuple[float, float], ...] = ()
    """Windows of the session, in seconds after its first exposure; none: the whole session."""
    sham_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Part of the trials that is withheld."""
    sham_block: Annotated[int, Field(ge=1, le=1000)] = 4
    """In each block of so many trials exactly this part is withheld, in random order."""
    seed: int | None = None
    """Of the order of shams and of the jitter; None: drawn when the session starts, and recorded."""
    max_age_ms: Annotated[float, Field(gt=0, le=60_000)] = 100.0
    """A decision about an exposure older than this is logged as late and never fired."""
    blank_ms: Annotated[float, Field(ge=0)] = 200.0
    """So long after the light, what is seen is still left out of rules, teaching, own past and drift."""
    seen_in: tuple[Name, ...] | None = None
    """The arenas whose picture the light enters; None: the rule's own."""

    @model_validator(mode="after")
    def _hangs_together(self) -> "TriggerConfig":
        if sum(each is not None for each in (self.when, self.schedule, self.yoked)) != 1:
            raise ValueError("a rule has exactly one of when, schedule and yoked; leave the others out")
        if self.repeat and self.when is None:
            raise ValueError("repeat belongs to when; leave it out")
        shams = self.sham_fraction * self.sham_block
        if abs(shams - round(shams)) > 1e-9:
            raise ValueError(
                f"sham_fraction {self.sham_fraction:g} of a sham_block of {self.sham_block} is {shams:g} trials, "
                "expected a whole number; change sham_block"
            )
        for start, stop in self.between_s:
            if not 0 <= start < stop:
                raise ValueError(f"between_s: got ({start:g}, {stop:g}), expected 0 <= start < stop, in seconds")
        light = (self.pulse.width_ms or self.pulse.on_ms) / 1000
        if self.limits.total_on_s is not None and self.limits.total_on_s < light:
            raise ValueError(
                f"limits: total_on_s {self.limits.total_on_s:g} is less than one pulse of {light:g} s; raise it"
            )
        return self


def misfits(triggers: Sequence[TriggerConfig], arenas: Sequence[str], devices: Sequence[str]) -> Iterator[str]:
    """What is wrong with rules among these arenas and devices, a sentence each."""
    taken: dict[str, str] = {}
    for trigger in triggers:
        where = f"trigger {trigger.name!r}"
        if trigger.arena is None and len(arenas) > 1:
            yield f"{where} names no arena; set arena to one of: {', '.join(arenas)}"
        for arena in (*(() if trigger.arena is None else (trigger.arena,)), *(trigger.seen_in or ())):
            if arena not in arenas:
                yield f"{where}: no arena is called {arena!r}; expected one of: {', '.join(arenas)}"
        if trigger.device not in devices:
            known = ", ".join(devices) or "there is none, add [[device]]"
            yield f"{where}: no device is called {trigger.device!r}; expected one of: {known}"
        if trigger.device in taken:
            yield (
                f"{where} and trigger {taken[trigger.device]!r} use one device, {trigger.device!r}: their trains could "
                "meet; give each its own, or join their conditions with `or`"
            )
        taken[trigger.device] = trigger.name


class StimulationConfig(Settings):
    """What holds for all rules."""

    arm_for_s: Annotated[float, Field(gt=0, le=7 * 24 * 3600)] | None = None
    """How long arming lasts; required as soon as there is a rule."""
    blind: bool = False
    """Sham and real look the same on the wire, in the terminal, in the window and in the log, until unblinded."""
    subject_limits: LimitsConfig = LimitsConfig()
    """Over all rules whose arenas have the same subject."""
