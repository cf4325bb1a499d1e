"""What the log of a self-test's session says of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder, SessionRecord
from selfee_rt.stimuli import Delivery, Trigger
from selfee_rt.types import Observation, SourceInfo


@dataclass(frozen=True, slots=True)
class Told:
    """One arena of one session, ready to be asked about."""

    record: SessionRecord
    observations: Mapping[int, Observation]
    """By the index of the current exposure."""
    triggers: tuple[Trigger, ...]
    deliveries: Mapping[int, Delivery]
    """By the trigger's id."""
    n_exposures: int
    """Also those that never arrived."""
    losses: Mapping[str, int]
    """Exposures, by hop."""

    @property
    def until_media_ns(self) -> int:
        """Time of the last exposure that was observed; -1: none was."""
        return max((each.exposure.media_ns for each in self.observations.values()), default=-1)

    def of_rule(self, rule: str) -> tuple[Trigger, ...]:
        """The decisions of one rule."""
        return tuple(each for each in self.triggers if each.rule == rule)


def unpaced(source: SourceInfo) -> str:
    """Why nothing is measured behind a source that is not paced, in a sentence."""
    return (
        f"source: {source.name} is read as fast as it can be, so its exposures have no instant and there is no latency "
        "to measure; give a camera, or set source.speed to 1.0"
    )


def read(folder: Path, arena: str) -> Told:
    """Read the log of a session that has ended.

    Raises:
        FolderError: it is not a session folder, or damaged.
        ConfigError: its input was not paced, so that nothing in it is a latency.
    """
    with SessionFolder(folder) as session:
        if not session.record.source.paced:
            raise ConfigError([unpaced(session.record.source)])
        losses: Counter[str] = Counter()
        for loss in session.losses(arena):
            losses[loss.hop] += loss.count
        return Told(
            record=session.record,
            observations={each.exposure.index: each for each in session.observations(arena)},
            triggers=tuple(session.triggers(arena)),
            deliveries={each.trigger_id: each for each in session.deliveries()},
            n_exposures=session.last_index + 1,
            losses=losses,
        )
