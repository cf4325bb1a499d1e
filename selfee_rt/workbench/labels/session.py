"""The labels that a session itself observed, as if a person had scored them."""

from pathlib import Path
from typing import Literal

from selfee_rt.errors import FolderError, LabelsError
from selfee_rt.folder import SessionFolder
from selfee_rt.workbench.labels.scored import UNLABELLED, Event, Scored, runs

What = Literal["observations", "bouts"]


def scored_by_session(path: Path, arena: str | None = None, what: What = "observations") -> Scored:
    """Read the observations or the bouts of one arena; exposures without any are nobody's.

    Of observations that describe one exposure the last counts. Lines of errors count rows, from 1.

    Raises:
        FolderError: it is not a session folder, or damaged.
        LabelsError: there are several arenas and none is chosen, or the session has no labels in it.
    """
    with SessionFolder(path) as session:
        arenas = session.record.arenas
        chosen = _arena(path, arenas, arena)
        length = session.last_index + 1
        if length < 1:
            raise FolderError(f"{path} has no exposure that is accounted for; there is nothing to label")
        events = _observed(session, chosen, length) if what == "observations" else _bouts(session, chosen)
        fps = session.record.source.fps
    if not events:
        raise LabelsError(
            f"{path}: arena {chosen!r} has no labels among its {what}; was there a reference with labels?"
        )
    return Scored(path, f"a session's {what}", events, exposures=length, fps=fps)


def _arena(path: Path, arenas: tuple[str, ...], arena: str | None) -> str:
    if arena is None and len(arenas) > 1:
        raise LabelsError(f"{path} has the arenas {', '.join(arenas)}; choose one with --arena")
    chosen = arenas[0] if arena is None else arena
    if chosen not in arenas:
        raise LabelsError(f"{path} has no arena {chosen!r}, expected {' or '.join(arenas)}")
    return chosen


def _observed(session: SessionFolder, arena: str, length: int) -> tuple[Event, ...]:
    labels: list[str] = [UNLABELLED] * length
    for observation in session.observations(arena):
        if observation.label is not None and 0 <= observation.label_index < length:
            labels[observation.label_index] = observation.label
    return tuple(
        Event(label, first, last, number)
        for number, (label, first, last) in enumerate(runs(labels), start=1)
        if label != UNLABELLED
    )


def _bouts(session: SessionFolder, arena: str) -> tuple[Event, ...]:
    """Bouts as they are; those that a person or a template made may overlap the predicted ones."""
    return tuple(
        Event(bout.label, bout.start_index, bout.stop_index, number, bout.source)
        for number, bout in enumerate(session.bouts(arena), start=1)
    )
