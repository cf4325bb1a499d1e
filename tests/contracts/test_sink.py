"""The contract of `protocols.Sink`, run over every implementation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from selfee_rt.config import RecordConfig
from selfee_rt.folder import SessionFolder
from selfee_rt.protocols import Sink
from selfee_rt.publish.publisher import Publisher
from selfee_rt.record.embeddings import EmbeddingStore
from selfee_rt.record.log import SessionLog
from selfee_rt.record.video import VideoRecorder
from tests.publish import clients, samples
from tests.record.history import INFO, MODEL_ID, embeddings, frame, make_folder, observation

N_ITEMS = 20


@dataclass(frozen=True)
class Case:
    """A sink, what it takes as item `index`, and the indices that came out at the other side after it was closed."""

    sink: Sink
    item: Callable[[int], Any]
    kept: Callable[[], list[int]]


@contextmanager
def session_log(path: Path) -> Iterator[Case]:
    folder = make_folder(path, ["left"])

    def kept() -> list[int]:
        with SessionFolder(folder) as opened:
            return [o.exposure.index for o in opened.observations()]

    yield Case(SessionLog(folder), lambda index: observation("left", index), kept)


@contextmanager
def embedding_store(path: Path) -> Iterator[Case]:
    folder = make_folder(path, ["left"])
    SessionLog(folder).close()

    def kept() -> list[int]:
        with SessionFolder(folder) as opened:
            return [index for index, _ in opened.embeddings("left")]

    yield Case(EmbeddingStore(folder, 1, MODEL_ID), lambda index: embeddings(index, n_arenas=1), kept)


@contextmanager
def video(path: Path) -> Iterator[Case]:
    path.mkdir()

    def kept() -> list[int]:
        with av.open(str(path / "video_000.mkv")) as container:
            return [int(picture.to_ndarray(format="gray")[0, 0]) for picture in container.decode(video=0)]

    recorder = VideoRecorder(path, RecordConfig(video="ffv1"), INFO)
    yield Case(recorder, lambda index: frame(index, np.full((48, 64), index, np.uint8)), kept)


@contextmanager
def publisher(path: Path) -> Iterator[Case]:
    sink = Publisher(samples.ANYWHERE, samples.session())
    try:
        with clients.subscribed(sink, "observation.a") as socket:
            yield Case(sink, samples.observation, lambda: [clients.receive(socket)[1]["index"] for _ in range(N_ITEMS)])
    finally:
        sink.close()


@pytest.fixture(params=[session_log, embedding_store, video, publisher], ids=lambda make: make.__name__)
def case(request, tmp_path):
    with request.param(tmp_path / "session") as made:
        yield made
        made.sink.close()


def test_what_was_written_comes_out_whole_and_in_order_after_it_is_closed(case):
    for index in range(N_ITEMS):
        case.sink.write(case.item(index))
    case.sink.close()
    assert case.kept() == list(range(N_ITEMS))


def test_it_can_be_closed_twice(case):
    case.sink.write(case.item(0))
    case.sink.close()
    case.sink.close()


def test_it_can_be_closed_without_having_taken_anything(case):
    case.sink.close()
