"""Scoring one recording: what has been scored, the files that it goes to, and what was said about that last."""

from collections.abc import Sequence
from pathlib import Path

from selfee_rt.errors import SelfeeRTError
from selfee_rt.view.scoring.labels_file import Clerk, LabelsFile
from selfee_rt.view.scoring.score import Change, Score
from selfee_rt.view.scoring.timeline import Timeline


class Desk:
    """Keeps everything after every change, and saves when it is told to, as soon as the recording's length is known.

    Raises:
        LabelsError: a file that is there cannot be read.
    """

    def __init__(self, out: Path, clerk: Clerk, names: Sequence[str], arenas: Sequence[str]) -> None:
        self.arenas = tuple(arenas)
        """Their names; one at least."""
        self.files = tuple(LabelsFile(path, clerk) for path in files_of(out, self.arenas))
        found = [file.open() for file in self.files]
        every = dict.fromkeys([*names, *(name for each in found for name in each.names)])
        self.score = Score(tuple(every), tuple(each.scored for each in found))
        self.said = "; ".join(dict.fromkeys(each.says for each in found if each.says))
        """What there is to say, one sentence."""
        self.failed = False
        """Whether that is bad news."""
        self.notice = ""
        """What somebody must know although other things have been said since; until something is saved."""
        self.wants_save = False
        """Saving waits for the end of the recording's reading."""
        self._lengths = [each.exposures for each in found]
        self._was_complete = False

    @property
    def file(self) -> LabelsFile:
        """Of the arena that is scored now."""
        return self.files[self.score.arena]

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Arenas whose labels are not in their files yet."""
        states = self.score.state.arenas
        return tuple(
            arena for arena, file, scored in zip(self.arenas, self.files, states, strict=True)
            if scored.spans != file.saved or scored.running is not None
        )  # fmt: skip

    def say(self, text: str, *, failed: bool = False) -> None:
        """Say something instead of what was said last."""
        self.said, self.failed = text, failed

    def did(self, change: Change | None, how: str = "") -> None:
        """Something was changed, undone or redone: keep it, and say it."""
        if change is None:
            self.say(f"nothing to {how}" if how else "")
            return
        self.say(f"{how}: {change.says}" if how else change.says)
        self._keep()

    def save(self, timeline: Timeline) -> None:
        """Save every arena, now or when the recording has been read to its end."""
        self.wants_save = not timeline.complete
        if self.wants_save:
            self.say("will be saved as soon as the recording has been read to its end; its length is needed")
        elif not timeline.exposures:
            self.say("there is nothing to save: the recording has no exposures", failed=True)
        else:
            self._save(timeline.exposures)

    def tick(self, timeline: Timeline) -> None:
        """Once the recording's length is known: compare, and save where that was wanted."""
        if not timeline.complete or self._was_complete:
            return
        self._was_complete = True
        for file, length in zip(self.files, self._lengths, strict=True):
            if length is not None and timeline.exposures and length != timeline.exposures:
                self.say(
                    f"{file.path.name} labels {length:,} exposures, the recording has {timeline.exposures:,}: "
                    "is it of another recording?",
                    failed=True,
                )
        if self.wants_save:
            self.save(timeline)

    def _save(self, exposures: int) -> None:
        said = []
        try:
            for file, scored in zip(self.files, self.score.state.arenas, strict=True):
                if scored.spans != file.saved or not file.path.exists():
                    said.append(file.save(scored.spans, exposures))
        except SelfeeRTError as error:
            self.say(f"NOT SAVED: {error}", failed=True)
            return
        self.notice = ""
        self.say("; ".join(said) or "all is saved")
        self._keep()
        running = next((each.running for each in self.score.state.arenas if each.running is not None), None)
        if running is not None and not self.failed:
            self.say(f"{self.said}; {running.label}, which has begun and not ended, is not in it")

    def _keep(self) -> None:
        try:
            for file, scored in zip(self.files, self.score.state.arenas, strict=True):
                said = file.keep(self.score.names, scored)
                self.notice = said or self.notice
        except SelfeeRTError as error:
            self.say(f"NOT KEPT: {error}", failed=True)


def files_of(out: Path, arenas: Sequence[str]) -> list[Path]:
    """The labels file of each arena; with several, its name has the arena's before its ending.

    >>> [path.name for path in files_of(Path("s_labels.csv"), ("left", "right"))]
    ['s_labels_left.csv', 's_labels_right.csv']
    """
    if len(arenas) == 1:
        return [out]
    return [out.with_name(f"{out.stem}_{arena}{out.suffix}") for arena in arenas]
