"""A session folder's clocks against another recorder's edges."""

from pathlib import Path

from selfee_rt.errors import AlignmentError
from selfee_rt.folder import SessionFolder
from selfee_rt.folder.rows_stimuli import device_sync_of
from selfee_rt.workbench.align.alignment import Alignment, align
from selfee_rt.workbench.align.host_clock import host_clock
from selfee_rt.workbench.align.straight import Floats


def align_session(session: SessionFolder, other_s: Floats, device: str | None = None) -> Alignment:
    """Align a session's device to another recorder's edges of its sync output, (N,) seconds; None: its only one.

    Raises:
        AlignmentError: no device, or several, reported edges; or as `align`.
        FolderError: the log is damaged.
    """
    chosen = _device(session, device)
    return align(chosen, list(session.sync_edges(chosen)), other_s, host_clock(chosen, session.device_clock(chosen)))


def _device(session: SessionFolder, wanted: str | None) -> str:
    known = list(dict.fromkeys(device_sync_of(row).device for row in session.table("sync_edges")))
    if not known:
        raise AlignmentError(
            f"{session.path}: no device reported edges of its sync output; only a microcontroller with this project's "
            "firmware has one, and it reports them while a session runs"
        )
    if wanted is None and len(known) > 1:
        raise AlignmentError(f"{session.path} has edges of the devices {', '.join(known)}; choose one with --device")
    if wanted is not None and wanted not in known:
        raise AlignmentError(f"{session.path} has no edges of a device {wanted!r}, expected one of: {', '.join(known)}")
    return known[0] if wanted is None else wanted


def new_files(*paths: Path | None) -> None:
    """Refuse files that exist, or two of one name, before any work.

    Raises:
        AlignmentError: nothing is ever overwritten.
    """
    wanted = [path for path in paths if path is not None]
    for path in wanted:
        if path.exists() or wanted.count(path) > 1:
            raise AlignmentError(f"{path} exists, or is named twice; nothing is ever overwritten, choose another name")
        if not path.resolve().parent.is_dir():
            raise AlignmentError(f"{path}: there is no folder {path.resolve().parent}; make it first")
