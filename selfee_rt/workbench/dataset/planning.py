"""What has to be decoded and how much disk it needs, said before it begins; then decoding, each recording once."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfee_rt.config import ArenaConfig
from selfee_rt.errors import ConfigError, FolderError, SourceError
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.dataset.decoding import Report, decode
from selfee_rt.workbench.dataset.entry import PARTIAL, delete_partial
from selfee_rt.workbench.dataset.lock import only_here
from selfee_rt.workbench.dataset.material import Job, Material, Wanted, look_up
from selfee_rt.workbench.dataset.recording import WHOLE, Recording
from selfee_rt.workbench.dataset.size import Size, size_of

Progress = Callable[[str], Report]
"""Called with a recording's name when its decoding begins."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What can be learned from."""

    recordings: tuple[Recording, ...]
    """Every arena of every recording, in order, mapped from disk."""
    left_out: tuple[str, ...]
    """What could not be read, and why; empty unless leaving out was allowed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be decoded; as text, a line that says so."""

    wanted: Wanted
    jobs: tuple[Job, ...]
    left_out: tuple[str, ...]
    """What cannot be opened, and why."""
    leave_out_unreadable: bool
    free_bytes: int

    @property
    def missing(self) -> tuple[Job, ...]:
        """What has to be decoded."""
        return tuple(job for job in self.jobs if not job.kept)

    @property
    def needed_bytes(self) -> int:
        """What decoding will take on disk, as far as the files say."""
        return sum(job.needed_bytes for job in self.missing)

    def __str__(self) -> str:
        unknown = [job.material.name for job in self.missing if job.promised is None]
        more = f", and what {', '.join(unknown)} will need" if unknown else ""
        return (
            f"{len(self.missing)} of {len(self.jobs)} recordings to decode: {_gigabytes(self.needed_bytes)}{more} in "
            f"{self.wanted.folder}, where {_gigabytes(self.free_bytes)} are free"
        )

    def carry_out(self, progress: Progress | None = None) -> Prepared:
        """Decode what is missing, one recording after the other, and open everything.

        A recording that was decoded stays decoded, whatever happens to later ones; one that was interrupted is decoded
        again from its beginning.

        Raises:
            SourceError: a recording cannot be read, and may not be left out.
            FolderError: the folder cannot be written, or another process prepares recordings in it.
            ConfigError: nothing could be read.
        """
        left_out = list(self.left_out)
        if self.missing:
            with only_here(self.wanted.folder):
                delete_partial(self.wanted.folder)
                left_out += self._decode(progress or _silent)
        opened = [entry.open() for job in self.jobs for entry in job.entries]
        recordings = tuple(each for each in opened if each is not None)
        if not recordings:
            raise ConfigError(["there is no recording to learn from", *left_out])
        return Prepared(recordings, tuple(left_out))

    def _decode(self, progress: Progress) -> list[str]:
        """Decode what is missing; return what had to be left out."""
        left_out = []
        for job in self.missing:
            try:
                decode(job, self.wanted, progress(job.material.name))
            except SourceError as error:
                if not self.leave_out_unreadable:
                    raise SourceError(_unreadable(job.material, error)) from error
                left_out.append(_unreadable(job.material, error))
        return left_out


def plan(
    materials: Sequence[Material],
    folder: Path,
    size_px: int | Size,
    arenas: Sequence[ArenaConfig] = WHOLE,
    preprocessing: Preprocessing = "grey_resize",
    *,
    leave_out_unreadable: bool = False,
) -> Plan:
    """Find out what has to be decoded into `folder` at (height, width) `size_px`, and whether the disk has room.

    Every recording that is not there yet is opened once, so that what cannot be read is known before anything begins.

    Raises:
        ConfigError: recordings cannot be read (unless `leave_out_unreadable`) or are the same, or an arena lies outside
            a picture or does not suit the preparation; names all of them.
        FolderError: the disk has less room than is needed.
    """
    wanted = Wanted(folder, size_of(size_px), tuple(arenas), preprocessing)
    jobs, unreadable, misfits = _looked_up(materials, wanted)
    problems = [*misfits, *_twice(jobs), *([] if leave_out_unreadable else unreadable)]
    if problems:
        raise ConfigError(problems)
    found = Plan(wanted, tuple(jobs), tuple(unreadable), leave_out_unreadable, _free_bytes(folder))
    if found.needed_bytes > found.free_bytes:
        raise FolderError(f"the disk is too small for {found}; make room or choose another folder")
    return found


def _looked_up(materials: Sequence[Material], wanted: Wanted) -> tuple[list[Job], list[str], list[str]]:
    """Every recording that can be read, why others cannot, and what does not fit."""
    jobs, unreadable, misfits = list[Job](), list[str](), list[str]()
    for material in materials:
        try:
            jobs.append(look_up(material, wanted))
        except SourceError as error:
            unreadable.append(_unreadable(material, error))
        except ConfigError as error:
            misfits += [f"{material.name}: {problem}" for problem in error.problems]
    return jobs, unreadable, misfits


def _twice(jobs: Sequence[Job]) -> list[str]:
    """Name recordings that are the same."""
    first: dict[str, Job] = {}
    pairs = [(job, first.setdefault(job.content, job)) for job in jobs]
    return [
        f"{job.material.name} is the same recording as {same.material.name}; leave one of them out"
        for job, same in pairs
        if job is not same
    ]


def _unreadable(material: Material, error: SourceError) -> str:
    return f"{material.name} cannot be read: {error}"


def _free_bytes(folder: Path) -> int:
    """Room on the disk, counting what a killed process left, which will be deleted."""
    whole = folder.resolve()
    existing = next(each for each in (whole, *whole.parents) if each.exists())
    return shutil.disk_usage(existing).free + sum(each.stat().st_size for each in folder.glob(f"*{PARTIAL}"))


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB"


def _silent(_name: str) -> Report:
    return lambda _done, _promised: None
