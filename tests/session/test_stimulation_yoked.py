"""A session whose stimuli come at the times of another one's trials."""

import pytest

from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder
from selfee_rt.session import Session
from selfee_rt.stimuli import TRIALS
from selfee_rt.workbench.rescore import rescore
from tests.session.rig import assert_verified, running, wait_until
from tests.session.test_stimulation import assert_accounted_for, client_of, rule, seen_of, stimulating


def trials_of(folder):
    """Time after the first observed exposure, and verdict, of each trial."""
    with SessionFolder(folder) as session:
        start_ns = next(session.observations()).exposure.newest_media_ns
        triggers = [trigger for trigger in session.triggers() if trigger.verdict in TRIALS]
    return [(trigger.media_ns - start_ns, trigger.verdict, trigger.origin) for trigger in triggers]


def led(rig, out, *, blind):
    """A session with six trials, half of them shams, that begins with the first exposure armed or soon after."""
    often = rule(schedule={"start_s": 0.5, "every_s": 0.6, "count": 99}, sham_fraction=0.5, max_age_ms=500)
    with running(stimulating(rig, out, often, stimulation={"blind": blind})) as session, client_of(session) as client:
        assert client.ask("arm")["ok"]
        wait_until(lambda: seen_of(session)["probe"].trials >= 6)
    return trials_of(out)


@pytest.mark.parametrize("blind", [False, True])
def test_stimuli_come_when_the_other_session_had_them_shams_only_where_it_does_not_say(rig, tmp_path, blind):
    trials = led(rig, tmp_path / "a", blind=blind)
    wanted = [at_ns for at_ns, verdict, _ in trials if verdict != "sham"]
    assert (len(wanted) == len(trials)) == blind
    yoked = {"name": "echo", "device": "led", "pulse": {"on_ms": 50}, "blank_ms": 20, "max_age_ms": 500}
    config = stimulating(rig, tmp_path / "b", yoked | {"yoked": {"session": str(tmp_path / "a")}})
    with running(config) as session, client_of(session) as client:
        assert client.ask("arm")["ok"]
        wait_until(lambda: sum(seen_of(session)["echo"].verdicts.values()) >= len(wanted))
    given = trials_of(tmp_path / "b")
    assert {origin for _, _, origin in given} == {"yoked"}
    assert len(given) <= len(wanted)
    for at_ns, _, _ in given:
        assert any(0 <= at_ns - planned_ns <= 500_000_000 for planned_ns in wanted), (at_ns, wanted)
    again = [(t.frame_index, t.verdict, t.trial) for d in rescore(tmp_path / "b") for t in d.triggers]
    with SessionFolder(tmp_path / "b") as folder:
        assert again == [(t.frame_index, t.verdict, t.trial) for t in folder.triggers()]
    assert_accounted_for(tmp_path / "b")
    assert_verified(tmp_path / "b")


def test_a_rule_that_the_other_session_did_not_have_is_said_with_those_it_had(rig, tmp_path):
    led(rig, tmp_path / "a", blind=False)
    yoked = {"name": "echo", "device": "led", "pulse": {"on_ms": 50}}
    for rule_name in ("prob", "echo"):
        there = {"session": str(tmp_path / "a"), "rule": rule_name}
        with pytest.raises(ConfigError, match="which had trials of: probe"):
            Session(stimulating(rig, tmp_path / "b", yoked | {"yoked": there})).start()
    assert not (tmp_path / "b").exists()
