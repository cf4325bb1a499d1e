"""How a rule stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from selfee_rt.stimuli import Verdict


@dataclass(frozen=True, slots=True)
class RuleState:
    """A snapshot of one rule; where the session is blinded it is the same whatever is sham."""

    armed: bool
    remaining_s: float | None
    """Media time until it disarms itself; None: it is not armed."""
    trials: int
    """In this session and those that it continues; tests are not trials."""
    light_s: float
    """Of these trials and of tests, as if shams had made it too."""
    verdicts: Mapping[Verdict, int]
    """Onsets in this session by what they led to, tests included."""
    refractory_left_s: float
    left_in_minute: int | None
    """Stimuli that the limits per minute, its own and its subject's, allow now; None: there is none."""
    light_left_s: float | None
    """Light that its own and its subject's limits still allow; None: there is none."""
