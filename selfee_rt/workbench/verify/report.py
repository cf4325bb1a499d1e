"""What verification found."""

from dataclasses import dataclass
from pathlib import Path

from selfee_rt.folder import SessionEnd


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked."""

    name: str
    passed: bool
    finding: str
    """With its numbers; where it failed, the first place."""


@dataclass(frozen=True, slots=True)
class Report:
    """Every check of one session folder."""

    folder: Path
    ended: SessionEnd | None
    """None: the session was killed, or is running."""
    last_index: int
    """The last exposure that the checks of completeness cover; -1: there is none."""
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)
