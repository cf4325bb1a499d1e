"""Verification finds what is wrong, and only that."""

import shutil
import sqlite3
import tempfile
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.cli.verify import verify as command
from selfee_rt.config import RecordConfig
from selfee_rt.errors import FolderError
from selfee_rt.folder import RECORDING_FAILED, FileIdentity
from selfee_rt.record.embeddings import EmbeddingStore
from selfee_rt.record.log import SessionLog
from selfee_rt.record.video import VideoRecorder
from selfee_rt.types import Bout, Loss
from selfee_rt.workbench.verify import verify
from selfee_rt.workbench.verify.fates import partition_problem
from tests.record.history import INFO, MODEL_ID, embeddings, frame, make_folder, observation, write

HOPS = ["observed", "source", "background", "edge", "gap", "channel:live", "fault"]
fates = st.lists(st.sampled_from(HOPS), min_size=1, max_size=25).map(lambda fates: [*fates[:-1], "edge"])


def failed(path: Path) -> list[str]:
    return [check.name for check in verify(path).checks if not check.passed]


def change(path: Path, statement: str, file: str = "log.sqlite") -> None:
    """Change a finished session behind our back."""
    database = sqlite3.connect(path / file)
    changed = database.execute(statement).rowcount
    database.commit()
    database.close()
    assert changed == 1


def recorded(path: Path, history: list[str]) -> Path:
    """A finished session with this history."""
    made = make_folder(path)
    log = SessionLog(made)
    write(log, history)
    log.end("stopped", len(history) - 1)
    log.close()
    return made


@pytest.fixture
def whole(tmp_path):
    """A finished session with everything: 40 exposures, 3 dropped, video in two segments, every other embedding."""
    made = make_folder(tmp_path / "session")
    log, store = SessionLog(made), EmbeddingStore(made, 2, MODEL_ID)
    video = VideoRecorder(made, RecordConfig(segment_s=0.2), INFO)
    for index in range(40):
        if 10 <= index <= 12:
            continue
        log.write(video.write(frame(index, np.full((48, 64), index, np.uint8))))
        if index == 13:
            log.write(Loss("source", 10, 12))
        for arena in ("left", "right"):
            log.write(observation(arena, index))
        store.write(embeddings(index))
    log.write(Bout("left", "chasing", 0, 39, 0, 39))
    video.close()
    store.end()
    store.close()
    log.end("stopped", 39)
    log.close()
    return made


@settings(deadline=None, max_examples=15)
@given(history=fates)
def test_any_history_that_was_recorded_verifies(history):
    with tempfile.TemporaryDirectory() as tmp:
        path = recorded(Path(tmp) / "session", history)
        assert failed(path) == []
        assert verify(path).last_index == len(history) - 1


@settings(deadline=None, max_examples=25)
@given(data=st.data(), history=fates)
def test_any_row_that_is_missing_or_there_twice_is_found(data, history):
    with tempfile.TemporaryDirectory() as tmp:
        path = recorded(Path(tmp) / "session", history)
        table = data.draw(st.sampled_from(["exposures", "observations", "losses", "session_end"]))
        database = sqlite3.connect(path / "log.sqlite")
        rows = [row for (row,) in database.execute(f"SELECT rowid FROM {table}")]
        database.close()
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        twice = f"INSERT INTO {table} SELECT * FROM {table} WHERE rowid = {row}"
        gone = f"DELETE FROM {table} WHERE rowid = {row}"
        change(path, twice if table == "session_end" else data.draw(st.sampled_from([twice, gone])))
        assert failed(path) != []


@given(cuts=st.lists(st.integers(1, 200), unique=True).map(sorted), data=st.data())
def test_ranges_that_cover_everything_once_have_no_problem_and_a_lost_one_is_named(cuts, data):
    starts = [0, *cuts]
    ranges = np.array([[first, stop - 1] for first, stop in zip(starts, [*cuts, 201], strict=True)])
    shuffled = data.draw(st.permutations(range(len(ranges))))
    assert partition_problem(ranges[shuffled], 200) is None
    at = data.draw(st.integers(0, len(ranges) - 1))
    assert partition_problem(np.delete(ranges, at, axis=0), 200) == f"exposure {starts[at]} has no fate"
    assert "two fates" in str(partition_problem(np.concatenate([ranges, ranges[at : at + 1]]), 200))


def test_a_whole_session_verifies_with_its_numbers(whole):
    findings = {check.name: check.finding for check in verify(whole).checks}
    assert failed(whole) == []
    assert findings["accounting, arena left"] == "37 observed + 3 lost = 40 exposures"
    assert findings["exposures, arena left"] == "37 arrived, 3 lost by the source, up to 39"
    assert findings["video video_000.mkv"] == "17 frames decode, 17 exposures are in the log"
    assert findings["video video_001.mkv"] == "20 frames decode, 20 exposures are in the log"
    assert findings["embeddings, arena right"] == "18 stored, 18 observed"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE exposures SET received_ns = 0 WHERE frame_index = 5", {"order of exposures", "agreement"}),
        ("UPDATE exposures SET media_ns = 0 WHERE frame_index = 5", {"order of exposures", "agreement"}),
        ("UPDATE exposures SET position = 7 WHERE frame_index = 5", {"video video_000.mkv"}),
        ("UPDATE observations SET media_ns = 1 WHERE frame_index = 5 AND arena = 'left'", {"agreement"}),
        ("UPDATE observations SET embedded_ns = 1 WHERE frame_index = 5 AND arena = 'left'", {"stages"}),
        (
            "UPDATE observations SET arena = 'middle' WHERE frame_index = 5 AND arena = 'left'",
            {"accounting, arena left", "names"},
        ),
        ("UPDATE losses SET hop = 'nowhere' WHERE arena = 'left'", {"names", "exposures, arena left"}),
        (
            "UPDATE losses SET first_index = 13 WHERE arena = 'left'",
            {"accounting, arena left", "exposures, arena left"},
        ),
        ("UPDATE bouts SET stop_index = 40", {"bouts"}),
        ("UPDATE bouts SET start_index = -1", {"bouts"}),
    ],
)
def test_a_changed_row_is_found_and_nothing_else_is_accused(whole, statement, found):
    change(whole, statement)
    assert found <= set(failed(whole)) <= found | {"order of observations, arena left", "embeddings, arena left"}


def test_an_end_that_was_moved_is_found(whole):
    change(whole, "UPDATE session_end SET last_index = 38")
    assert set(failed(whole)) >= {"accounting, arena left", "accounting, arena right"}
    findings = {check.name: check.finding for check in verify(whole).checks}
    assert findings["accounting, arena left"] == "exposure 39 has a fate, but the last one is said to be 38"
    change(whole, "UPDATE session_end SET last_index = 41")
    assert set(failed(whole)) >= {"accounting, arena left", "exposures, arena right"}


def test_an_exposure_after_the_end_is_found(whole):
    change(
        whole,
        "INSERT INTO exposures SELECT 40, media_ns, captured_ns, received_ns, NULL, NULL, 0 FROM exposures "
        "WHERE frame_index = 39",
    )
    assert failed(whole) == ["exposures, arena left", "exposures, arena right"]


def test_a_video_that_is_gone_is_found(whole):
    (whole / "video_000.mkv").unlink()
    assert failed(whole) == ["video video_000.mkv"]


def test_a_video_that_was_cut_short_is_found(whole):
    video = whole / "video_001.mkv"
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    assert failed(whole) == ["video video_001.mkv"]


def test_a_video_that_the_log_does_not_know_is_found(whole):
    shutil.copy(whole / "video_001.mkv", whole / "video_002.mkv")
    assert failed(whole) == ["video video_002.mkv"]


def test_only_the_last_segment_of_a_killed_session_may_be_cut_short(whole):
    change(whole, "DELETE FROM session_end")
    for name, passes in (("video_001.mkv", True), ("video_000.mkv", False)):
        video = whole / name
        video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
        assert (failed(whole) == []) is passes


def test_a_killed_session_may_not_lack_more_than_a_second_of_video(tmp_path):
    path = make_folder(tmp_path / "session")
    log, video = SessionLog(path), VideoRecorder(path, RecordConfig(), INFO)
    for index in range(150):
        log.write(video.write(frame(index, np.zeros((48, 64), np.uint8))))
        for arena in ("left", "right"):
            log.write(observation(arena, index))
    video.close()
    log.end("stopped", 149)
    log.close()
    change(path, "DELETE FROM session_end")
    file = path / "video_000.mkv"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 3 // 4])
    assert failed(path) == []
    file.write_bytes(content[: len(content) // 8])
    assert failed(path) == ["video video_000.mkv"]


@pytest.mark.parametrize("end", ["DELETE FROM session_end", f"UPDATE session_end SET how = '{RECORDING_FAILED}'"])
def test_where_a_session_was_cut_off_exposures_may_be_ahead_of_observations(tmp_path, end):
    path = recorded(tmp_path / "session", ["observed"] * 10)
    change(path, end)
    for index in (8, 9):
        for arena in ("left", "right"):
            change(path, f"DELETE FROM observations WHERE frame_index = {index} AND arena = '{arena}'")
    if "UPDATE" in end:
        change(path, "UPDATE session_end SET last_index = 7")
    assert failed(path) == []
    change(path, "DELETE FROM exposures WHERE frame_index = 3")
    assert failed(path) == ["exposures, arena left", "exposures, arena right"]


def test_a_killed_session_whose_exposures_are_far_behind_is_found(tmp_path):
    path = recorded(tmp_path / "session", ["observed"] * 120)
    change(path, "DELETE FROM session_end")
    database = sqlite3.connect(path / "log.sqlite")
    database.execute("DELETE FROM exposures WHERE frame_index > 50")
    database.commit()
    assert failed(path) == []
    database.execute("DELETE FROM exposures WHERE frame_index > 10")
    database.commit()
    database.close()
    assert failed(path) == ["lag"]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM embeddings WHERE frame_index = 4 AND arena = 'left'", "embeddings, arena left"),
        ("DELETE FROM embeddings WHERE frame_index = 38 AND arena = 'left'", "embeddings, arena left"),
        ("UPDATE embeddings SET frame_index = 5 WHERE frame_index = 4 AND arena = 'left'", "embeddings, arena left"),
        ("UPDATE embeddings SET vector = x'0000' WHERE frame_index = 4 AND arena = 'left'", "embeddings, arena left"),
        ("UPDATE store SET model_id = 'another'", "embeddings"),
    ],
)
def test_changed_embeddings_are_found(whole, statement, found):
    change(whole, statement, "embeddings.sqlite")
    assert failed(whole) == [found]


def test_a_referenced_file_is_compared_where_it_still_exists(tmp_path):
    path = recorded(tmp_path / "session", ["edge"])
    recording = tmp_path / "recording.mp4"
    recording.write_bytes(b"pictures")
    session = path / "session.json"
    document = msgspec.json.decode(session.read_bytes())
    identity = FileIdentity(path=str(recording), sha256=sha256(b"pictures").hexdigest())
    session.write_bytes(msgspec.json.encode({**document, "replayed": identity}))
    assert failed(path) == []
    recording.write_bytes(b"others")
    assert failed(path) == ["recording"]
    recording.unlink()
    assert failed(path) == []


def test_a_session_without_exposures_verifies(tmp_path):
    path = make_folder(tmp_path / "session")
    log = SessionLog(path)
    log.end("source lost", -1, "there never was a frame")
    log.close()
    assert failed(path) == []


def test_something_else_than_a_session_is_refused(tmp_path):
    with pytest.raises(FolderError, match="not a session folder"):
        verify(tmp_path)


def test_the_command_prints_every_check_and_its_status_says_whether_all_passed(whole):
    result = CliRunner().invoke(command, [str(whole)])
    assert result.exit_code == 0
    assert "all 18 checks passed, 40 exposures" in result.output
    (whole / "video_000.mkv").unlink()
    result = CliRunner().invoke(command, [str(whole)])
    assert result.exit_code == 1
    assert "FAILED" in result.output
    assert "1 of 18 checks failed" in result.output


@pytest.mark.parametrize(("n_stored", "passes"), [(149, True), (60, True), (40, False)])
def test_a_killed_session_may_not_lack_more_than_a_second_of_embeddings(tmp_path, n_stored, passes):
    path = recorded(tmp_path / "session", ["observed"] * 150)
    change(path, "DELETE FROM session_end")
    store = EmbeddingStore(path, 1, MODEL_ID)
    for index in range(n_stored):
        store.write(embeddings(index))
    store.close()
    assert failed(path) == ([] if passes else ["embeddings, arena left", "embeddings, arena right"])
