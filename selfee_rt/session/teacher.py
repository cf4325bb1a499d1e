"""Live teaching: classifiers are rebuilt aside, in a thread of their own, and swapped in between two exposures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from selfee_rt.clock import now_ns
from selfee_rt.errors import ControlError, SelfeeRTError
from selfee_rt.observe.recent import Recent
from selfee_rt.observe.teachable import extended
from selfee_rt.observe.teaching import Tally, Teaching, Teachings, taught
from selfee_rt.protocols import Classifier
from selfee_rt.session.boundary import Boundary
from selfee_rt.session.jobs import Job, Jobs, Reply
from selfee_rt.session.stage import Ready
from selfee_rt.types import Action, Bout
from selfee_rt.wire import SavedReference, TeachingEffect

Swap = Callable[[Mapping[str, Classifier], Bout | None], None]
"""Puts taught classifiers in their places, by arena, and announces a person's bout, if there is one."""


class Teacher:
    """Carries out label, undo, retract and save_reference, one after the other, in the order of the requests.

    A span is looked up when it is asked for, so that it cannot be forgotten while the request waits. What is taught in
    one arena is known in all: they share the reference that it extends. After each request the classifiers are those
    that the reference and the teachings that hold make, whatever came between.
    """

    def __init__(
        self,
        teachings: Teachings,
        untaught: Mapping[str, Classifier],
        recent: Recent,
        boundary: Boundary,
        swap: Swap,
        *,
        folder: Path,
    ) -> None:
        self._untaught, self._recent = untaught, recent
        self._boundary, self._swap, self._folder = boundary, swap, folder
        self._teachings = teachings
        self._jobs = Jobs(
            "teach", waiting="requests to teach", refusal=SelfeeRTError, then="; it ends, nothing was changed"
        )

    @property
    def tallies(self) -> dict[str, Tally]:
        """Per label that was taught and holds: test, then train."""
        return self._teachings.tallies()

    # --- asked by the thread of the control socket ---------------------------------------------------------------

    def ask(self, verb: str, arguments: dict[str, Any]) -> Reply:
        """Take a request; the reply comes when it has been carried out.

        Raises:
            ControlError: it is refused at once.
        """
        match verb:
            case "label":
                return self._jobs.ask(self._labelling(**arguments))
            case "undo" | "retract":
                return self._jobs.ask(lambda: self._take_back(verb, arguments.get("teaching_id")))
            case _:
                return self._jobs.ask(lambda: self._save(arguments["path"]))

    def close(self) -> None:
        """Refuse what waits and everything from now on; what is being carried out may end. From any thread."""
        self._jobs.close()

    def _labelling(
        self, arena: str, label: str, first_index: int | None, last_index: int | None, last_s: float | None
    ) -> Job:
        if arena not in self._untaught:
            raise ControlError(f"no arena is called {arena!r}; expected one of: {', '.join(self._untaught)}")
        self._teachings.check_label(label)
        span = self._span(first_index, last_index, last_s)
        stretch = self._recent.stretch(arena, *span)

        def job() -> TeachingEffect:
            teachings = self._teachings.with_label(arena, label, stretch)
            added = teachings.held[-1]
            said = f"taught {added.exposures} exposures, of which {added.correct} had been labelled so before"
            return self._change("label", teachings, added, said, added.bout)

        return job

    def _span(self, first_index: int | None, last_index: int | None, last_s: float | None) -> tuple[int, int]:
        if last_s is not None and first_index is None and last_index is None:
            return self._recent.last(last_s)
        if last_s is None and first_index is not None and last_index is not None:
            return first_index, last_index
        raise ControlError(
            f"got first_index {first_index}, last_index {last_index} and last_s {last_s}; "
            "expected either both indices or last_s alone"
        )

    # --- in the teaching thread ----------------------------------------------------------------------------------

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        self._jobs.run(ready)

    def _take_back(self, verb: str, teaching_id: int | None) -> TeachingEffect:
        teaching = self._teachings.find(teaching_id)
        return self._change(
            verb, self._teachings.without(teaching), teaching, f"took back {teaching.exposures} exposures", None
        )

    def _change(
        self, verb: str, teachings: Teachings, subject: Teaching, result: str, bout: Bout | None
    ) -> TeachingEffect:
        """Build the classifiers that `teachings` make, then swap them in; what was before holds until then."""
        classifiers = taught(self._untaught, teachings)

        def change() -> str:
            self._swap(classifiers, bout)
            self._teachings = teachings
            return result

        about = described(subject)
        effect = self._boundary.run(verb, about, change)
        return TeachingEffect(index=effect.index, at_ns=effect.at_ns, exposures=subject.exposures, **about)

    def _save(self, given: str) -> SavedReference:
        path = self._folder / given
        _check_free(path)
        reference = extended(self._teachings, self._folder.name)
        reference.save(path)
        exposures = self._teachings.exposures
        said = f"wrote {len(reference.label_of)} examples, {exposures} of them taught in this session"
        try:
            effect = self._boundary.run("save_reference", {"path": str(path)}, lambda: said)
        except ControlError:
            path.unlink()
            raise
        return SavedReference(
            index=effect.index,
            at_ns=effect.at_ns,
            path=str(path),
            examples=len(reference.label_of),
            exposures=exposures,
            labels=reference.labels,
        )


def described(teaching: Teaching) -> dict[str, Any]:
    """What the log says of a teaching: enough to do it again from the stored embeddings."""
    return {
        "teaching_id": teaching.teaching_id,
        "arena": teaching.arena,
        "label": teaching.label,
        "first_index": teaching.stretch.start_index,
        "last_index": teaching.stretch.stop_index,
    }


def summary(tallies: Mapping[str, Tally], frame_index: int) -> Action:
    """What the log says at the end of everything that was taught and holds: test, then train."""
    counts = {label: {"taught": each.taught, "correct": each.correct} for label, each in tallies.items()}
    n_taught, n_correct = sum(each.taught for each in tallies.values()), sum(each.correct for each in tallies.values())
    said = f"{n_correct} of {n_taught} exposures that were taught had been labelled so before"
    return Action(now_ns(), frame_index, "teaching", counts, said)


def _check_free(path: Path) -> None:
    try:
        exists, folder = path.exists(), path.parent.is_dir()
    except (OSError, ValueError) as error:
        raise ControlError(f"got the path {path}, which cannot be used ({error}); choose another") from error
    if exists:
        raise ControlError(f"{path} exists, and nothing is ever overwritten; choose another path")
    if not folder:
        raise ControlError(f"there is no folder {path.parent}; make it first, or choose another path")
