"""What a session takes over from those that it continues."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one rule did before."""

    trials: int
    """Shams included, tests not: its place in the order of shams."""
    light_us: int
    """Shams and tests included."""
    began_ns: tuple[int, ...]
    """When trials and tests began, after the first exposure of this session, so all are negative. The last one, and
    all of the last minute; older ones change nothing."""
    planned: int = 0
    """Times of its schedule, or of the session to which it is yoked, that were decided about."""

    def __post_init__(self) -> None:
        if any(each >= 0 for each in self.began_ns):
            raise ValueError(f"an earlier trial at {max(self.began_ns)} ns, expected before the session: below 0")
        if (self.trials or self.light_us) and not self.began_ns:
            raise ValueError(
                f"{self.trials} earlier trials and {self.light_us} us of light, but no time; give the last"
            )


@dataclass(frozen=True, slots=True)
class History:
    """What was before this session."""

    rules: Mapping[str, Earlier] = field(default_factory=dict)
    elapsed_ns: int = 0
    """Time since the very first observed exposure at the first one of this session: windows and schedules go on from
    there. 0, with 0 planned times of each rule: they begin anew."""
