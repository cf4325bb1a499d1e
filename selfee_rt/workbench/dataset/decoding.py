"""Decodes one recording into what is kept of it."""

from collections.abc import Callable
from contextlib import ExitStack

from selfee_rt import build
from selfee_rt.errors import FolderError, SourceError
from selfee_rt.workbench.dataset.material import Job, Wanted
from selfee_rt.workbench.dataset.recording import TOO_FEW, reading

Report = Callable[[int, int | None], None]
"""Called with the exposures read so far and the promised number, None where nothing is promised."""
REPORT_EVERY = 32


def decode(job: Job, wanted: Wanted, report: Report) -> None:
    """Decode a recording once, for all arenas; each is kept whole or not at all.

    Raises:
        SourceError: it cannot be read, or holds too few frames.
        FolderError: the folder cannot be written.
    """
    try:
        _decode(job, wanted, report)
    except SourceError:
        raise
    except OSError as error:
        raise FolderError(
            f"cannot write what {job.material.name} becomes to {wanted.folder}: {error.strerror}; make room or choose "
            "another folder; what was decoded before is kept"
        ) from error


def _decode(job: Job, wanted: Wanted, report: Report) -> None:
    name, count = job.material.name, 0
    with ExitStack() as stack:
        source = build.source(job.material.source)
        read = stack.enter_context(reading(source, name, wanted.size_px, wanted.arenas, wanted.preprocessing))
        writers = [stack.enter_context(entry.writing()) for entry in job.entries]
        for count, (index, pictures) in enumerate(read.pictures, start=1):
            for writer, picture in zip(writers, pictures, strict=True):
                writer.append(index, picture)
            if count % REPORT_EVERY == 0:
                report(count, read.info.frames)
        if not count:
            raise SourceError(TOO_FEW)
        for writer in writers:
            writer.commit(job.content, read.info.fps, read.ended())
    report(count, count)
