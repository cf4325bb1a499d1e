"""`selfee-rt arm`, `disarm` and `fire`, as a user types them beside a session that runs."""

import json
from contextlib import contextmanager
from threading import Thread

import pytest
import zmq
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.publish.curve import make_keys
from tests.cli.test_bad_input import refused
from tests.cli.test_live import done
from tests.session.rig import LOCAL, configure, running, wait_until
from tests.session.test_stimulation import NULL, actions, rule, seen_of, stimulating
from tests.support import ROOT

NEVER = {"at_s": [3000]}


@contextmanager
def observing(config):
    """A session that has seen something."""
    with running(config) as session:
        wait_until(lambda: session.snapshot().n_observed > 5)
        yield session


def test_rules_are_armed_and_disarmed_by_name_or_all(rig, tmp_path):
    devices = [*NULL, {"kind": "null", "name": "other"}]
    two = (rule(schedule=NEVER), rule(name="second", device="other", schedule=NEVER))
    with observing(stimulating(rig, tmp_path / "s", *two, device=devices)) as session:

        def armed():
            return {name for name, state in seen_of(session).items() if state.armed}

        said = done("arm", tmp_path / "s", "second")
        assert said.startswith("ARMED from exposure ")
        assert said.strip().endswith(": second")
        assert armed() == {"second"}
        assert done("arm", tmp_path / "s").strip().endswith(": probe, second")
        assert armed() == {"probe", "second"}
        assert done("disarm", tmp_path / "s", "probe").startswith("disarmed from exposure ")
        assert armed() == {"second"}
        assert done("disarm", tmp_path / "s").strip().endswith(": probe, second")
        assert armed() == set()
    assert actions(tmp_path / "s") == ["arm", "arm", "disarm", "disarm_all"]


def test_a_test_asks_first_and_says_what_became_of_it(rig, tmp_path):
    with observing(stimulating(rig, tmp_path / "s", rule(schedule=NEVER))) as session:
        assert "not armed" in refused("fire", tmp_path / "s", "probe", "--yes")
        done("arm", tmp_path / "s")
        declined = CliRunner().invoke(main, ["fire", str(tmp_path / "s"), "probe"], input="n\n")
        assert declined.exit_code != 0
        assert "on the animal?" in declined.output
        assert seen_of(session)["probe"].verdicts.get("fired", 0) == 0
        asked = CliRunner().invoke(main, ["fire", str(tmp_path / "s"), "probe"], input="y\n")
        assert "trigger 1 of 'probe': sent" in asked.output
        over = session.snapshot().n_observed + 20
        wait_until(lambda: session.snapshot().n_observed > over)  # its refractory time
        assert "trigger 2 of 'probe': sent" in done("fire", tmp_path / "s", "probe", "--yes")


def test_a_rule_that_there_is_not_is_said_with_those_there_are(rig, tmp_path):
    with observing(stimulating(rig, tmp_path / "s", rule(schedule=NEVER))):
        for command in (["arm"], ["disarm"], ["fire", "--yes"]):
            assert "expected one of: probe" in refused(*command, tmp_path / "s", "probee")
    assert actions(tmp_path / "s") == []


def test_a_session_without_rules_has_nothing_to_arm(rig, tmp_path):
    with observing(configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None})):
        assert "no rule" in refused("arm", tmp_path / "s")


def test_a_folder_that_is_no_session_or_that_of_one_that_has_ended(rig, tmp_path):
    assert "holds no control_address" in refused("arm", tmp_path)
    with observing(stimulating(rig, tmp_path / "s", rule(schedule=NEVER))):
        pass
    for command in (["arm"], ["disarm"], ["fire", "--yes"]):
        arguments = [*command, tmp_path / "s", *(["probe"] if "fire" in command else [])]
        assert "has ended; nothing was changed" in refused(*arguments)


def test_an_encrypted_session_is_asked_with_keys_and_without_it_gives_no_answer(rig, tmp_path, monkeypatch):
    make_keys(tmp_path, ("session",))
    make_keys(tmp_path / "clients", ("me",))
    curve = {"secret_key_file": str(tmp_path / "session.key_secret"), "client_keys_dir": str(tmp_path / "clients")}
    config = stimulating(rig, tmp_path / "s", rule(schedule=NEVER), publish={**LOCAL, "curve": curve})
    mine = ["--key", tmp_path / "clients" / "me.key_secret", "--server-key", tmp_path / "session.key"]
    monkeypatch.setattr("selfee_rt.cli.control.DISARM_TIMEOUT_S", 0.5)
    with observing(config) as session:
        assert "ARMED" in done("arm", tmp_path / "s", *mine)
        assert "give --key and --server-key" in refused("disarm", tmp_path / "s")
        assert seen_of(session)["probe"].armed
        assert "both --key and --server-key" in refused("disarm", tmp_path / "s", *mine[:2])
        wrong = [mine[0], tmp_path / "nowhere.key", *mine[2:]]
        assert "nowhere.key" in refused("disarm", tmp_path / "s", *wrong)
        assert "disarmed" in done("disarm", tmp_path / "s", *mine)
        assert not seen_of(session)["probe"].armed


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"request_id": "x", "ok": False, "error": "not today"}, "not today"),
        (b"what?", "cannot be understood"),
        (None, "gave no answer within 0.3 s"),
    ],
)
def test_whatever_is_at_the_address_is_said_in_one_line(tmp_path, monkeypatch, answer, said):
    monkeypatch.setattr("selfee_rt.cli.control.DISARM_TIMEOUT_S", 0.3 if answer is None else 10)
    with zmq.Context() as context, context.socket(zmq.ROUTER) as session:
        session.linger = 0
        port = session.bind_to_random_port("tcp://127.0.0.1")
        (tmp_path / "control_address").write_text(f"tcp://127.0.0.1:{port}")
        (tmp_path / "control_token").write_text("secret")

        def reply():
            who, request = session.recv_multipart()
            assert json.loads(request)["verb"] == "disarm_all"
            if answer is not None:
                session.send_multipart([who, answer if isinstance(answer, bytes) else json.dumps(answer).encode()])

        thread = Thread(target=reply)
        thread.start()
        try:
            assert said in refused("disarm", tmp_path)
        finally:
            thread.join(10)


def test_a_session_may_begin_armed_but_not_one_that_is_continued(tmp_path):
    said = done("demo", "--closed-loop", "--seconds", "3", "--headless", "--out", tmp_path / "s")
    assert "ARMED" in said
    assert "disarmed; to arm" not in said
    assert actions(tmp_path / "s")[0] == "arm"
    configuration = tmp_path / "loop.toml"
    configuration.write_text((ROOT / "configs" / "closed_loop.toml").read_text(encoding="utf-8"), encoding="utf-8")
    begun = done("run", configuration, "--arm", "--seconds", "3", "--headless", "--out", tmp_path / "t")
    assert "ARMED" in begun
    assert "starts disarmed" in refused("run", configuration, "--arm", "--continue", tmp_path / "s")
