"""Sessions as they could have been: a fate per exposure, written through the real log."""

import uuid
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from selfee_rt import folder
from selfee_rt.folder import ExposureRow, SessionRecord
from selfee_rt.record.log import SessionLog
from selfee_rt.types import Embeddings, Exposure, Frame, Loss, Observation, SourceInfo

PERIOD_NS = 10_000_000
MODEL_ID = "0" * 64
INFO = SourceInfo("tests", 64, 48, False, 100.0, None, "due", paced=True, can_wait=False)
Fates = Sequence[str]
"""Per exposure: observed, or the hop that lost it."""


def record(arenas: Sequence[str] = ("left", "right")) -> SessionRecord:
    """What a small session is made of."""
    return SessionRecord(
        session_id=uuid.uuid4().hex,
        name="a test",
        config={},
        model=folder.ModelRecord(path="/nowhere/model.onnx", sha256=MODEL_ID, card={}),
        labels=("chasing", "nothing"),
        arenas=tuple(arenas),
        detectors=(folder.DetectorRecord(name="selfee", threshold=0.5),),
        source=INFO,
        frame_interval=2,
        frame_interval_ms=20.0,
        versions=folder.installed_versions(),
        started=folder.Anchor.now(),
    )


def make_folder(path: Path, arenas: Sequence[str] = ("left", "right")) -> Path:
    """A session folder with its record and nothing else."""
    made = folder.create(path)
    folder.write_record(made, record(arenas))
    return made


def exposure(index: int, start_ns: int = 0) -> Exposure:
    """Exposure `index` of a camera at 100 fps that started at `start_ns`."""
    media_ns, newest_ns = index * PERIOD_NS, (index + 2) * PERIOD_NS
    return Exposure(
        index=index,
        media_ns=media_ns,
        captured_ns=start_ns + media_ns,
        received_ns=start_ns + media_ns + 1000,
        newest_index=index + 2,
        newest_media_ns=newest_ns,
        newest_captured_ns=start_ns + newest_ns,
        newest_received_ns=start_ns + newest_ns + 1000,
    )


def exposure_row(index: int, start_ns: int = 0, segment: str | None = None, position: int | None = None) -> ExposureRow:
    """Its row in the log."""
    e = exposure(index, start_ns)
    return ExposureRow(e.index, e.media_ns, e.captured_ns, e.received_ns, segment, position, inferred=False)


def frame(index: int, image: np.ndarray, start_ns: int = 0) -> Frame:
    """Its picture."""
    e = exposure(index, start_ns)
    return Frame(e.index, e.media_ns, e.captured_ns, e.received_ns, image)


def observation(arena: str, index: int, start_ns: int = 0) -> Observation:
    """What was said about it."""
    e = exposure(index, start_ns)
    at = e.newest_received_ns
    return Observation(
        arena=arena,
        exposure=e,
        label_index=index,
        label="chasing",
        probabilities=(0.75, 0.25),
        scores={"selfee": 0.1},
        alarm=False,
        stimulus="off",
        revision=0,
        composed_ns=at + 1000,
        embedded_ns=at + 2000,
        observed_ns=at + 3000,
        decided_ns=at + 4000,
    )


def embeddings(index: int, n_arenas: int = 2, start_ns: int = 0) -> Embeddings:
    """What the network made of it."""
    vector = np.random.default_rng(index).normal(size=(n_arenas, 8)).astype(np.float16).astype(np.float32)
    e = exposure(index, start_ns)
    return Embeddings(e, vector, MODEL_ID, e.newest_received_ns + 1000, e.newest_received_ns + 2000, None)


def losses(fates: Fates) -> Iterator[Loss]:
    """The ranges of a history that were lost."""
    index = 0
    for fate, run in groupby(fates):
        count = len(list(run))
        if fate != "observed":
            yield Loss(fate, index, index + count - 1)
        index += count


def write(log: SessionLog, fates: Fates, arenas: Sequence[str] = ("left", "right")) -> None:
    """Write a history in the order in which a session would."""
    ranges = {loss.first_index: loss for loss in losses(fates)}
    for index, fate in enumerate(fates):
        if fate != "source":
            log.write(exposure_row(index))
        if index in ranges:
            log.write(ranges[index])
        if fate == "observed":
            for arena in arenas:
                log.write(observation(arena, index))
