"""[[trigger]] and [stimulation]: when there is a stimulus, and what bounds it."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from selfee_rt.config.base import Name, Seconds, Settings
from selfee_rt.config.pulse import PulseConfig
from selfee_rt.config.schedule import ScheduleConfig, YokedConfig

WHOLE = 1e-9
"""A product of decimal fractions that is no further from a whole number is one."""


class LimitsConfig(Settings):
    """Bounds; what exceeds one is logged as limited and not given. Shams count exactly as real stimuli."""

    per_minute: Annotated[int, Field(ge=1)] | None = None
    """Trials in any 60 s."""
    total_on_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Light in the session and those that it continues: the sum of the pulses' widths."""


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
    refractory_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """After the start of a trial, onsets are not followed; never less than the pulse itself."""
    limits: LimitsConfig = LimitsConfig()
    between_s: tuple[tuple[Seconds, Seconds], ...] = ()
    """Windows of the session, in seconds after its first exposure; none: the whole session."""
    sham_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Part of the trials that is withheld."""
    sham_block: Annotated[int, Field(ge=1, le=1000)] = 4
    """In each block of so many trials exactly this part is withheld, in random order."""
    seed: int | None = None
    """Of the order of shams and of the jitter; None: drawn when the session starts, and recorded."""
    max_age_ms: Annotated[float, Field(gt=0, le=60_000)] = 100.0
    """A decision about an exposure older than this is logged as late and never fired."""
    blank_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 200.0
    """So long after the light, what is seen is still left out of rules, teaching, own past and drift."""
    seen_in: tuple[Name, ...] | None = None
    """The arenas whose picture the light enters; None: the rule's own."""

    @field_validator("between_s")
    @classmethod
    def _windows_rise(cls, windows: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        for start, stop in windows:
            if start >= stop:
                raise ValueError(f"got ({start:g}, {stop:g}), expected start < stop, in seconds; swap them")
        for (_, stop), (start, _) in pairwise(windows):
            if start < stop:
                raise ValueError(
                    f"a window ends at {stop:g} s and the next starts at {start:g} s; sort them and join what overlaps"
                )
        return windows

    @model_validator(mode="after")
    def _hangs_together(self) -> "TriggerConfig":
        if sum(each is not None for each in (self.when, self.schedule, self.yoked)) != 1:
            raise ValueError("a rule has exactly one of when, schedule and yoked; leave the others out")
        if self.repeat and self.when is None:
            raise ValueError("repeat belongs to when; leave it out")
        shams = self.sham_fraction * self.sham_block
        if abs(shams - round(shams)) > WHOLE:
            raise ValueError(
                f"sham_fraction {self.sham_fraction:g} of a sham_block of {self.sham_block} is {shams:g} trials, "
                "expected a whole number; change sham_block"
            )
        total_s, light_s = self.limits.total_on_s, self.pulse.light_s
        if total_s is not None and total_s < light_s:
            raise ValueError(f"limits: total_on_s {total_s:g} is less than one stimulus of {light_s:g} s; raise it")
        return self


class StimulationConfig(Settings):
    """What holds for all rules."""

    arm_for_s: Annotated[float, Field(gt=0, le=7 * 24 * 3600)] | None = None
    """How long arming lasts; required as soon as there is a rule."""
    blind: bool = False
    """Sham and real look the same on the wire, in the terminal, in the window and in the log, until unblinded."""
    subject_limits: LimitsConfig = LimitsConfig()
    """Over all rules whose arenas have the same subject."""
