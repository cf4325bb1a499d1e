"""The session's log."""

import sqlite3

import pytest

from selfee_rt.errors import FolderError, RecordingFailed
from selfee_rt.folder import HopTime, SessionFolder
from selfee_rt.folder.schema import BALLAST_FILE
from selfee_rt.record.log import SessionLog
from selfee_rt.stimuli import Order, Train
from selfee_rt.types import Action, Bout, Loss, StageStatus
from selfee_rt.workbench.verify import verify
from tests.record.disk import make_read_only, small_disk
from tests.record.history import exposure_row, make_folder, observation, write
from tests.stimuli import trigger

MS = 1_000_000


@pytest.fixture
def path(tmp_path):
    """A session folder that has its record and no log yet."""
    return make_folder(tmp_path / "session")


def fill(log: SessionLog) -> None:
    """Let the database grow by no more than it holds: SQLite's own disk-full error, on any disk."""
    database = log._tables._connection
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")


def make_space(log: SessionLog) -> None:
    log._tables._connection.execute("PRAGMA max_page_count = 1000000")


def test_everything_that_is_written_is_read_back(path):
    loss, bout = Loss("gap", 1, 3), Bout("left", "chasing", 0, 0, 0, 0)
    action = Action(5, 4, "set_threshold", {"detector": "selfee", "value": 0.5, "é": [1, None]}, "done")
    status = (
        StageStatus("embed", 5, 4, 1, 1.0, 2.0, 3.0, 4.0),
        StageStatus("log", 0, 0, 0, None, None, None, None, "!"),
    )
    row, time = exposure_row(0, segment="video_000.mkv", position=7), HopTime(0, "published", 9)
    log = SessionLog(path)
    for item in (row, observation("left", 0), observation("right", 0), loss, bout, action, status, time):
        log.write(item)
    log.end("stopped", 3, "because")
    log.close()

    with SessionFolder(path) as folder:
        assert list(folder.exposures()) == [row]
        assert [(o.arena, o.exposure, o.probabilities, o.scores, o.alarm) for o in folder.observations()] == [
            (arena, observation(arena, 0).exposure, (0.75, 0.25), {"selfee": 0.1}, False) for arena in ("left", "right")
        ]
        assert list(folder.losses("left")) == list(folder.losses("right")) == [loss]
        assert list(folder.bouts("left")) == [bout]
        assert list(folder.bouts("right")) == []
        assert list(folder.actions()) == [action]
        assert [stage for _, stage in folder.status()] == list(status)
        assert list(folder.hop_times()) == [time]
        assert folder.ended is not None
        assert (folder.ended.how, folder.ended.why, folder.ended.last_index) == ("stopped", "because", 3)


def test_what_only_a_device_may_see_is_never_written(path):
    log = SessionLog(path)
    with pytest.raises(KeyError):
        log.write(Order(trigger(), Train(5000, 5000, 1), withheld=True, expires_ns=None))  # type: ignore[arg-type]
    log.close()


def test_a_transaction_is_due_200_ms_after_the_last_one(path):
    log = SessionLog(path)
    with SessionFolder(path) as folder:
        log.commit_if_due(1000 * MS)
        log.write(Loss("edge", 0, 0))
        log.commit_if_due(1199 * MS)
        assert folder.last_index == -1
        log.commit_if_due(1200 * MS)
        assert folder.last_index == 0
        log.write(Loss("gap", 1, 1))
        log.commit_if_due(1399 * MS)
        assert folder.last_index == 0
        log.commit_if_due(1400 * MS)
        assert folder.last_index == 1
    log.close()


def test_a_transaction_never_splits_the_arenas_of_an_exposure(path):
    log = SessionLog(path)
    log.commit_if_due(0)
    with SessionFolder(path) as folder:
        log.write(observation("left", 0))
        log.commit_if_due(1000 * MS)
        assert list(folder.observations()) == []
        log.write(observation("right", 0))
        log.commit_if_due(1000 * MS)
        assert len(list(folder.observations())) == 2
    log.close()


def test_last_index_follows_what_is_written(path):
    log = SessionLog(path)
    assert log.last_index == -1
    log.write(Loss("edge", 0, 4))
    assert log.last_index == 4
    log.write(observation("left", 5))
    assert log.last_index == 5
    log.close()


def test_a_log_is_never_overwritten(path):
    SessionLog(path).close()
    with pytest.raises(FolderError, match=r"log\.sqlite exists"):
        SessionLog(path)


def test_a_log_needs_a_session_record(tmp_path):
    with pytest.raises(FolderError, match="not a session folder"):
        SessionLog(tmp_path)


def test_a_finished_log_is_one_plain_file_and_the_ballast_is_gone(path):
    log = SessionLog(path)
    assert (path / BALLAST_FILE).stat().st_size == 4 * 2**20
    write(log, ["observed"])
    log.end("stopped", 0)
    log.close()
    assert {file.name for file in path.iterdir()} == {"session.json", "log.sqlite"}


def test_a_full_disk_fails_once_loudly_and_loses_nothing(path):
    log = SessionLog(path)
    log.commit_if_due(0)
    write(log, ["observed"] * 10)
    log.commit_if_due(1000 * MS)
    fill(log)
    write(log, ["observed"] * 200)
    with pytest.raises(RecordingFailed, match="database or disk is full"):
        log.commit_if_due(2000 * MS)
    assert not (path / BALLAST_FILE).exists()
    with pytest.raises(RecordingFailed, match="disk is full"):
        log.write(observation("left", 200))
    log.commit_if_due(3000 * MS)
    make_space(log)
    log.end("recording failed", log.last_index, "disk full")
    log.close()
    with SessionFolder(path) as folder:
        assert folder.last_index == 199
        assert len(list(folder.observations("left"))) == 210


def test_where_not_even_the_ballast_helps_the_end_says_so(path):
    log = SessionLog(path)
    fill(log)
    write(log, ["observed"] * 200)
    with pytest.raises(RecordingFailed, match="full"):
        log.end("stopped", 199)
    log.close()
    with SessionFolder(path) as folder:
        assert folder.ended is None


def test_a_disk_that_really_is_full_keeps_what_was_recorded_and_the_end(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=12) as disk:
        path = make_folder(disk / "session")
        log = SessionLog(path)
        log.commit_if_due(0)
        filler = (disk / "filler").open("wb", buffering=0)
        with pytest.raises(OSError, match="No space"):
            while True:
                filler.write(bytes(2**16))
        filler.close()
        n_written = 0
        with pytest.raises(RecordingFailed, match="make space"):
            while True:
                log.write(exposure_row(n_written))
                log.write(observation("left", n_written))
                log.write(observation("right", n_written))
                n_written += 1
                log.commit_if_due(n_written * 10 * MS)
        log.end("recording failed", log.last_index, "disk full")
        log.close()
        report = verify(path)
        assert report.passed, [check for check in report.checks if not check.passed]
        assert report.ended is not None
        assert report.last_index == n_written - 1


def test_a_disk_that_is_found_full_only_at_the_end_still_takes_the_end(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=12) as disk:
        path = make_folder(disk / "session")
        log = SessionLog(path)
        with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(bytes(2**16))
        write(log, ["observed"] * 500)
        log.end("stopped", 499)
        log.close()
        assert verify(path).passed
        with SessionFolder(path) as folder:
            assert folder.ended is not None
            assert folder.ended.how == "stopped"


def test_a_row_that_the_format_refuses_is_named_each_time(path):
    log = SessionLog(path)
    log.write(HopTime(0, None, 0))  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(RecordingFailed, match=r"NOT NULL constraint failed: hop_times\.hop"):
            log.end("stopped", -1)
    log.close()


def test_a_disk_too_full_to_begin_is_refused_and_nothing_is_left_open(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=2) as disk:
        path = make_folder(disk / "session")
        with pytest.raises(RecordingFailed, match="make space"):
            SessionLog(path)


def test_a_read_only_disk_is_refused(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=12) as disk:
        path = make_folder(disk / "session")
        make_read_only(disk)
        with pytest.raises(RecordingFailed, match="cannot make"):
            SessionLog(path)


def test_another_program_that_holds_the_log_makes_recording_fail(path):
    log = SessionLog(path)
    log._tables._connection.execute("PRAGMA busy_timeout = 0")
    log.commit_if_due(0)
    log.write(Loss("edge", 0, 0))
    other = sqlite3.connect(path / "log.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordingFailed, match="locked"):
        log.commit_if_due(1000 * MS)
    other.close()
    log.end("recording failed", 0)
    log.close()


def test_a_closed_log_takes_nothing_more(path):
    log = SessionLog(path)
    log.close()
    log.close()
    with pytest.raises(RecordingFailed, match="closed"):
        log.write(Loss("edge", 0, 0))


def test_closing_in_the_middle_of_an_exposure_keeps_no_part_of_it(path):
    log = SessionLog(path)
    log.write(observation("left", 0))
    log.close()
    with SessionFolder(path) as folder:
        assert list(folder.observations()) == []
