"""Verification finds what is wrong with a session's stimuli, and only that."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import folder
from selfee_rt.folder import RECORDING_FAILED, SessionFolder, SessionRecord
from selfee_rt.folder.rows_stimuli import trigger_row
from selfee_rt.folder.schema import LATER_TABLES
from selfee_rt.record.log import SessionLog
from selfee_rt.stimuli import TRIALS, DeviceInfo, Train, Trigger
from selfee_rt.types import Action
from selfee_rt.workbench.verify import verify
from selfee_rt.workbench.verify.arming import armed_since, arming_changes
from selfee_rt.workbench.verify.doses import light_us
from tests import stimuli
from tests.record.history import exposure, exposure_row, observation, record

MS = 1_000_000
PULSE = {"on_ms": 20.0}
CONFIG = {
    "trigger": [
        {
            "name": "song",
            "arena": "left",
            "device": "led",
            "when": "chasing > 0.8",
            "pulse": PULSE,
            "refractory_ms": 100.0,
            "limits": {"per_minute": 3, "total_on_s": 0.06},
            "sham_fraction": 0.5,
            "max_age_ms": 50.0,
            "between_s": [[0.05, 0.6], [0.7, 0.9]],
        },
        {"name": "wing", "arena": "right", "device": "lamp", "when": "chasing > 0.8", "pulse": PULSE},
    ],
    "stimulation": {"arm_for_s": 0.5, "subject_limits": {"per_minute": 5, "total_on_s": 0.1}},
}
DEVICE_OF = {"song": ("left", "led"), "wing": ("right", "lamp")}
LAST_INDEX = 199


def described(*, blind: bool = False, sha256: str | None = None, continues: Path | None = None) -> SessionRecord:
    """The record of a session with two rules, each with its arena and device, and one animal."""
    info = DeviceInfo("rehearsal", True, False, True, 200)
    rules = tuple(
        folder.RuleRecord(
            name=name,
            arena=arena,
            device=device,
            subject=None,
            train=Train(20_000, 20_000, 1),
            seed=None if blind else 7,
        )
        for name, (arena, device) in DEVICE_OF.items()
    )
    stimulation = folder.StimulationRecord(
        devices=tuple(folder.DeviceRecord(name=device, info=info) for _, device in DEVICE_OF.values()),
        rules=rules,
        blind=blind,
        blinding_sha256=sha256,
    )
    before = (
        None
        if continues is None
        else folder.ContinuedRecord(path=str(continues), session_id=folder.read_record(continues).session_id)
    )
    return msgspec.structs.replace(record(), config=CONFIG, stimulation=stimulation, continues=before)


def decided(trigger_id: int, rule: str, index: int, trial: int | None = None, **changes) -> Trigger:
    """A decision of `rule` about exposure `index`."""
    arena, device = DEVICE_OF[rule]
    e = exposure(index)
    about = {
        "rule": rule,
        "arena": arena,
        "device": device,
        "frame_index": index,
        "newest_index": e.newest_index,
        "media_ns": e.newest_media_ns,
        "newest_captured_ns": e.newest_captured_ns,
        "decided_ns": observation(arena, index).decided_ns,
        "trial": trial,
    }
    return stimuli.trigger(trigger_id, **(about | changes))


def acted(index: int, action: str, **arguments) -> Action:
    return Action(exposure(index).newest_received_ns, index, action, arguments, "done")


HISTORY = [
    acted(5, "arm", rules=None),
    decided(1, "song", 10, 1),
    decided(2, "song", 15, verdict="refractory", why="too soon"),
    decided(3, "wing", 20, 1),
    decided(4, "song", 20, 2, verdict="sham"),
    acted(30, "disarm", rules=["wing"]),
    decided(5, "song", 30, 3),
    decided(6, "wing", 31, verdict="disarmed", why="not armed"),
    decided(7, "song", 45, verdict="limited", why="3 in a minute"),
    acted(55, "arming_ended", rules=["song"]),
    decided(8, "song", 57, verdict="disarmed", why="not armed"),
    acted(60, "arm", rules=["wing"]),
    decided(9, "wing", 61, 2),
    acted(62, "disarm_all"),
]
"""Two seconds at 100 fps, in which three trials of "song" and two of "wing" are made."""


def recorded(path: Path, history: list[Action | Trigger], made_of: SessionRecord, *, ended: bool = True) -> Path:
    """A session with this history, each trial with its delivery a millisecond later."""
    path.mkdir(exist_ok=True)
    folder.write_record(path, made_of)
    log = SessionLog(path)
    for index in range(LAST_INDEX + 1):
        log.write(exposure_row(index))
        for arena in ("left", "right"):
            log.write(observation(arena, index))
    for item in history:
        log.write(item)
        if isinstance(item, Trigger) and item.verdict in TRIALS:
            log.write(delivered(item))
    if ended:
        log.end("stopped", LAST_INDEX)
    log.close()
    return path


def delivered(trial: Trigger):
    sent_ns = trial.decided_ns + 1000
    return stimuli.delivery(
        trial.trigger_id, device=trial.device, sent_ns=sent_ns, acknowledged_ns=sent_ns + MS, at_ns=sent_ns + MS
    )


@pytest.fixture
def session(tmp_path):
    return recorded(tmp_path / "session", HISTORY, described())


@pytest.fixture
def blinded(tmp_path):
    path = tmp_path / "blinded"
    path.mkdir()
    sha256 = folder.write_blinding(path, {"song": 7, "wing": 8})
    history = [hidden(item) if isinstance(item, Trigger) else item for item in HISTORY]
    return recorded(path, history, described(blind=True, sha256=sha256))


def hidden(trigger: Trigger) -> Trigger:
    verdict = "blinded" if trigger.verdict in ("fired", "sham") else trigger.verdict
    return decided(trigger.trigger_id, trigger.rule, trigger.frame_index, trigger.trial, verdict=verdict)


def failed(path: Path) -> dict[str, str]:
    return {check.name: check.finding for check in verify(path).checks if not check.passed}


def change(path: Path, *statements: str) -> None:
    """Change a finished session behind our back."""
    database = sqlite3.connect(path / "log.sqlite", isolation_level=None)
    for statement in statements:
        assert database.execute(statement).rowcount >= 1, statement
    database.close()


def rewrite(path: Path, **changes) -> None:
    """Change a finished session's record."""
    changed = msgspec.structs.replace(folder.read_record(path), **changes)
    (path / "session.json").write_bytes(msgspec.json.encode(changed))


def test_a_session_with_stimuli_verifies_with_its_numbers(session):
    findings = {check.name: check.finding for check in verify(session).checks}
    assert failed(session) == {}
    assert findings["decisions"] == "9 in all, 4 fired, 1 refractory, 1 sham, 2 disarmed, 1 limited"
    assert findings["trials"] == "3 of 'song', 2 of 'wing'"
    assert findings["deliveries"] == "5 of 5 trials"
    assert findings["limits, rule 'song'"] == "3 trials, 0.06 s of light, with shams"
    assert findings["limits, the subject"] == "5 trials, 0.1 s of light, with shams"
    assert findings["arming"] == "5 trials while armed; rules were armed 3x"
    assert findings["blinding"] == "not blinded; every rule's seed is recorded"


def test_a_blinded_session_verifies_and_says_who_has_looked(blinded):
    assert failed(blinded) == {}
    assert "nobody has looked" in {check.name: check.finding for check in verify(blinded).checks}["blinding"]
    folder.log_unblinding(blinded, "ada", "done", datetime(2026, 3, 1, tzinfo=UTC))
    finding = {check.name: check.finding for check in verify(blinded).checks}["blinding"]
    assert finding == "blinding.json is unchanged; unblinded 1x, first by ada at 2026-03-01T00:00:00+00:00"


TRIAL = "UPDATE triggers SET {} WHERE trigger_id = {}"
DELIVERY = "UPDATE deliveries SET {} WHERE trigger_id = {}"
LATER = "media_ns = {0}, newest_captured_ns = {0}, newest_index = {1}, frame_index = {1} - 2, decided_ns = {0} + 5000"


def at(index: int) -> str:
    """The columns of a decision whose newest exposure is `index`."""
    return LATER.format(index * 10 * MS, index)


@pytest.mark.parametrize(
    ("statement", "check", "finding"),
    [
        (TRIAL.format("trigger_id = 10", 9), "decisions", "decision 10 is where 9 is expected"),
        ("DELETE FROM triggers WHERE trigger_id = 2", "decisions", "decision 3 is where 2"),
        (TRIAL.format("trial = 4", 5), "trials", "trial 4 of 'song' is where 3 is expected"),
        (TRIAL.format("trial = 1", 4), "trials", "trial 1 of 'song' is where 2 is expected"),
        (TRIAL.format("trial = NULL", 5), "trials", "decision 5 is fired, but has no number"),
        (TRIAL.format("trial = 4", 7), "trials", "decision 7 is limited, but is trial 4"),
        (TRIAL.format("rule = 'other'", 2), "rules", "of 'other', which session.json does not name"),
        (TRIAL.format("device = 'lamp'", 2), "rules", "decision 2 is of left and lamp, but 'song' is of left and led"),
        (TRIAL.format("arena = 'right'", 2), "rules", "decision 2 is of right and led"),
        (TRIAL.format("verdict = 'blinded'", 1), "rules", "decision 1 is blinded in a session that is not blinded"),
        (TRIAL.format("media_ns = 7", 2), "agreement of decisions", "decision 2 has other times"),
        (TRIAL.format("newest_captured_ns = 7", 2), "agreement of decisions", "decision 2 has other times"),
        (TRIAL.format("newest_index = 7", 2), "agreement of decisions", "decision 2 has other times"),
        (TRIAL.format("frame_index = 200", 8), "agreement of decisions", "exposure 200, which was not observed"),
        (
            "DELETE FROM deliveries WHERE trigger_id = 4",
            "deliveries",
            "trial 4 has no delivery; 4 of 5 trials have one",
        ),
        (DELIVERY.format("trigger_id = 3", 4), "deliveries", "trial 3 has two deliveries"),
        (DELIVERY.format("trigger_id = 2", 4), "deliveries", "a delivery of 2, which is no trial"),
        (DELIVERY.format("trigger_id = 99", 4), "deliveries", "a delivery of 99, which is no trial"),
        (DELIVERY.format("device = 'lamp'", 4), "deliveries", "trial 4 was for led and delivered by lamp"),
        (
            DELIVERY.format("acknowledged_ns = sent_ns - 1", 4),
            "deliveries",
            "trial 4 was decided, sent and acknowledged",
        ),
        (DELIVERY.format("sent_ns = 1", 4), "deliveries", "trial 4 was decided, sent and acknowledged out of order"),
        (DELIVERY.format("sent_ns = NULL", 4), "deliveries", "acknowledged, but there is no time at which it was sent"),
        (
            DELIVERY.format("acknowledged_ns = NULL", 4),
            "deliveries",
            "acknowledged, but there is no time at which it was",
        ),
        (DELIVERY.format("outcome = 'late'", 4), "deliveries", "trial 4 is late, but was sent"),
        (
            DELIVERY.format("outcome = 'sent', sent_ns = NULL, acknowledged_ns = NULL", 4),
            "deliveries",
            "trial 4 is sent, but there is no time",
        ),
        (TRIAL.format(at(31), 5), "limits, rule 'song'", "trial 5 came 90 ms after the one before, expected 100"),
        (TRIAL.format("decided_ns = newest_captured_ns + 50000001", 5), "limits, rule 'song'", "50.000 ms after its"),
        ("DELETE FROM actions WHERE frame_index = 5", "arming", "trial 1 at exposure 10: 'song' was not armed"),
        ("DELETE FROM actions WHERE frame_index = 60", "arming", "trial 9 at exposure 61: 'wing' was not armed"),
        ("UPDATE actions SET frame_index = 11 WHERE frame_index = 5", "arming", "trial 1 at exposure 10"),
        ("UPDATE actions SET frame_index = 30 WHERE frame_index = 55", "arming", "trial 5 at exposure 30"),
        ("UPDATE actions SET frame_index = 61 WHERE frame_index = 62", "arming", "trial 9 at exposure 61"),
        (
            "UPDATE actions SET action = 'device_lost', frame_index = 25 WHERE frame_index = 55",
            "arming",
            "trial 5 at exposure 30: 'song' was not armed",
        ),
    ],
)
def test_each_property_is_missed_when_it_is_broken(session, statement, check, finding):
    change(session, statement)
    found = failed(session)
    assert check in found
    assert finding in found[check]


def other(**changes) -> dict:
    """The configuration with the rule "song" changed."""
    song, wing = CONFIG["trigger"]
    return {**CONFIG, "trigger": [song | changes, wing]}


@pytest.mark.parametrize(
    ("config", "check", "finding"),
    [
        (other(limits={"per_minute": 2}), "limits, rule 'song'", "3 trials lie within a minute, expected at most 2"),
        (
            other(limits={"total_on_s": 0.05}),
            "limits, rule 'song'",
            "0.06 s of light were given, expected at most 0.05",
        ),
        (other(refractory_ms=100.1), "limits, rule 'song'", "trial 4 came 100 ms after the one before, expected 100.1"),
        (other(between_s=[[0.2, 1.0]]), "limits, rule 'song'", "trial 1 came at 0.100 s, expected within one of"),
        (other(max_age_ms=0.004), "limits, rule 'song'", "trial 1 was decided 0.005 ms after its exposure"),
        (other(name="tune"), "limits, rule 'song'", "the stored configuration has no such rule"),
        (other(pulse="?"), "limits, rule 'song'", "the stored configuration has no such rule, or not as it should be"),
        ({"stimulation": CONFIG["stimulation"]}, "limits, rule 'wing'", "the stored configuration has no such rule"),
        (
            {**CONFIG, "stimulation": {"subject_limits": {"per_minute": 4}}},
            "limits, the subject",
            "5 trials lie within a minute, expected at most 4",
        ),
        (
            {**CONFIG, "stimulation": {"subject_limits": {"total_on_s": 0.09}}},
            "limits, the subject",
            "0.1 s of light were given, expected at most 0.09",
        ),
        ({**CONFIG, "stimulation": {"subject_limits": 5}}, "limits, the subject", "not as it should be"),
        (
            {**CONFIG, "stimulation": {"arm_for_s": 0.24}},
            "arming",
            "trial 5 came 0.250 s after arming, which lasts 0.24 s",
        ),
    ],
)
def test_what_was_given_is_held_against_the_stored_configuration(session, config, check, finding):
    rewrite(session, config=config)
    assert finding in failed(session)[check]


def test_refractory_time_is_never_less_than_the_train(session):
    stimulation = folder.read_record(session).stimulation
    song, wing = stimulation.rules
    long = msgspec.structs.replace(song, train=Train(1000, 100_000, 2))
    rewrite(session, stimulation=msgspec.structs.replace(stimulation, rules=(long, wing)))
    assert "trial 4 came 100 ms after the one before, expected 101" in failed(session)["limits, rule 'song'"]


def test_age_is_asked_for_only_where_the_input_is_paced(session):
    rewrite(session, config=other(max_age_ms=0.004))
    assert "limits, rule 'song'" in failed(session)
    rewrite(session, source=replace(folder.read_record(session).source, paced=False))
    assert failed(session) == {}


def test_limits_per_subject_hold_for_each_subject_alone(session):
    stimulation = folder.read_record(session).stimulation
    rules = tuple(
        msgspec.structs.replace(rule, subject=name)
        for rule, name in zip(stimulation.rules, ("ada", "bea"), strict=True)
    )
    rewrite(
        session,
        stimulation=msgspec.structs.replace(stimulation, rules=rules),
        config={**CONFIG, "stimulation": {"subject_limits": {"per_minute": 2}}},
    )
    assert failed(session) == {"limits, subject 'ada'": "3 trials lie within a minute, expected at most 2"}


def test_a_test_is_a_trial_that_needs_no_number_and_comes_after_its_exposure(tmp_path):
    history = [acted(21, "arm", rules=None), decided(1, "wing", 20, origin="test")]
    path = recorded(tmp_path / "session", history, described())
    assert failed(path) == {}


def test_a_test_asked_for_before_arming_is_found(tmp_path):
    history = [acted(21, "arm", rules=None), acted(22, "disarm_all"), decided(1, "wing", 21, 1, origin="test")]
    path = recorded(tmp_path / "session", history, described())
    assert failed(path) == {"arming": "trial 1 at exposure 21: 'wing' was not armed"}


ENDS = ("disarm", "disarm_all", "arming_ended", "device_lost")


@given(
    actions=st.lists(
        st.tuples(
            st.integers(0, 20),
            st.sampled_from(["arm", "arm", "arm", "mark", "arming_ends_soon", "device_tripped", *ENDS]),
            st.sampled_from([None, ["song"], ["wing"], ["song", "wing"]]),
        ),
        max_size=12,
    ).map(lambda actions: sorted(actions, key=lambda action: action[0])),
    index=st.integers(0, 21),
)
def test_what_is_armed_is_what_the_actions_up_to_an_exposure_leave(actions, index):
    since = {"song": None, "wing": None}
    for at_index, action, rules in actions:
        for rule in since if rules is None else rules:
            if at_index <= index and action == "arm":
                since[rule] = at_index
            elif at_index <= index and action in ENDS:
                since[rule] = None
    changes = arming_changes([acted(at, action, rules=rules) for at, action, rules in actions], ["song", "wing"])
    assert {rule: armed_since(decided(1, rule, index), changes[rule]) for rule in since} == since


def test_seeds_that_were_changed_or_lost_are_found(blinded):
    sealed = blinded / "blinding.json"
    content = sealed.read_bytes()
    sealed.write_bytes(content.replace(b"7", b"9"))
    assert "was changed after the session began" in failed(blinded)["blinding"]
    sealed.unlink()
    assert "cannot read" in failed(blinded)["blinding"]


def test_a_damaged_list_of_those_who_looked_is_found(blinded):
    (blinded / "unblinded.jsonl").write_text("ada\n")
    assert "every line should be one JSON object" in failed(blinded)["blinding"]


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"blinding_sha256": None}, "blind = True, and the sha256 of blinding.json is None"),
        ({"blind": False}, "blind = False, and the sha256"),
        ({"rules": described().stimulation.rules}, "session.json holds the seed of 'song'"),
    ],
)
def test_a_record_that_does_not_blind_as_it_says_is_found(blinded, changes, finding):
    rewrite(blinded, stimulation=msgspec.structs.replace(folder.read_record(blinded).stimulation, **changes))
    assert finding in failed(blinded)["blinding"]


def test_a_seed_that_was_not_recorded_is_found(session, blinded):
    lost = folder.read_record(blinded).stimulation.rules
    rewrite(session, stimulation=msgspec.structs.replace(folder.read_record(session).stimulation, rules=lost))
    assert failed(session) == {"blinding": "the seed of 'song' is not recorded"}


def test_a_verdict_that_unblinds_is_found(blinded):
    change(blinded, TRIAL.format("verdict = 'sham'", 4))
    assert failed(blinded) == {"rules": "decision 4 is sham in a session that is blinded"}


@pytest.mark.parametrize("end", ["DELETE FROM session_end", f"UPDATE session_end SET how = '{RECORDING_FAILED}'"])
def test_where_a_session_was_cut_off_its_last_trials_may_lack_what_became_of_them(session, end):
    change(
        session,
        end,
        "DELETE FROM observations WHERE frame_index > 110",
        "DELETE FROM exposures WHERE frame_index > 110",
    )
    if "UPDATE" in end:
        change(session, "UPDATE session_end SET last_index = 110")
    change(session, "DELETE FROM deliveries WHERE trigger_id >= 5")
    assert failed(session) == {}
    findings = {check.name: check.finding for check in verify(session).checks}
    assert findings["deliveries"] == "3 of 5 trials; the log ends before what became of the last 2"


def test_a_trial_long_before_the_end_of_a_killed_session_may_not(session):
    change(session, "DELETE FROM session_end", "DELETE FROM deliveries WHERE trigger_id = 1")
    assert failed(session) == {"deliveries": "trial 1 has no delivery; 4 of 5 trials have one"}


def test_a_session_that_ended_lacks_nothing_not_even_at_its_end(session):
    last = decided(10, "wing", LAST_INDEX - 5, 3)
    database = sqlite3.connect(session / "log.sqlite")
    database.execute(f"INSERT INTO triggers VALUES ({', '.join('?' * 14)})", trigger_row(last))
    database.execute("DELETE FROM actions WHERE action = 'disarm_all'")
    database.commit()
    database.close()
    assert "trial 10 has no delivery" in failed(session)["deliveries"]
    change(session, "DELETE FROM session_end")
    assert "deliveries" not in failed(session)


def test_a_delivery_before_its_decision_is_a_note_where_the_session_was_cut_off_and_a_failure_where_it_ended(session):
    change(session, "DELETE FROM triggers WHERE trigger_id = 9")
    assert failed(session)["deliveries"] == "there is a delivery of 9, which is no trial"
    change(session, "DELETE FROM session_end")
    assert failed(session) == {}
    (check,) = [check for check in verify(session).checks if check.name == "deliveries"]
    assert check.finding == "4 of 4 trials; the log ends before the decisions that led to 1 more"
    change(session, "DELETE FROM triggers WHERE trigger_id = 3")
    assert failed(session)["deliveries"] == "there is a delivery of 3, which is no trial"


def test_decisions_of_a_session_without_rules_are_found(session):
    rewrite(session, stimulation=None)
    assert failed(session) == {"stimuli": "9 decisions and 5 deliveries, but session.json names no rule"}


def test_a_session_from_before_there_were_stimuli_has_no_such_checks(session):
    rewrite(session, stimulation=None)
    database = sqlite3.connect(session / "log.sqlite")
    for table in LATER_TABLES:
        database.execute(f"DROP TABLE {table}")
    database.close()
    report = verify(session)
    assert report.passed
    assert not {"decisions", "deliveries", "arming", "blinding"} & {check.name for check in report.checks}


def test_a_session_that_continues_another_counts_on_and_has_its_light(session, tmp_path):
    history = [acted(5, "arm", rules=None), decided(1, "song", 10, 4), decided(2, "song", 20, 5)]
    path = recorded(tmp_path / "later", history, described(continues=session))
    found = failed(path)
    assert found == {
        "limits, rule 'song'": "0.1 s of light were given, expected at most 0.06",
        "limits, the subject": "0.14 s of light were given, expected at most 0.1",
    }
    with SessionFolder(path) as opened:
        assert light_us(opened) == {"song": 100_000, "wing": 40_000}


def test_sessions_that_continue_each_other_in_a_circle_are_counted_once(session, tmp_path):
    itself = folder.ContinuedRecord(path=str(session), session_id=folder.read_record(session).session_id)
    rewrite(session, continues=itself)
    path = recorded(tmp_path / "later", [], described(continues=session))
    with SessionFolder(path) as opened:
        assert light_us(opened) == {"song": 60_000, "wing": 40_000}


@pytest.mark.parametrize("how", ["gone", "another", "itself"])
def test_light_of_a_session_that_cannot_be_found_again_is_not_counted(session, tmp_path, how):
    history = [acted(5, "arm", rules=None), decided(1, "song", 10, 4)]
    path = recorded(tmp_path / "later", history, described(continues=session))
    if how == "gone":
        (session / "session.json").unlink()
    elif how == "another":
        rewrite(session, session_id="f" * 32)
    else:
        itself = folder.ContinuedRecord(path=str(path), session_id=folder.read_record(path).session_id)
        rewrite(path, continues=itself)
    assert failed(path) == {}
    with SessionFolder(path) as opened:
        assert light_us(opened) == {"song": 20_000}
