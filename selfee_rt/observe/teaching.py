"""What a person taught during a session: spans with their labels, in order, until they are taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ControlError
from selfee_rt.observe.recent import Stretch
from selfee_rt.observe.reference import Reference
from selfee_rt.protocols import Classifier
from selfee_rt.types import Bout, Examples, read_only


@dataclass(frozen=True, slots=True, eq=False)
class Teaching:
    """One span to which a person gave a label."""

    teaching_id: int
    """From 1, in order; an id is never given twice."""
    arena: str
    label: str
    stretch: Stretch
    points: NDArray[np.float32]
    """(n, d): each embedding projected on its own, as while it was observed."""

    @property
    def exposures(self) -> int:
        """How many were taught."""
        return len(self.stretch.said)

    @property
    def correct(self) -> int:
        """How many of them had been given this label before it was taught."""
        return self.stretch.said.count(self.label)

    @property
    def bout(self) -> Bout:
        """The span as a bout, from the first to the last exposure that was taught."""
        at = self.stretch
        return Bout(
            self.arena, self.label, at.start_index, at.stop_index, at.start_media_ns, at.stop_media_ns, source="user"
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """Exposures taught of one label, and how many of them had been given it before: test, then train."""

    taught: int
    correct: int


@dataclass(frozen=True, slots=True, eq=False)
class Teachings:
    """What was taught and still holds, oldest first. A value: each change makes a new one.

    An exposure that was taught twice counts twice. `most_exposures` bounds the memory.
    """

    known: Reference
    """What was known before; its labels are those that may be taught."""
    most_exposures: int
    held: tuple[Teaching, ...] = ()
    next_id: int = 1

    @property
    def exposures(self) -> int:
        """How many hold."""
        return sum(each.exposures for each in self.held)

    def with_label(self, arena: str, label: str, stretch: Stretch) -> "Teachings":
        """Add one; it is `held[-1]` of the result.

        Raises:
            ControlError: there is no such label, or no room.
        """
        self.check_label(label)
        if self.exposures + len(stretch.said) > self.most_exposures:
            raise ControlError(
                f"got {len(stretch.said)} exposures to teach, expected at most {self.most_exposures - self.exposures} "
                f"more; retract something, label shorter spans, or raise observe.teach_exposures"
            )
        points = [self.known.project(vector.astype(np.float32)) for vector in stretch.embedding]
        added = Teaching(self.next_id, arena, label, stretch, read_only(np.array(points, dtype=np.float32)))
        return replace(self, held=(*self.held, added), next_id=self.next_id + 1)

    def check_label(self, label: str) -> None:
        """Refuse a label that the session does not have.

        Raises:
            ControlError: it is another.
        """
        if label not in self.known.labels:
            raise ControlError(
                f"no label is called {label!r}; expected one of: {', '.join(self.known.labels)}; "
                "declare others in observe.labels before the session"
            )

    def find(self, teaching_id: int | None) -> Teaching:
        """The teaching of this id; None: the newest that holds.

        Raises:
            ControlError: none holds, or not this one.
        """
        if not self.held:
            raise ControlError("nothing that was taught holds, so there is nothing to take back; label something first")
        if teaching_id is None:
            return self.held[-1]
        for each in self.held:
            if each.teaching_id == teaching_id:
                return each
        known = ", ".join(str(each.teaching_id) for each in self.held)
        why = "it was taken back" if 1 <= teaching_id < self.next_id else "it was never given"
        raise ControlError(f"got teaching_id {teaching_id}, but {why}; expected one of: {known}")

    def without(self, teaching: Teaching) -> "Teachings":
        """Take one back."""
        return replace(self, held=tuple(each for each in self.held if each is not teaching))

    def examples(self) -> Examples:
        """Everything that holds, in order."""
        none = np.empty((0, self.known.projection.shape[1]), dtype=np.float32)
        points = np.concatenate((none, *(each.points for each in self.held)))
        places = [self.known.labels.index(each.label) for each in self.held for _ in each.stretch.said]
        return Examples(read_only(points), read_only(np.array(places, dtype=np.int64)))

    def tallies(self) -> dict[str, Tally]:
        """Per label that was taught; what was taken back is not counted any more.

        Source: Dawid 1984, J. R. Stat. Soc. A 147:278 (prequential: each forecast is judged before it is learned from).
        """
        counted: dict[str, Tally] = {}
        for each in self.held:
            before = counted.get(each.label, Tally(0, 0))
            counted[each.label] = Tally(before.taught + each.exposures, before.correct + each.correct)
        return counted


def taught(untaught: Mapping[str, Classifier], teachings: Teachings) -> dict[str, Classifier]:
    """Teach the classifier of every arena everything that holds: what is learned in one arena is known in all.

    The result depends on the reference and on what holds alone, not on how it came to hold.

    Raises:
        ConfigError: the classifier cannot learn it.
    """
    examples = teachings.examples()
    return {arena: classifier.taught(examples) for arena, classifier in untaught.items()}
