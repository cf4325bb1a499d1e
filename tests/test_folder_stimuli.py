"""What the session folder keeps of stimuli: decisions, deliveries, devices' clocks, and what is blinded."""

import hashlib
import json
import sqlite3
import stat
import sys
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import folder
from selfee_rt.errors import FolderError
from selfee_rt.folder import SessionFolder
from selfee_rt.folder.rows_stimuli import delivery_of, delivery_row, trigger_of, trigger_row
from selfee_rt.folder.schema import LATER_TABLES
from selfee_rt.record.log import SessionLog
from selfee_rt.stimuli import (
    ClockSample,
    Delivery,
    DeviceClock,
    DeviceInfo,
    DeviceSync,
    SyncEdge,
    Train,
    Trigger,
)
from tests.record.history import make_folder, record, write
from tests.stimuli import delivery, trigger

SEEDS = {"song": 2**63 - 1, "on 'wing' é": 0}
AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

integer = st.integers(-(2**63), 2**63 - 1)
plain = st.none() | st.booleans() | integer | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@pytest.fixture
def older(tmp_path):
    """A session as it was recorded before there were stimuli: its log has no table for them, its record no word."""
    made = make_folder(tmp_path / "older")
    log = SessionLog(made)
    write(log, ["edge", "observed"])
    log.end("stopped", 1)
    log.close()
    database = sqlite3.connect(made / "log.sqlite", isolation_level=None)
    for table in LATER_TABLES:
        database.execute(f"DROP TABLE {table}")
    database.close()
    document = json.loads((made / "session.json").read_text())
    del document["stimulation"], document["continues"]
    (made / "session.json").write_text(json.dumps(document))
    return made


@given(
    trigger=st.builds(
        Trigger,
        **dict.fromkeys(["trigger_id", "frame_index", "newest_index"], integer),
        **dict.fromkeys(["media_ns", "newest_captured_ns", "decided_ns"], integer),
        trial=st.none() | integer,
        evidence=st.dictionaries(st.text(), plain | st.lists(plain)),
    )
)
def test_any_decision_survives_its_row(trigger):
    assert trigger_of(trigger_row(trigger)) == trigger


@given(
    delivery=st.builds(
        Delivery,
        trigger_id=integer,
        at_ns=integer,
        **dict.fromkeys(["sent_ns", "acknowledged_ns", "device_us"], st.none() | integer),
    )
)
def test_any_delivery_survives_its_row(delivery):
    assert delivery_of(delivery_row(delivery)) == delivery


def test_everything_about_stimuli_that_is_written_is_read_back(tmp_path):
    made = make_folder(tmp_path / "session")
    triggers = [trigger(1), trigger(2, arena="right"), trigger(3, verdict="late", why="too old", trial=None)]
    deliveries = [delivery(1), delivery(2, outcome="failed", why="lost", acknowledged_ns=None, device_us=None)]
    samples, edges = [ClockSample(1, 3, 2), ClockSample(10, 12, 2**33)], [SyncEdge(0, 7), SyncEdge(1, 2**33)]
    log = SessionLog(made)
    for item in (*triggers, *deliveries):
        log.write(item)
    for device, sample, edge in zip(("led", "other"), samples, edges, strict=True):
        log.write(DeviceClock(device, sample))
        log.write(DeviceSync(device, edge))
    log.end("stopped", -1)
    log.close()
    with SessionFolder(made) as opened:
        assert list(opened.triggers()) == triggers
        assert list(opened.triggers("right")) == [triggers[1]]
        assert list(opened.deliveries()) == deliveries
        for device, sample, edge in zip(("led", "other"), samples, edges, strict=True):
            assert list(opened.device_clock(device)) == [sample]
            assert list(opened.sync_edges(device)) == [edge]
        assert list(opened.device_clock("absent")) == []


def test_a_folder_from_before_there_were_stimuli_reads_as_having_none(older):
    with SessionFolder(older) as opened:
        opened.hold()
        assert opened.last_index == 1
        assert (opened.record.stimulation, opened.record.continues) == (None, None)
        assert list(opened.triggers()) == list(opened.triggers("left")) == list(opened.deliveries()) == []
        assert list(opened.device_clock("led")) == list(opened.sync_edges("led")) == []
        assert opened.integers("triggers", "trigger_id", "decided_ns").shape == (0, 2)


def test_a_table_that_was_always_there_is_still_missed(older):
    database = sqlite3.connect(older / "log.sqlite")
    database.execute("DROP TABLE bouts")
    database.close()
    with SessionFolder(older) as opened, pytest.raises(FolderError, match="bouts"):
        list(opened.bouts())


def test_a_record_with_stimuli_is_read_back_as_it_was_written(tmp_path):
    info = DeviceInfo("firmware 1 on /dev/ttyACM0", True, True, True, 200, ("a note",))
    rules = tuple(
        folder.RuleRecord(name=name, arena="left", device="led", subject=None, train=Train(5000, 25_000, 20), seed=seed)
        for name, seed in (("song", 2**63), ("blinded", None))
    )
    written = msgspec.structs.replace(
        record(),
        stimulation=folder.StimulationRecord(
            devices=(folder.DeviceRecord(name="led", info=info),), rules=rules, blind=True, blinding_sha256="0" * 64
        ),
        continues=folder.ContinuedRecord(path="/sessions/before", session_id="1" * 32),
    )
    made = folder.create(tmp_path / "session")
    folder.write_record(made, written)
    assert folder.read_record(made) == written


def test_seeds_are_read_back_by_whoever_has_the_record(tmp_path):
    sha256 = folder.write_blinding(tmp_path, SEEDS)
    assert hashlib.sha256((tmp_path / "blinding.json").read_bytes()).hexdigest() == sha256
    assert folder.read_blinding(tmp_path, sha256) == SEEDS


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX permissions")
def test_only_their_user_can_read_the_seeds(tmp_path):
    folder.write_blinding(tmp_path, SEEDS)
    assert stat.S_IMODE((tmp_path / "blinding.json").stat().st_mode) == 0o600


def test_seeds_are_never_overwritten(tmp_path):
    sha256 = folder.write_blinding(tmp_path, SEEDS)
    with pytest.raises(FolderError, match=r"blinding\.json exists"):
        folder.write_blinding(tmp_path, {"song": 1})
    assert folder.read_blinding(tmp_path, sha256) == SEEDS


def test_seeds_that_were_changed_are_refused(tmp_path):
    sha256 = folder.write_blinding(tmp_path, SEEDS)
    path = tmp_path / "blinding.json"
    path.write_bytes(path.read_bytes().replace(b"song", b"sang"))
    with pytest.raises(FolderError, match="was changed after the session began"):
        folder.read_blinding(tmp_path, sha256)


def test_seeds_that_are_gone_say_what_that_means(tmp_path):
    with pytest.raises(FolderError, match="which trials were sham follows from nothing else"):
        folder.read_blinding(tmp_path, "0" * 64)


def test_seeds_that_cannot_be_written_say_where(tmp_path):
    with pytest.raises(FolderError, match=r"cannot write .*blinding\.json"):
        folder.write_blinding(tmp_path / "absent", SEEDS)


def test_every_unblinding_is_a_line_of_its_own(tmp_path):
    assert folder.read_unblindings(tmp_path) == ()
    folder.log_unblinding(tmp_path, "ada", "the analysis\nas preregistered", AT)
    folder.log_unblinding(tmp_path, "bea", "again", AT)
    lines = (tmp_path / "unblinded.jsonl").read_bytes().decode().splitlines()
    assert json.loads(lines[0]) == {
        "at": "2026-03-01T12:30:00+00:00",
        "who": "ada",
        "why": "the analysis\nas preregistered",
    }
    assert [each.who for each in folder.read_unblindings(tmp_path)] == ["ada", "bea"]


def test_an_unblinding_that_cannot_be_logged_is_refused(tmp_path):
    with pytest.raises(FolderError, match=r"cannot write .*unblinded\.jsonl"):
        folder.log_unblinding(tmp_path / "absent", "ada", "why", AT)


def test_a_damaged_list_of_unblindings_is_refused(tmp_path):
    (tmp_path / "unblinded.jsonl").write_text('{"at": ')
    with pytest.raises(FolderError, match="one JSON object"):
        folder.read_unblindings(tmp_path)
