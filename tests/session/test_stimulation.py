"""Whole sessions with rules and devices: armed, disarmed, late, lost, blinded, continued, and decided again."""

import json
import sqlite3
import threading
from contextlib import contextmanager

import pytest
import zmq

from selfee_rt import build
from selfee_rt.errors import ConfigError, DeviceError, FolderError
from selfee_rt.folder import SessionFolder, read_blinding
from selfee_rt.session import Session
from selfee_rt.stimuli import TRIALS
from selfee_rt.workbench.rescore import rescore
from tests.session.board import Board
from tests.session.rig import Client, assert_verified, configure, fates, running, wait_until
from tests.support import need_module

NULL = [{"kind": "null", "name": "led"}]
EVERY = {"start_s": 0.2, "every_s": 0.2, "count": 10_000}


def rule(**changes):
    return {"name": "probe", "device": "led", "schedule": EVERY, "pulse": {"on_ms": 50}, "blank_ms": 20} | changes


def always(**changes):
    """Onsets wherever labels are known: when a stimulus is over, and again when the refractory time is."""
    return {k: v for k, v in rule().items() if k != "schedule"} | {"when": "chasing >= 0", "repeat": True} | changes


def stimulating(rig, out, *rules, stimulation=None, **sections):
    """A paced session of 60 exposures a second with rules on a null device."""
    paced = {"source": {"speed": 1.0, "seconds": None, "fps": 60}}
    return configure(
        rig,
        out,
        **{
            **paced,
            "device": NULL,
            "trigger": list(rules or (rule(),)),
            "stimulation": {"arm_for_s": 600} | (stimulation or {}),
            "model": {"allow_interval_mismatch": True},
            **sections,
        },
    )


@contextmanager
def client_of(session):
    client = Client(session)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def board(monkeypatch):
    """A board of ours instead of every device."""
    made = Board()
    monkeypatch.setattr(build, "actuator", lambda config: made)
    return made


def verdicts(folder):
    with SessionFolder(folder) as session:
        return [trigger.verdict for trigger in session.triggers()]


def deliveries(folder):
    with SessionFolder(folder) as session:
        return {delivery.trigger_id: delivery for delivery in session.deliveries()}


def actions(folder):
    with SessionFolder(folder) as session:
        return [action.action for action in session.actions()]


def assert_accounted_for(folder):
    """Every trial has one delivery, in a row of its own, by a query of our own."""
    with sqlite3.connect(folder / "log.sqlite") as log:
        (trials,) = log.execute(
            "SELECT count(*) FROM triggers WHERE verdict IN ('fired', 'sham', 'blinded')"
        ).fetchone()
        (delivered,) = log.execute("SELECT count(*) FROM deliveries").fetchone()
        (matched,) = log.execute(
            "SELECT count(DISTINCT trigger_id) FROM deliveries JOIN triggers USING (trigger_id)"
        ).fetchone()
    assert trials == delivered == matched
    return trials


def seen_of(session):
    return session.snapshot().stimulation


def test_nothing_fires_unless_it_is_armed_and_disarming_ends_it(rig, tmp_path):
    with running(stimulating(rig, tmp_path / "s")) as session, client_of(session) as client:
        wait_until(lambda: seen_of(session)["probe"].verdicts.get("disarmed", 0) >= 2)
        assert seen_of(session)["probe"].trials == 0
        assert not seen_of(session)["probe"].armed
        reply = client.ask("arm")
        assert reply["ok"], reply
        assert reply["result"]["rules"] == ["probe"]
        assert seen_of(session)["probe"].armed
        assert 590 < seen_of(session)["probe"].remaining_s <= 600
        wait_until(lambda: seen_of(session)["probe"].trials >= 3)
        assert client.ask("disarm_all")["ok"]
        trials = seen_of(session)["probe"].trials
        before = seen_of(session)["probe"].verdicts["disarmed"]
        wait_until(lambda: seen_of(session)["probe"].verdicts["disarmed"] > before)
        assert seen_of(session)["probe"].trials == trials
    assert assert_accounted_for(tmp_path / "s") == trials
    said = verdicts(tmp_path / "s")
    assert said[:2] == ["disarmed"] * 2
    assert said[-1] == "disarmed"
    assert {each.outcome for each in deliveries(tmp_path / "s").values()} == {"sent"}
    assert actions(tmp_path / "s")[:2] == ["arm", "disarm_all"]
    assert_verified(tmp_path / "s")
    fates(tmp_path / "s")


def test_what_is_asked_wrongly_is_refused(rig, tmp_path):
    with running(stimulating(rig, tmp_path / "s")) as session, client_of(session) as client:
        assert "expected one of: probe" in client.ask("arm", rules=["prob"])["error"]
        assert "expected one of: probe" in client.ask("disarm", rules=["prob"])["error"]
        assert "expected one of: probe" in client.ask("fire", rule="prob")["error"]
        assert "armed" in client.ask("fire", rule="probe")["error"]
    assert verdicts(tmp_path / "s").count("fired") == 0
    without = configure(rig, tmp_path / "t", source={"speed": 1.0, "seconds": None})
    with running(without) as session, client_of(session) as client:
        assert "no rule" in client.ask("arm")["error"]


def test_a_test_fire_is_answered_with_what_became_of_it(rig, tmp_path):
    late = rule(schedule={"at_s": [3000]})
    with running(stimulating(rig, tmp_path / "s", late)) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        assert client.ask("arm")["ok"]
        reply = client.ask("fire", rule="probe")
        assert reply["ok"], reply
        assert reply["result"]["outcome"] == "sent"
        trigger_id = reply["result"]["trigger_id"]
    with SessionFolder(tmp_path / "s") as folder:
        (trigger,) = folder.triggers()
    assert (trigger.trigger_id, trigger.origin, trigger.trial) == (trigger_id, "test", None)
    assert "fire" in actions(tmp_path / "s")
    assert_verified(tmp_path / "s")


def test_triggers_are_the_same_when_the_session_is_decided_again(rig, tmp_path):
    config = stimulating(
        rig,
        tmp_path / "s",
        rule(schedule=EVERY | {"every_s": 0.4}),
        always(name="label", device="other", sham_fraction=0.5, refractory_ms=500, limits={"per_minute": 7}),
        device=[*NULL, {"kind": "null", "name": "other"}],
    )
    with running(config) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 30)
        assert client.ask("arm")["ok"]
        wait_until(lambda: seen_of(session)["label"].trials >= 6)
        assert client.ask("disarm", rules=["label"])["ok"]
        assert client.ask("fire", rule="probe")["request_id"]
        wait_until(lambda: seen_of(session)["probe"].trials >= 6)
        assert client.ask("arm", rules=["label"])["ok"]
        wait_until(lambda: seen_of(session)["label"].verdicts.get("limited", 0) >= 1)
    with SessionFolder(tmp_path / "s") as folder:
        recorded = list(folder.triggers())
        stimulus = [row.stimulus for row in folder.observations("arena")]
    again, stimulus_again = [], []
    for decision in rescore(tmp_path / "s"):
        again += decision.triggers
        stimulus_again += [row.stimulus for row in decision.observations]
    assert [(t.trigger_id, t.rule, t.frame_index, t.verdict, t.why, t.trial) for t in again] == [
        (t.trigger_id, t.rule, t.frame_index, t.verdict, t.why, t.trial) for t in recorded
    ]
    assert stimulus_again == stimulus
    assert {"on", "after", "off"} == set(stimulus)
    assert {"fired", "sham", "refractory", "limited", "disarmed"} <= {t.verdict for t in recorded}
    assert_verified(tmp_path / "s")


def test_a_stalled_network_makes_decisions_late_and_never_fires_them(rig, tmp_path, monkeypatch):
    stall = threading.Event()
    make = build.embedder

    class Slow:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def embed(self, images):
            if stall.is_set():
                stall.wait(0)
                threading.Event().wait(0.3)
            return self.inner.embed(images)

    monkeypatch.setattr(build, "embedder", lambda *a, **k: Slow(make(*a, **k)))
    config = stimulating(rig, tmp_path / "s", rule(max_age_ms=150, schedule=EVERY | {"every_s": 0.4}))
    with running(config) as session, client_of(session) as client:
        assert client.ask("arm")["ok"]
        wait_until(lambda: seen_of(session)["probe"].trials >= 2)
        stall.set()
        wait_until(lambda: seen_of(session)["probe"].verdicts.get("late", 0) >= 3, timeout_s=40)
        stall.clear()
    with SessionFolder(tmp_path / "s") as folder:
        for trigger in folder.triggers():
            age_ms = (trigger.decided_ns - trigger.newest_captured_ns) / 1e6
            if trigger.verdict == "late":
                assert age_ms > 150 or "observed" in trigger.why
            elif trigger.verdict in TRIALS:
                assert age_ms <= 150
    assert_accounted_for(tmp_path / "s")
    assert_verified(tmp_path / "s")


def test_a_decider_that_hangs_switches_the_device_off(rig, tmp_path, monkeypatch, board):
    go_on = threading.Event()
    go_on.set()
    make = build.embedder

    class Hanging:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def embed(self, images):
            go_on.wait(20)
            return self.inner.embed(images)

    monkeypatch.setattr(build, "embedder", lambda *a, **k: Hanging(make(*a, **k)))
    with running(stimulating(rig, tmp_path / "s")) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        assert client.ask("arm")["ok"]
        wait_until(lambda: any(isinstance(each, int) for each in board.did))
        go_on.clear()
        wait_until(lambda: "release" in board.did)
        assert seen_of(session)["probe"].alarm == "the device switched off by itself: nobody kept it alive"
        n_leases = len(board.leases_ms)
        threading.Event().wait(0.1)
        assert len(board.leases_ms) == n_leases
        go_on.set()
    assert "device_tripped" in actions(tmp_path / "s")
    assert board.did[-2:] == ["disarm", "close"]


def test_a_lost_device_disarms_its_rule_and_says_so(rig, tmp_path, board):
    with running(stimulating(rig, tmp_path / "s")) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        assert client.ask("arm")["ok"]
        wait_until(lambda: seen_of(session)["probe"].trials >= 1)
        board.silent = True
        wait_until(lambda: not seen_of(session)["probe"].armed)
        assert seen_of(session)["probe"].device_state.startswith("lost: the test board says nothing")
        assert seen_of(session)["probe"].alarm == "its device is lost: the test board says nothing"
        refused = client.ask("arm")
        assert seen_of(session)["probe"].alarm is not None
        board.silent = False
        assert client.ask("arm")["ok"], refused
        trials = seen_of(session)["probe"].trials
        wait_until(lambda: seen_of(session)["probe"].trials > trials)
        assert seen_of(session)["probe"].device_state == "ok"
        assert seen_of(session)["probe"].alarm is None
    assert "device_lost" in actions(tmp_path / "s")
    assert_accounted_for(tmp_path / "s")
    assert_verified(tmp_path / "s")


def test_arming_ends_by_itself_and_that_is_an_action(rig, tmp_path, board):
    config = stimulating(rig, tmp_path / "s", stimulation={"arm_for_s": 0.5})
    with running(config) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        assert client.ask("arm")["ok"]
        wait_until(lambda: not seen_of(session)["probe"].armed)
        wait_until(lambda: "disarm" in board.did)
        said = client.ask("status")["result"]["status"]["stimulation"]["probe"]["alarm"]
        assert said == "arming has ended: it was armed for 0.5 s"
        assert client.ask("disarm")["ok"]
        assert seen_of(session)["probe"].alarm is None
    assert actions(tmp_path / "s")[:2] == ["arm", "arming_ended"]
    assert_verified(tmp_path / "s")


@pytest.mark.parametrize("how", ["stop", "failure"])
def test_at_any_end_the_device_is_off(rig, tmp_path, monkeypatch, board, how):
    make = build.embedder
    fail = threading.Event()

    class Failing:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def embed(self, images):
            if fail.is_set():
                raise RuntimeError("the network broke")
            return self.inner.embed(images)

    monkeypatch.setattr(build, "embedder", lambda *a, **k: Failing(make(*a, **k)))
    with running(stimulating(rig, tmp_path / "s")) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        assert client.ask("arm")["ok"]
        wait_until(lambda: seen_of(session)["probe"].trials >= 1)
        if how == "failure":
            fail.set()
        else:
            session.stop("the test says so")
        assert session.wait(20)
    assert (session.error is not None) == (how == "failure")
    assert not board.armed
    assert not board.is_open
    assert board.did[-2:] == ["disarm", "close"]
    assert_accounted_for(tmp_path / "s")


def test_a_device_that_cannot_be_opened_stops_the_start_and_leaves_nothing(rig, tmp_path, board):
    def refuse():
        raise DeviceError("the test board is busy; close the other program")

    board.open = refuse
    session = Session(stimulating(rig, tmp_path / "s"))
    with pytest.raises(DeviceError, match="busy"):
        session.start()
    assert not (tmp_path / "s").exists()


def test_light_behind_input_that_is_not_paced_is_refused(rig, tmp_path, board):
    session = Session(stimulating(rig, tmp_path / "s", source={"speed": "max", "seconds": 2}))
    with pytest.raises(ConfigError, match="rehearse"):
        session.start()


def heard(session, topics, n):
    """The next `n` messages of these topics."""
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.linger = 0
        socket.rcvtimeo = 20_000
        for topic in topics:
            socket.subscribe(topic)
        socket.connect(session.observations_address)
        return [json.loads(socket.recv_multipart()[1]) for _ in range(n)]


def test_a_blinded_session_says_nothing_about_shams(rig, tmp_path):
    config = stimulating(rig, tmp_path / "s", rule(sham_fraction=0.5), stimulation={"blind": True})
    with running(config) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        assert client.ask("arm")["ok"]
        told = heard(session, ["trigger.", "delivery."], 16)
        wait_until(lambda: seen_of(session)["probe"].trials >= 8)
        status = client.ask("status")
    assert "blinded" in {each["verdict"] for each in told if "verdict" in each} <= {"blinded", "late"}
    assert {each["outcome"] for each in told if "outcome" in each} == {"sent"}
    with SessionFolder(tmp_path / "s") as folder:
        record, triggers = folder.record, list(folder.triggers())
        everything = json.dumps(status) + (tmp_path / "s" / "session.json").read_text()
    assert {each.verdict for each in triggers} <= {"blinded", "disarmed", "late"}
    assert {frozenset(each.evidence) for each in triggers if each.verdict == "blinded"} == {
        frozenset(triggers[-1].evidence)
    }
    (seed,) = read_blinding(tmp_path / "s", record.stimulation.blinding_sha256).values()
    assert str(seed) not in everything
    assert "sham" not in {key for each in told for key in each}
    assert_verified(tmp_path / "s")
    withheld = [order.withheld for decision in rescore(tmp_path / "s") for order in decision.orders]
    assert len(withheld) >= 8
    assert [sum(withheld[i : i + 4]) for i in range(0, len(withheld) - 3, 4)] == [2] * (len(withheld) // 4)


def test_a_session_that_is_continued_goes_on_with_doses_shams_and_labels_but_disarmed(rig, tmp_path):
    bounded = always(sham_fraction=0.5, sham_block=4, limits={"total_on_s": 0.35})
    with running(stimulating(rig, tmp_path / "a", bounded)) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 60)
        assert client.ask("label", arena="arena", label="winging", last_s=0.5)["ok"]
        assert client.ask("arm")["ok"]
        wait_until(lambda: seen_of(session)["probe"].trials >= 3)
        assert client.ask("disarm_all")["ok"]
        done = seen_of(session)["probe"].trials
    config = stimulating(rig, tmp_path / "b", bounded)
    session = Session(config, tmp_path / "a")
    session.start()
    try:
        with client_of(session) as client:
            assert not seen_of(session)["probe"].armed
            assert seen_of(session)["probe"].trials == done
            assert seen_of(session)["probe"].light_s == pytest.approx(0.05 * done)
            assert sum(each.taught for each in session.snapshot().teaching.values()) > 5
            wait_until(lambda: session.snapshot().n_observed > 5)
            assert client.ask("arm")["ok"]
            wait_until(lambda: seen_of(session)["probe"].verdicts.get("limited", 0) >= 1)
    finally:
        session.stop("enough")
        session.finish()
    assert session.error is None
    with SessionFolder(tmp_path / "a") as first, SessionFolder(tmp_path / "b") as second:
        assert second.record.continues.session_id == first.record.session_id
        (action,) = [each for each in second.actions() if each.action == "continued"]
        assert 0 <= action.arguments["gap_s"] < 60
        trials = [*first.triggers(), *second.triggers()]
        seeds = [folder.record.stimulation.rules[0].seed for folder in (first, second)]
    assert seeds[0] == seeds[1]
    trials = [each for each in trials if each.verdict in TRIALS]
    assert [each.trial for each in trials] == list(range(1, 8)), "0.35 s of light is seven pulses, over both sessions"
    assert [each.verdict for each in trials[:4]].count("sham") == 2
    for name in ("a", "b"):
        with SessionFolder(tmp_path / name) as folder:
            recorded = [(t.frame_index, t.verdict, t.trial, t.why) for t in folder.triggers()]
        again = [(t.frame_index, t.verdict, t.trial, t.why) for d in rescore(tmp_path / name) for t in d.triggers]
        assert again == recorded


def test_scores_go_to_the_lab_streaming_layer_too(rig, tmp_path):
    pylsl = need_module("pylsl")
    config = configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None}, publish={"lsl": True})
    with running(config) as session:
        wait_until(lambda: session.snapshot().n_observed > 5)
        found = pylsl.resolve_byprop("source_id", f"{session.session_id}:arena", timeout=20)
        assert len(found) == 1
        inlet = pylsl.StreamInlet(found[0])
        sample, _ = inlet.pull_sample(timeout=20)
        inlet.close_stream()
        assert len(sample) == len(session.snapshot().labels) + 1
        assert sum(sample[:-1]) == pytest.approx(1, abs=1e-5)


def test_a_pulse_that_the_device_can_never_make_is_refused_before_anything_is_opened(rig, tmp_path):
    daq = [{"kind": "nidaq", "name": "led", "line": "Dev1/port0/line0"}]
    train = {"on_ms": 100, "frequency_hz": 40, "width_ms": 5}
    with pytest.raises(ConfigError, match="cannot make this pulse"):
        Session(stimulating(rig, tmp_path / "s", rule(pulse=train), device=daq)).start()


def test_a_rule_that_looked_at_the_picture_is_not_decided_again_as_if_it_had_not(rig, tmp_path):
    looking = always(when="not (brightness > 250 or alarm)")
    with running(stimulating(rig, tmp_path / "s", looking)) as session:
        wait_until(lambda: session.snapshot().n_observed > 10)
    with pytest.raises(FolderError, match="looked at the brightness"):
        next(rescore(tmp_path / "s"))
