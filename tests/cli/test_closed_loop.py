"""A closed loop from the command line: checked, run, armed, killed, verified, and continued."""

import subprocess
import sys

import pytest

from selfee_rt import build
from selfee_rt.folder import SessionFolder
from selfee_rt.publish.client import ask
from selfee_rt.session import check as checking
from selfee_rt.stimuli import TRIALS
from tests.cli.test_bad_input import PORTS, arena, refused
from tests.cli.test_live import done
from tests.session.board import Board
from tests.session.rig import wait_until

RULE = """
[[device]]
kind = "null"
name = "led"

[[trigger]]
name = "probe"
device = "led"
when = "chasing >= 0"
repeat = true
pulse = {on_ms = 40, frequency_hz = 50, width_ms = 5}
blank_ms = 20
sham_fraction = 0.5

[stimulation]
arm_for_s = 600
"""

SECOND = """
[[trigger]]
name = "other"
device = "led"
when = "alarm"
pulse = {on_ms = 40}

"""


@pytest.fixture
def written(rig, tmp_path):
    """Write a session file with a rule, at the speed of the animal, in which this was put instead of that."""

    def write(*changes, rule=RULE):
        text = arena(rig, f'[observe]\nreference = "{(rig / "reference.npz").as_posix()}"') + PORTS + rule
        for old, new in [('speed = "max"', "speed = 1.0"), ("seconds = 2\n", ""), *changes]:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "session.toml"
        path.write_text(text)
        return path

    return write


def test_check_says_what_rules_devices_and_arming_mean(written):
    output = done("check", written())
    for part in ("device led", "no device", "a rehearsal: nothing is switched on", "probe: 2 pulses, 0.01 s of light"):
        assert part in output
    assert "lasts 600 s after each `selfee-rt arm`; the session starts disarmed, and has no end of its own" in output


@pytest.mark.parametrize(
    ("seconds", "said"), [(3600, "longer than arming, which must be repeated"), (60, "arming would last to its end")]
)
def test_check_compares_arming_with_the_length_of_the_session(written, seconds, said):
    path = written()
    path.write_text(f"seconds = {seconds}\n{path.read_text()}")
    assert said in done("check", path)


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ([('"chasing >= 0"', '"chassing >= 0"')], ["chassing", "did you mean chasing?", "^"]),
        ([('"chasing >= 0"', '"chasing >= 0 for 2 seconds"')], ["column 20", "expected a unit", "^"]),
        ([("sham_fraction = 0.5", "sham_fraction = 0.4")], ["sham_block"]),
        ([("repeat = true", "limits = {total_on_s = 0.005}")], ["total_on_s"]),
        ([("arm_for_s = 600", "")], ["arm_for_s is required"]),
        ([('kind = "null"', 'kind = "microcontroller"\nport = "/dev/ttyACM97"')], ["no serial port /dev/ttyACM97"]),
        ([("[stimulation]", SECOND + "[stimulation]")], ["use one device, 'led'"]),
    ],
    ids=["label", "grammar", "shams", "limits", "arming", "absent", "shared"],
)  # fmt: skip
def test_what_cannot_work_is_refused_by_check_and_by_run_before_anything_is_made(written, tmp_path, changes, parts):
    path = written(*changes)
    for said in (refused("check", path), refused("run", path, "--out", tmp_path / "s")):
        for part in parts:
            assert part in said, said
    assert not (tmp_path / "s").exists()


def test_check_names_an_absent_device_beside_an_absent_camera(written):
    camera = ('kind = "synthetic"', 'kind = "stream"\naddress = "/dev/video97"\nformat = "v4l2"')
    size = ("width_px = 160\nheight_px = 120\nspeed = 1.0\n", "")
    board = ('kind = "null"', 'kind = "microcontroller"\nport = "/dev/ttyACM97"')
    said = refused("check", written(camera, size, board))
    assert "/dev/video97" in said
    assert "/dev/ttyACM97" in said


def test_check_says_that_a_machine_is_too_slow_and_an_input_too_fast_for_light(written, monkeypatch):
    monkeypatch.setattr(build, "actuator", lambda config: Board())
    assert "rehearse with a device of kind" in refused("check", written(("speed = 1.0", 'speed = "max"')))
    monkeypatch.setattr(checking, "_embed_ms", lambda plan: 120.0)
    said = refused("check", written())
    assert "inference takes 120.0 ms on this machine: every decision would be late" in said
    assert "a stimulus device is switched off when nothing is decided for 100 ms" in said


def _armed_trials(out, n_trials):
    status = ask(out, "status", {}, timeout_s=20)["status"]
    rule = status["stimulation"]["probe"]
    if not rule["armed"] and status["n_observed"] > 5:
        ask(out, "arm", {}, timeout_s=20)
    return rule["trials"] >= n_trials


def test_a_session_that_was_killed_between_trials_verifies_and_is_continued_disarmed(written, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    command = [sys.executable, "-m", "selfee_rt", "run", str(written()), "--out", str(first), "--headless"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_until(lambda: (first / "control_address").exists(), timeout_s=60)
        wait_until(lambda: _armed_trials(first, 6), timeout_s=60)
    finally:
        process.kill()
        said, _ = process.communicate()
    assert f"disarmed; to arm: selfee-rt arm {first}" in said.replace("\n", "")
    output = done("verify", first)
    assert "passed" in output
    output = done("run", "--continue", first, "--out", second, "--seconds", "1.5", "--headless")
    assert "probe: disarmed" in output
    assert "ARMED" not in output
    with SessionFolder(first) as before, SessionFolder(second) as after:
        trials = [trigger for trigger in before.triggers() if trigger.verdict in TRIALS]
        assert after.record.continues.session_id == before.record.session_id
        assert after.record.stimulation.rules[0].seed == before.record.stimulation.rules[0].seed
        (action,) = [each for each in after.actions() if each.action == "continued"]
        assert action.arguments["rules"]["probe"]["trials"] >= len(trials) >= 3
        assert action.arguments["gap_s"] > 0
        assert {trigger.verdict for trigger in after.triggers()} <= {"disarmed"}
    assert "passed" in done("verify", second)


def test_continuing_what_is_no_session_is_refused(written, tmp_path):
    assert "session" in refused("run", "--continue", tmp_path, "--out", tmp_path / "s")
    assert "neither a configuration nor --continue" in refused("run")
    assert not (tmp_path / "s").exists()
