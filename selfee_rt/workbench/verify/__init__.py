"""Whether a session folder holds together: counts, order, stimuli, pictures, embeddings, files."""

from collections.abc import Iterator
from pathlib import Path

from selfee_rt.folder import SessionFolder
from selfee_rt.workbench.verify.backgrounds import check_backgrounds
from selfee_rt.workbench.verify.fates import check_exposures, check_fates, check_lag
from selfee_rt.workbench.verify.files import check_embeddings, check_files
from selfee_rt.workbench.verify.report import Check, Report
from selfee_rt.workbench.verify.stamps import check_stamps
from selfee_rt.workbench.verify.stimuli import check_stimuli
from selfee_rt.workbench.verify.video import check_video

__all__ = ["Check", "Report", "verify"]


def verify(path: Path) -> Report:
    """Check one session folder completely; decodes every video segment, so a long session takes a while.

    Raises:
        FolderError: it is not a session folder, or its record or log cannot be read.
    """
    with SessionFolder(path) as folder:
        folder.hold()
        return Report(path, folder.ended, folder.last_index, tuple(_checks(folder)))


def _checks(folder: SessionFolder) -> Iterator[Check]:
    yield _ending(folder)
    yield from check_fates(folder)
    yield from check_exposures(folder)
    yield from check_lag(folder)
    yield from check_stamps(folder)
    yield from check_stimuli(folder)
    yield from check_video(folder)
    yield from check_backgrounds(folder)
    yield from check_embeddings(folder)
    yield from check_files(folder)


def _ending(folder: SessionFolder) -> Check:
    """A log has one end, or none if the session was killed."""
    n_ends = sum(1 for _ in folder.table("session_end"))
    end = folder.ended
    if end is None:
        return Check("end", True, f"killed, or still running; the log reaches exposure {folder.last_index}")
    return Check("end", n_ends == 1, f"{end.how} at exposure {end.last_index}{f': {end.why}' if end.why else ''}")
