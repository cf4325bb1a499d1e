"""The session folder: its record, and reading it in whatever state it was left."""

import json
import shutil
import sqlite3
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import clock, folder
from selfee_rt.errors import FolderError
from selfee_rt.folder import HopTime, SessionFolder
from selfee_rt.folder.rows import observation_of, observation_row
from selfee_rt.folder.schema import LOG_TABLES, segment_name, segment_number
from selfee_rt.record.log import SessionLog
from selfee_rt.types import Exposure, Observation
from tests.record.disk import make_read_only, small_disk
from tests.record.history import make_folder, observation, record, write

count = st.integers(0, 2**62)
number = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def killed(tmp_path):
    """What a session leaves that was killed after its exposure 2: the tables' newest rows only in the `-wal` file."""
    running = make_folder(tmp_path / "running")
    log = SessionLog(running)
    log.commit_if_due(0)
    write(log, ["edge", "observed", "observed"])
    log.commit_if_due(10**9)
    left = tmp_path / "killed"
    shutil.copytree(running, left, ignore=shutil.ignore_patterns("*-shm"))
    log.close()
    return left


def test_a_record_is_read_back_as_it_was_written(tmp_path):
    made, written = folder.create(tmp_path / "a" / "b"), record()
    folder.write_record(made, written)
    assert folder.read_record(made) == written
    assert [file.name for file in made.iterdir()] == ["session.json"]


def test_a_folder_that_exists_is_refused_and_left_alone(tmp_path):
    with pytest.raises(FolderError, match=f"{tmp_path.name} exists.*choose another"):
        folder.create(tmp_path)


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="cannot make the session folder"):
        folder.create(tmp_path / "file" / "session")


def test_a_record_is_never_overwritten(tmp_path):
    made = make_folder(tmp_path / "session")
    before = (made / "session.json").read_bytes()
    with pytest.raises(FolderError, match="exists"):
        folder.write_record(made, record())
    assert (made / "session.json").read_bytes() == before


def test_a_record_that_cannot_be_written_says_where(tmp_path):
    with pytest.raises(FolderError, match="cannot write"):
        folder.write_record(tmp_path / "absent", record())


def test_the_anchor_is_one_instant_on_both_clocks():
    anchor = folder.Anchor.now()
    assert abs(clock.now_ns() - anchor.host_ns) < 60 * clock.NS_PER_S
    assert datetime.fromisoformat(anchor.utc) == datetime.fromisoformat(anchor.local)
    assert datetime.fromisoformat(anchor.utc).utcoffset() == timedelta(0)


def test_versions_name_what_is_installed_and_nothing_else():
    versions = folder.installed_versions()
    assert {"python", "platform", "numpy", "av", "onnxruntime"} <= set(versions)
    assert all(versions.values())


@pytest.mark.parametrize("absent", ["session.json", "log.sqlite"])
def test_something_else_than_a_session_folder_is_refused(tmp_path, absent):
    made = make_folder(tmp_path / "session")
    SessionLog(made).close()
    (made / absent).unlink()
    with pytest.raises(FolderError, match=f"not a (whole )?session folder.*{absent}"):
        SessionFolder(made)


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b'{"schema": 1}', b'{"schema": 1, "name": 5}'])
def test_a_damaged_record_is_refused(tmp_path, content):
    made = make_folder(tmp_path / "session")
    (made / "session.json").write_bytes(content)
    with pytest.raises(FolderError, match=r"session\.json"):
        SessionFolder(made)


def test_a_record_of_another_schema_is_refused(tmp_path):
    made = make_folder(tmp_path / "session")
    document = json.loads((made / "session.json").read_text())
    (made / "session.json").write_text(json.dumps({**document, "schema": 99}))
    with pytest.raises(FolderError, match="schema 99, expected 1"):
        SessionFolder(made)


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_log_is_refused(tmp_path, content):
    made = make_folder(tmp_path / "session")
    (made / "log.sqlite").write_bytes(content)
    with pytest.raises(FolderError, match="damaged"):
        SessionFolder(made).last_index  # noqa: B018


def test_a_log_without_its_tables_is_refused(tmp_path):
    made = make_folder(tmp_path / "session")
    sqlite3.connect(made / "log.sqlite").close()
    with SessionFolder(made) as opened, pytest.raises(FolderError, match="session_end"):
        opened.last_index  # noqa: B018


def test_a_log_damaged_in_the_middle_is_refused_where_it_is_read(tmp_path):
    made = make_folder(tmp_path / "session")
    log = SessionLog(made)
    write(log, ["observed"] * 300)
    log.end("stopped", 299)
    log.close()
    content = bytearray((made / "log.sqlite").read_bytes())
    content[len(content) // 4 : len(content) // 4 * 3] = b"\xff" * (len(content) // 2)
    (made / "log.sqlite").write_bytes(content)
    with SessionFolder(made) as opened, pytest.raises(FolderError, match="damaged"):
        list(opened.observations())


def test_a_killed_session_is_read_up_to_its_last_transaction(killed):
    with SessionFolder(killed) as opened:
        assert opened.ended is None
        assert opened.last_index == 2
        assert [o.exposure.index for o in opened.observations("left")] == [1, 2]


def test_a_killed_session_is_read_on_read_only_media(killed, tmp_path):
    with small_disk(tmp_path / "disk", size_mib=12) as disk:
        shutil.copytree(killed, disk / "session")
        make_read_only(disk)
        with SessionFolder(disk / "session") as opened:
            assert opened.last_index == 2
            assert len(list(opened.exposures())) == 3


def test_a_finished_session_is_read_on_read_only_media_by_any_program(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=12) as disk:
        made = make_folder(disk / "session")
        log = SessionLog(made)
        write(log, ["edge", "observed"])
        log.end("stopped", 1)
        log.close()
        make_read_only(disk)
        with SessionFolder(made) as opened:
            assert opened.last_index == 1
        plain = sqlite3.connect(made / "log.sqlite")
        assert plain.execute("SELECT count(*) FROM observations").fetchone() == (2,)
        plain.close()


def test_a_log_still_in_write_ahead_mode_is_read_on_read_only_media(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=12) as disk:
        made = make_folder(disk / "session")
        log = SessionLog(made)
        write(log, ["edge", "observed"])
        log.end("stopped", 1)
        log.close()
        database = sqlite3.connect(made / "log.sqlite")
        database.execute("PRAGMA journal_mode = WAL")
        database.close()
        make_read_only(disk)
        with SessionFolder(made) as opened:
            assert opened.last_index == 1


def test_long_tables_are_read_whole_and_in_order(tmp_path):
    made = make_folder(tmp_path / "session")
    log = SessionLog(made)
    for index in range(2500):
        log.write(HopTime(index, "published", index))
    log.close()
    with SessionFolder(made) as opened:
        assert [time.frame_index for time in opened.hop_times()] == list(range(2500))


def test_a_running_session_can_be_read_and_is_not_held_up(tmp_path):
    made = make_folder(tmp_path / "session")
    log = SessionLog(made)
    with SessionFolder(made) as opened:
        rows = opened.observations()
        write(log, ["observed"])
        log.commit_if_due(0)
        log.commit_if_due(10**9)
        assert next(rows).arena == "left"
        write(log, ["edge"])
        log.end("stopped", 0)
        log.close()
        assert next(rows).arena == "right"
    with SessionFolder(made) as opened:
        assert opened.ended is not None


def test_a_running_session_that_is_held_stays_as_it_is(tmp_path):
    made = make_folder(tmp_path / "session")
    log = SessionLog(made)
    write(log, ["observed"])
    log.commit_if_due(0)
    log.commit_if_due(10**9)
    with SessionFolder(made) as opened:
        opened.hold()
        write(log, ["edge"])
        log.end("stopped", 0)
        log.close()
        assert opened.ended is None
        assert list(opened.losses("left")) == []
    with SessionFolder(made) as opened:
        assert opened.ended is not None


def test_segments_are_in_the_order_in_which_they_were_recorded(tmp_path):
    made = make_folder(tmp_path / "session")
    SessionLog(made).close()
    for name in (1000, 2, 999):
        (made / segment_name(name)).touch()
    with SessionFolder(made) as opened:
        assert [segment_number(path.name) for path in opened.segments] == [2, 999, 1000]


def test_the_tables_have_the_columns_of_the_public_format():
    columns = {name: {column.split()[0] for column in columns} for name, columns in LOG_TABLES.items()}
    assert {"frame_index", "media_ns", "captured_ns", "received_ns", "segment", "position"} <= columns["exposures"]
    promised = {"arena", "frame_index", "label_index", "label", "probabilities", "anomaly_score", "alarm", "revision"}
    assert promised | {"composed_ns", "embedded_ns", "observed_ns", "decided_ns"} <= columns["observations"]
    assert columns["losses"] == {"arena", "hop", "first_index", "last_index"}
    assert columns["actions"] == {"at_ns", "frame_index", "action", "arguments", "result"}


def test_the_score_of_the_first_detector_is_a_column_of_its_own(tmp_path):
    made = make_folder(tmp_path / "session")
    log = SessionLog(made)
    log.write(observation("left", 0))
    log.end("stopped", 0)
    log.close()
    database = sqlite3.connect(made / "log.sqlite")
    query = (
        "SELECT anomaly_score, json_extract(scores, '$.selfee'), json_extract(probabilities, '$[1]') FROM observations"
    )
    assert database.execute(query).fetchone() == (0.1, 0.1, 0.25)
    database.close()


@given(
    exposure=st.builds(Exposure, **dict.fromkeys(Exposure.__slots__, count)),
    label=st.none() | st.text(),
    probabilities=st.none() | st.lists(number).map(tuple),
    scores=st.dictionaries(st.text(), st.none() | number),
    alarm=st.none() | st.booleans(),
    stamps=st.tuples(count, count, count, count),
)
def test_any_observation_survives_its_row(exposure, label, probabilities, scores, alarm, stamps):
    before = Observation("left", exposure, 3, label, probabilities, scores, alarm, "after", 2, *stamps)
    after = observation_of(observation_row(before))
    assert [getattr(after, name) for name in Observation.__slots__] == [
        getattr(before, name) for name in Observation.__slots__
    ]
