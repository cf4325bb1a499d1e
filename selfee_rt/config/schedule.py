"""`schedule` and `yoked` of a rule: stimuli at times that are known before."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from selfee_rt.config.base import Seconds, Settings


class ScheduleConfig(Settings):
    """Stimuli at given times, whatever the animal does: seconds after the first exposure."""

    at_s: tuple[Seconds, ...] = ()
    """The times themselves; or:"""
    start_s: Seconds | None = None
    """The first of a series."""
    every_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Stimuli in the series."""
    jitter_s: Seconds = 0.0
    """Each time of the series is moved by up to so much, later, at random by the rule's seed."""

    def nominal_s(self) -> tuple[float, ...]:
        """The times without jitter, in seconds after the first exposure."""
        if self.start_s is None or self.every_s is None or self.count is None:
            return self.at_s
        return tuple(self.start_s + number * self.every_s for number in range(self.count))

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "ScheduleConfig":
        series = (self.start_s, self.every_s, self.count)
        if self.at_s:
            if any(each is not None for each in series) or self.jitter_s:
                raise ValueError("a schedule has either at_s, or start_s, every_s and count; leave one of both out")
            if any(later <= earlier for earlier, later in pairwise(self.at_s)):
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
