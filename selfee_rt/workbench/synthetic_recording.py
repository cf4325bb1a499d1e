"""The synthetic arena as a recording with labels, for examples of `fit` and for what the demo knows."""

import csv
from pathlib import Path

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.config import SyntheticConfig
from selfee_rt.errors import EndOfStream, RecordingFailed
from selfee_rt.record.segment import Segment
from selfee_rt.workbench.labels import COLUMNS

CRF = 18
"""H.264 quality at which the sensor's noise is kept too."""


def write_recording(config: SyntheticConfig, video: Path, labels: Path, seconds: float) -> None:
    """Write `seconds` of the arena to `video` (Matroska, nearly lossless H.264) and its ground truth to `labels`.

    The label file has a line for every exposure, those that `config.drop` keeps out of the video included.

    Raises:
        RecordingFailed: the video's name does not end in .mkv, or a file exists or cannot be written.
    """
    if video.suffix != ".mkv":
        raise RecordingFailed(f"got the video name {video.name!r}, expected one that ends in .mkv")
    for path in (video, labels):
        if path.exists():
            raise RecordingFailed(f"{path} exists and is not overwritten; choose another name")
    arena = SyntheticArena(config.model_copy(update={"seconds": seconds, "speed": "max"}))
    _write_video(arena, video)
    _write_labels(arena, labels, max(1, round(seconds * config.fps)))


def _write_video(arena: SyntheticArena, video: Path) -> None:
    info = arena.open()
    shape = (info.height_px, info.width_px)
    segment = Segment(video, "h264", shape, fps=info.fps, crf=CRF)
    try:
        while (frame := arena.read(0)) is not None:
            segment.write(frame.image, frame.media_ns)
    except EndOfStream:
        pass
    finally:
        segment.close()
        arena.close()


def _write_labels(arena: SyntheticArena, labels: Path, exposures: int) -> None:
    try:
        with labels.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows((index, arena.truth(index)) for index in range(exposures))
    except OSError as error:
        raise RecordingFailed(f"cannot write the labels {labels}: {error.strerror}; choose another place") from error
