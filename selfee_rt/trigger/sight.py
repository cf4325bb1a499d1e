"""What a condition looks at: one arena at one exposure, and since when it has been looking without interruption."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from selfee_rt.types import Bout, Observation


class Seen(Protocol):
    """One arena at one exposure, as far as conditions look at it; `selfee_rt.decide.Seen` is one."""

    @property
    def observation(self) -> Observation:
        """Label, probabilities, scores, alarm."""

    @property
    def ended(self) -> tuple[Bout, ...]:
        """Bouts that this exposure ended, predicted ones and matches of templates."""

    @property
    def current(self) -> Bout | None:
        """The bout that is going on, as far as it has come."""

    @property
    def thresholds(self) -> Mapping[str, float | None]:
        """In force, per detector."""

    @property
    def brightness(self) -> float | None:
        """Mean grey value, 0..255; None: not known."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """An exposure from which on everything was seen."""

    index: int
    """The exposure that its label describes."""
    media_ns: int
    """The time of that."""

    @classmethod
    def at(cls, observation: Observation) -> "Beginning":
        """Begin with this observation."""
        exposure, index = observation.exposure, observation.label_index
        return cls(index, exposure.media_ns if index == exposure.index else exposure.newest_media_ns)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the parts of a condition are given of one exposure."""

    seen: Seen
    media_ns: int
    """Now, on the stream's own clock."""
    since: Beginning
    """After the last stimulus or gap."""
    unlit_since: Beginning
    """After the last stimulus; at or before `since`."""
