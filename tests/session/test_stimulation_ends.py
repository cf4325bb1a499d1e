"""Whatever breaks, the device is off and every trial accounted for; what ended arming is decided again."""

import threading

import pytest

from selfee_rt import build
from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.errors import RecordingFailed, SourceLost
from selfee_rt.folder import SessionFolder
from selfee_rt.publish.publisher import Publisher
from selfee_rt.record.log import SessionLog
from selfee_rt.session.stimulation import Stimulation
from selfee_rt.trigger.rules import RuleSet
from selfee_rt.workbench.rescore import rescore
from tests.session.board import Board
from tests.session.rig import assert_verified, running, wait_until
from tests.session.test_stimulation import (
    actions,
    always,
    assert_accounted_for,
    client_of,
    seen_of,
    stimulating,
)


@pytest.fixture
def board(monkeypatch):
    """A board of ours instead of every device."""
    made = Board()
    monkeypatch.setattr(build, "actuator", lambda config: made)
    return made


class Break:
    """Lets a method fail from when it is told to."""

    def __init__(self, monkeypatch, owner, name, error, *, once=False):
        self.now = threading.Event()
        method = getattr(owner, name)

        def breakable(*arguments, **named):
            if self.now.is_set():
                if once:
                    self.now.clear()
                raise error
            return method(*arguments, **named)

        monkeypatch.setattr(owner, name, breakable)


def breaks(monkeypatch, board, what):
    """How to break each of the session's threads."""
    bug = ZeroDivisionError("a bug")
    match what:
        case "capture":
            return Break(monkeypatch, SyntheticArena, "read", SourceLost("the cable was pulled; plug it in"))
        case "recording":
            return Break(monkeypatch, SessionLog, "write", RecordingFailed("the disk is gone"))
        case "publishing":
            return Break(monkeypatch, Publisher, "write", bug)
        case "deciding":
            return Break(monkeypatch, RuleSet, "decide", bug)
        case "stimulation":
            return Break(monkeypatch, Stimulation, "_arm", bug)
        case "status":
            return Break(monkeypatch, Stimulation, "state", bug, once=True)
        case _:
            return Break(monkeypatch, board, "keep_alive" if what == "device" else "fire", bug)


WHAT = ["capture", "recording", "publishing", "deciding", "stimulation", "status", "device", "device, at an order"]


@pytest.mark.parametrize("what", WHAT)
def test_whatever_breaks_the_device_is_off_and_the_session_ends_and_says_why(rig, tmp_path, monkeypatch, board, what):
    broken = breaks(monkeypatch, board, what)
    with running(stimulating(rig, tmp_path / "s")) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        assert client.ask("arm")["ok"]
        wait_until(lambda: seen_of(session)["probe"].trials >= 2)
        broken.now.set()
        if what == "stimulation":
            assert not client.ask("arm")["ok"]
        assert session.wait(30)
    assert session.error is not None or what == "capture"
    assert not board.armed
    assert not board.is_open
    if what != "recording":
        assert assert_accounted_for(tmp_path / "s") >= 2


def test_triggers_are_the_same_when_arming_ended_and_a_device_was_lost(rig, tmp_path, board):
    config = stimulating(rig, tmp_path / "s", always(sham_fraction=0.5), stimulation={"arm_for_s": 1.5})
    with running(config) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 30)
        assert client.ask("arm")["ok"]
        wait_until(lambda: not seen_of(session)["probe"].armed)
        disarmed = seen_of(session)["probe"].verdicts.get("disarmed", 0)
        wait_until(lambda: seen_of(session)["probe"].verdicts["disarmed"] > disarmed)
        assert client.ask("arm")["ok"]
        trials = seen_of(session)["probe"].trials
        wait_until(lambda: seen_of(session)["probe"].trials > trials)
        board.silent = True
        wait_until(lambda: not seen_of(session)["probe"].armed)
        disarmed = seen_of(session)["probe"].verdicts["disarmed"]
        wait_until(lambda: seen_of(session)["probe"].verdicts["disarmed"] > disarmed)
        board.silent = False
        assert client.ask("arm")["ok"]
        trials = seen_of(session)["probe"].trials
        wait_until(lambda: seen_of(session)["probe"].trials > trials)
    assert {"arming_ended", "device_lost"} <= set(actions(tmp_path / "s"))
    with SessionFolder(tmp_path / "s") as folder:
        recorded = [(t.frame_index, t.verdict, t.why, t.trial) for t in folder.triggers()]
    again = [(t.frame_index, t.verdict, t.why, t.trial) for d in rescore(tmp_path / "s") for t in d.triggers]
    assert again == recorded
    assert_verified(tmp_path / "s")
