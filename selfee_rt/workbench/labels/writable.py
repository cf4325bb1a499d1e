"""Labels that are to be written, and what a format needs of them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from selfee_rt.config import LabelsConfig
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels.scored import UNLABELLED, runs

FASTEST_FPS = 1000
"""Above it a time in whole milliseconds does not tell exposures apart."""


class Bout(NamedTuple):
    """A run of one label, both ends inclusive."""

    label: str
    first: int
    last: int


@dataclass(frozen=True)
class Writable:
    """Labels, and what is needed to write them."""

    labels: tuple[str, ...]
    config: LabelsConfig = field(default_factory=LabelsConfig)
    fps: float | None = None
    """Exposures per second, for formats with times."""
    name: str = "labels"
    """Name of the observation, for BORIS."""
    features: Path | None = None
    """`simba`: the CSV file with the features of the same exposures."""

    @property
    def bouts(self) -> list[Bout]:
        """Every run of one label, but those of the label that a format without it stands for."""
        return [Bout(*run) for run in runs(self.labels) if run[0] != self.config.unscored]

    @property
    def names(self) -> list[str]:
        """Labels that occur, sorted, but `unlabel`."""
        return sorted(set(self.labels) - {UNLABELLED})

    def rate(self, what: str) -> float:
        """Frame rate.

        Raises:
            LabelsError: it is not known.
        """
        if self.fps is None:
            raise LabelsError(f"{what} holds times: the frame rate is needed; give --fps or --video")
        if not 0 < self.fps <= FASTEST_FPS:
            raise LabelsError(f"{what} holds times in ms: got {self.fps:g} fps, expected at most {FASTEST_FPS}")
        return self.fps


def check_events(content: Writable, what: str) -> None:
    """Refuse what a file of events cannot tell: `unlabel` beside another label for exposures without an event."""
    if not content.bouts:
        raise LabelsError(f"no exposure has a label; {what} would hold nothing")
    if content.config.unscored != UNLABELLED and UNLABELLED in content.labels:
        raise LabelsError(
            f"exposure {content.labels.index(UNLABELLED)} is {UNLABELLED!r}, which {what} would confuse with "
            f"{content.config.unscored!r}: both have no event; set labels.unscored to {UNLABELLED!r}"
        )
