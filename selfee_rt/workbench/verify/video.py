"""Every picture that the log promises can be decoded."""

from collections.abc import Iterator
from pathlib import Path

import av

from selfee_rt.clock import NS_PER_S
from selfee_rt.folder import ExposureRow, SessionFolder
from selfee_rt.folder.schema import segment_number
from selfee_rt.workbench.verify.fates import complete
from selfee_rt.workbench.verify.report import Check


def check_video(folder: SessionFolder) -> Iterator[Check]:
    """Decode each segment and compare it with the exposures that should be in it.

    Where the session was killed, the last segment may lack the last second, or hold frames that the log has not;
    where recording failed, it may lack what was not on the disk yet.
    """
    promised = _promised(folder)
    files = {path.name: path for path in folder.segments}
    names = sorted(promised.keys() | files.keys(), key=segment_number)
    for name in names:
        last = name == names[-1]
        yield _segment(name, promised.get(name, []), files.get(name), lenient=last and not complete(folder))
    if not names:
        yield Check("video", True, "no video was recorded")


def _promised(folder: SessionFolder) -> dict[str, list[ExposureRow]]:
    found: dict[str, list[ExposureRow]] = {}
    for exposure in folder.exposures():
        if exposure.segment is not None:
            found.setdefault(exposure.segment, []).append(exposure)
    return found


def _segment(name: str, exposures: list[ExposureRow], path: Path | None, *, lenient: bool) -> Check:
    check = f"video {name}"
    if path is None:
        return Check(check, False, f"the file is missing; {len(exposures)} exposures should be in it")
    for position, exposure in enumerate(exposures):
        if exposure.position != position:
            return Check(
                check, False, f"exposure {exposure.frame_index} is at {exposure.position}, expected {position}"
            )
    n_frames = count_frames(path)
    numbers = f"{n_frames} frames decode, {len(exposures)} exposures are in the log"
    if n_frames >= len(exposures):
        return Check(check, lenient or n_frames == len(exposures), numbers)
    lost_s = (exposures[-1].received_ns - exposures[n_frames].received_ns) / NS_PER_S
    return Check(check, lenient and lost_s < 1, f"{numbers}: the last {lost_s:.2f} s are missing")


def count_frames(path: Path) -> int:
    """Number of frames that can be decoded, up to the first that cannot."""
    n_frames = 0
    try:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for _ in container.decode(video=0):
                n_frames += 1
    except (av.FFmpegError, IndexError):
        return n_frames
    return n_frames
