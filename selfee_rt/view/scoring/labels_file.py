"""The file that labels go to, and beside it what has not been saved yet; nothing of somebody else's is overwritten."""

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Protocol

import msgspec

from selfee_rt.errors import LabelsError
from selfee_rt.view.scoring.score import Running, Scored
from selfee_rt.view.scoring.spans import Span, Spans, labels_of, spans_of

KEPT_SUFFIX = ".scoring"
"""Ending of the file beside, after that of the labels file."""


class Clerk(Protocol):
    """Reads and writes label files; the window is given one, since the workbench's formats are not its business."""

    def read(self, path: Path) -> tuple[str, ...]:
        """Label of every exposure; raises SelfeeRTError."""

    def write(self, path: Path, labels: tuple[str, ...]) -> None:
        """Write a file that does not exist yet; raises SelfeeRTError."""


class Kept(msgspec.Struct, frozen=True, tag_field="schema", tag="selfee_rt.scoring/1"):
    """What lies beside the labels file: all that has been scored, saved or not."""

    names: tuple[str, ...]
    spans: tuple[tuple[str, int, int], ...]
    running: tuple[str, int] | None
    saved: bool
    """Whether the labels file holds these spans."""
    labels_sha256: str | None
    """Of the labels file as it was then; null: there was none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there was when scoring began."""

    names: tuple[str, ...]
    scored: Scored
    exposures: int | None
    """Length of the labels file; None: there is none."""
    says: str
    """What was found, for people; empty: nothing."""


class LabelsFile:
    """One arena's labels: `keep` after every change, `save` when somebody says so.

    `path` becomes another where somebody else has changed the file meanwhile; `says` then tells.
    """

    def __init__(self, path: Path, clerk: Clerk) -> None:
        self.path = path
        self.saved: Spans = ()
        """What the labels file holds."""
        self._clerk = clerk
        self._known: str | None = None
        """sha256 of the labels file as it was read or written here; None: there was none."""
        self._known_kept: str | None = None

    @property
    def kept(self) -> Path:
        """Where everything is kept after every change."""
        return self.path.with_name(self.path.name + KEPT_SUFFIX)

    def open(self) -> Found:
        """Read what there is.

        Raises:
            LabelsError: a file cannot be read, or is no labels file of ours.
        """
        self._known = _digest(self.path)
        labels = None if self._known is None else self._clerk.read(self.path)
        self.saved = spans_of(labels or ())
        exposures = None if labels is None else len(labels)
        kept = self._read_kept()
        if kept is None or (kept.saved and kept.labels_sha256 != self._known):
            says = "" if labels is None else f"going on with {self.path.name}"
            return Found(_names(kept, self.saved), Scored(self.saved), exposures, says)
        scored = Scored(
            tuple(Span(*each) for each in kept.spans), None if kept.running is None else Running(*kept.running)
        )
        says = "" if kept.saved else f"what was not saved last time is back, from {self.kept.name}"
        if kept.labels_sha256 != self._known:
            says += f"; {self.path.name} has been changed since, so it will be saved beside it"
            self._known = kept.labels_sha256
        return Found(_names(kept, scored.spans), scored, exposures, says)

    def keep(self, names: tuple[str, ...], scored: Scored) -> str:
        """Write everything beside the labels file, whole or not at all; return what people must know of it.

        Raises:
            LabelsError: it cannot be written.
        """
        says = self._give_way(self.kept, self._known_kept)
        content = msgspec.json.encode(
            Kept(
                names=names,
                spans=tuple((span.label, span.first, span.last) for span in scored.spans),
                running=None if scored.running is None else (scored.running.label, scored.running.since),
                saved=scored.spans == self.saved,
                labels_sha256=self._known,
            )
        )
        partial = self.kept.with_name(f"{self.kept.name}.partial-{os.getpid()}")
        try:
            partial.write_bytes(content)
            partial.replace(self.kept)
        except OSError as error:
            raise LabelsError(f"cannot write {self.kept}: {error.strerror}; give another place with --out") from error
        self._known_kept = sha256(content).hexdigest()
        return says

    def save(self, spans: Spans, exposures: int) -> str:
        """Write the labels of all exposures; return what people must know of it.

        Raises:
            LabelsError: it cannot be written, or a span lies beyond the recording.
        """
        if spans and spans[-1].last >= exposures:
            raise LabelsError(
                f"{spans[-1].label} is scored up to exposure {spans[-1].last:,}, and the recording ends with "
                f"{exposures - 1:,}: are these the labels of another recording? delete what is beyond its end"
            )
        says = self._give_way(self.path, self._known)
        partial = self.path.with_name(f"{self.path.name}.partial-{os.getpid()}")
        try:
            self._clerk.write(partial, labels_of(spans, exposures))
            self._known = _digest(partial)
            partial.replace(self.path)
        except OSError as error:
            raise LabelsError(f"cannot write {self.path}: {error.strerror}; give another place with --out") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        self.saved = spans
        return says or f"saved: {self.path.name}"

    def _give_way(self, path: Path, known: str | None) -> str:
        """Where a file is not as it was left here, go on under a name that nobody has."""
        found = _digest(path)
        if found is None or found == known:
            return ""
        taken = self.path.name
        for number in count(2):
            self.path = path.with_name(f"{Path(taken).stem}_{number}{Path(taken).suffix}")
            if not self.path.exists() and not self.kept.exists():
                break
        self._known = self._known_kept = None
        self.saved = ()
        return f"{path.name} was changed by somebody else, and is left alone; these labels now go to {self.path.name}"

    def _read_kept(self) -> Kept | None:
        try:
            content = self.kept.read_bytes()
            self._known_kept = sha256(content).hexdigest()
            return msgspec.json.decode(content, type=Kept)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LabelsError(f"cannot read {self.kept}: {error.strerror}; give another place with --out") from error
        except msgspec.MsgspecError as error:
            raise LabelsError(
                f"{self.kept} is not what scoring keeps there: {error}; move it away, or give another place with --out"
            ) from error


def _names(kept: Kept | None, spans: Spans) -> tuple[str, ...]:
    """Labels in the order of their keys, then those that only the spans have, as they first occur."""
    return tuple(dict.fromkeys([*(() if kept is None else kept.names), *(span.label for span in spans)]))


def _digest(path: Path) -> str | None:
    """sha256 of a file; None: there is none.

    Raises:
        LabelsError: it cannot be read.
    """
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LabelsError(f"cannot read {path}: {error.strerror}; give another place with --out") from error
