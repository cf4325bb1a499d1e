"""Session folders as sessions leave them, written through the real recorder and log."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt import folder
from selfee_rt.config import RecordConfig
from selfee_rt.folder import ExposureRow, FileIdentity, SessionRecord
from selfee_rt.record.log import SessionLog
from selfee_rt.record.video import VideoRecorder
from selfee_rt.types import Frame, SourceInfo

PERIOD_NS = 10_000_000
CAMERA = SourceInfo("a camera", 64, 48, False, 100.0, None, "device", paced=True, can_wait=False)


def exposures(indices: Iterable[int], *, colour: bool = False) -> list[Frame]:
    """Exposures of a camera at 100 fps whose clock began at 5 s; each picture's grey tells its index."""
    shape = (48, 64, 3) if colour else (48, 64)
    return [
        Frame(
            index=index,
            media_ns=5_000_000_000 + index * PERIOD_NS,
            captured_ns=index * PERIOD_NS,
            received_ns=index * PERIOD_NS + 1000,
            image=np.full(shape, grey_of(index), np.uint8),
            index_inferred=index % 7 == 0,
        )
        for index in indices
    ]


def grey_of(index: int) -> int:
    """Grey value of the picture of an exposure."""
    return index * 2 % 256


def begin(
    path: Path, *, info: SourceInfo = CAMERA, replayed: FileIdentity | None = None, source: dict[str, Any] | None = None
) -> Path:
    """A session folder with nothing but its record."""
    record = SessionRecord(
        session_id=uuid.uuid4().hex,
        name=info.name,
        config={} if source is None else {"source": source},
        model=folder.ModelRecord(path="/nowhere/model.onnx", sha256="0" * 64, card={}),
        labels=(),
        arenas=("arena",),
        source=info,
        replayed=replayed,
        frame_interval=2,
        frame_interval_ms=20.0,
        versions=folder.installed_versions(),
        started=folder.Anchor.now(),
    )
    made = folder.create(path)
    folder.write_record(made, record)
    return made


def log(path: Path, rows: Sequence[ExposureRow], *, ended: bool = True) -> Path:
    """Give a session its log; a killed one has no end."""
    made = SessionLog(path)
    for row in rows:
        made.write(row)
    if ended:
        made.end("stopped", rows[-1].frame_index if rows else -1)
    made.close()
    return path


def film(path: Path, frames: Sequence[Frame], **settings: Any) -> list[ExposureRow]:
    """Record frames as video; return where each went."""
    config = RecordConfig.model_validate({"video": "ffv1", **settings})
    recorder = VideoRecorder(path, config, replace(CAMERA, colour=frames[0].image.ndim == 3))
    try:
        return [recorder.write(frame) for frame in frames]
    finally:
        recorder.close()


def filmed(path: Path, frames: Sequence[Frame], **settings: Any) -> Path:
    """A whole session of a camera."""
    begin(path, info=replace(CAMERA, colour=frames[0].image.ndim == 3))
    return log(path, film(path, frames, **settings))


def unfilmed(frames: Iterable[Frame]) -> list[ExposureRow]:
    """Rows of exposures that were not recorded as video, as in a session that replays a recording."""
    return [
        ExposureRow(f.index, f.media_ns, f.captured_ns, f.received_ns, None, None, f.index_inferred) for f in frames
    ]
