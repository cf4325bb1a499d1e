"""A stage that fails ends the session in order; what was recorded stays readable and accounted for."""

import sqlite3
import threading

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.errors import (
    ConfigError,
    FolderError,
    ModelError,
    ModelMismatch,
    PublishError,
    RecordingFailed,
    SourceError,
)
from selfee_rt.folder import RECORDING_FAILED, SessionFolder
from selfee_rt.record.database import AppendOnly
from selfee_rt.record.video import VideoRecorder
from selfee_rt.session import Session
from tests.session.rig import LOCAL, assert_verified, configure, fates, run


class Failing:
    """An embedder that gives up after some exposures, for tests."""

    def __init__(self, real, after, wrong):
        self._real, self._left, self._wrong = real, after, wrong
        self.model_id, self.card, self.session_options_summary = (
            real.model_id,
            real.card,
            real.session_options_summary,
        )
        self.close = real.close

    def embed(self, images):
        self._left -= 1
        if self._left < 0:
            return self._wrong(images)
        return self._real.embed(images)


def _raise(images):
    raise ModelError("the GPU fell off the bus")


def _not_finite(images):
    return np.full((len(images), 16), np.nan, np.float32)


@pytest.mark.parametrize(("wrong", "message"), [(_raise, "fell off the bus"), (_not_finite, "not finite")])
def test_exposures_after_a_failed_embedder_are_lost_to_the_fault(rig, tmp_path, monkeypatch, wrong, message):
    real = build.embedder
    monkeypatch.setattr(build, "embedder", lambda config, batch: Failing(real(config, batch), 50, wrong))
    session, _ = run(configure(rig, tmp_path / "s"))
    assert isinstance(session.error, ModelError)
    assert message in str(session.error)
    found = fates(tmp_path / "s")
    assert found["arena", "observed"] == 50
    assert found["arena", "fault"] > 0
    with SessionFolder(tmp_path / "s") as folder:
        assert folder.ended.how == "failed"
        assert message in str(folder.ended)
    assert_verified(tmp_path / "s")


def _full_disk(monkeypatch, after):
    """Every commit after the first few fails like a full disk, for as long as nothing is freed."""
    real, count = AppendOnly._transaction, [0]

    def transaction(self):
        if self._path.name == "log.sqlite":
            count[0] += 1
            if count[0] == after:
                raise sqlite3.OperationalError("database or disk is full")
        real(self)

    monkeypatch.setattr(AppendOnly, "_transaction", transaction)


def test_a_log_that_fails_stops_the_session_in_order(rig, tmp_path, monkeypatch):
    _full_disk(monkeypatch, after=4)
    session, last = run(configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None}))
    assert isinstance(session.error, RecordingFailed)
    assert "full" in str(session.error)
    assert last.recording.startswith("failed")
    with SessionFolder(tmp_path / "s") as folder:
        assert folder.ended is not None
        assert folder.ended.how == "recording failed"
    fates(tmp_path / "s")


def test_a_log_that_fails_lets_the_session_continue_where_it_was_told_to(rig, tmp_path, monkeypatch):
    _full_disk(monkeypatch, after=2)
    source = {"speed": 1.0, "seconds": 4}
    session, last = run(configure(rig, tmp_path / "s", source=source, record={"on_failure": "continue"}))
    assert session.error is None
    assert last.recording.startswith("failed")
    with SessionFolder(tmp_path / "s") as folder:
        kept = folder.last_index
    assert kept < last.n_exposures - 1, "nothing happened after the failure: the test does not test what it says"
    fates(tmp_path / "s")


@pytest.mark.parametrize(
    ("sections", "error", "message"),
    [
        ({"model": {"file": "nowhere.onnx"}}, ConfigError, "nowhere.onnx"),
        ({"observe": {"reference": "nowhere.npz"}}, ConfigError, "nowhere.npz"),
        ({"source": {"fps": 7}}, ModelMismatch, "frames/s"),
        ({"arena": [{"name": "a", "region": {"x": 100, "y": 0, "width": 80, "height": 80}}]}, ConfigError, "160"),
        ({"publish": {**LOCAL, "observations": "tcp://0.0.0.0:5571"}}, ConfigError, "publish.curve"),
        ({"model": {"providers": ["cuda"]}}, ModelError, "cuda"),
        ({"source": {"kind": "video_file", "path": "nowhere.mp4"}}, SourceError, "nowhere.mp4"),
        (
            {"observe": {"detector": [{"kind": "river", "name": "x", "model": "os.system"}]}},
            ConfigError,
            "os.system",
        ),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_made(rig, tmp_path, sections, error, message):
    if sections.get("source", {}).get("kind") == "video_file":
        config = configure(rig, tmp_path / "s").model_copy(update={"source": _video(sections["source"])})
    else:
        config = configure(rig, tmp_path / "s", **sections)
    with pytest.raises(error, match=message):
        Session(config).start()
    assert not (tmp_path / "s").exists()


def _video(document):
    from selfee_rt.config import VideoFileConfig

    return VideoFileConfig.model_validate(document)


def test_an_existing_folder_is_never_overwritten(rig, tmp_path):
    (tmp_path / "s").mkdir()
    with pytest.raises((ConfigError, FolderError), match="exists"):
        Session(configure(rig, tmp_path / "s")).start()


def test_a_port_in_use_is_refused_and_nothing_stays_open(rig, tmp_path):
    import zmq

    context = zmq.Context()
    taken = context.socket(zmq.PUB)
    port = taken.bind_to_random_port("tcp://127.0.0.1")
    with pytest.raises(PublishError, match=str(port)):
        Session(configure(rig, tmp_path / "s", publish={**LOCAL, "observations": f"tcp://127.0.0.1:{port}"})).start()
    taken.close()
    context.term()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("selfee-rt")]


def test_a_video_that_fails_ends_the_log_where_recording_ended(rig, tmp_path, monkeypatch):
    real = VideoRecorder.write

    def write(self, frame):
        if frame.index == 58:
            raise RecordingFailed("the video's disk is gone")
        return real(self, frame)

    monkeypatch.setattr(VideoRecorder, "write", write)
    session, last = run(configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None}))
    assert "disk is gone" in str(session.error)
    with SessionFolder(tmp_path / "s") as folder:
        assert folder.ended.how == RECORDING_FAILED
        assert folder.last_index < last.n_exposures
    assert_verified(tmp_path / "s")
