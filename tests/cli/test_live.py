"""The commands that run a session, as a user types them."""

import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from selfee_rt.cli import COMMANDS, main
from selfee_rt.folder import SessionFolder
from tests.cli.test_bad_input import PORTS, arena
from tests.session.rig import assert_verified, fates, told


def done(*arguments):
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def session_file(rig, tmp_path):
    path = tmp_path / "session.toml"
    path.write_text(arena(rig, f'[observe]\nreference = "{(rig / "reference.npz").as_posix()}"') + PORTS)
    return path


def test_run_ends_with_a_summary_that_adds_up(session_file, tmp_path):
    output = done("run", session_file, "--out", tmp_path / "s", "--headless")
    assert "60 exposures" in output
    assert "56 observed + 4 lost (4 edge)" in output
    assert str(tmp_path / "s") in output
    assert_verified(tmp_path / "s")
    assert "passed" in done("verify", tmp_path / "s")


def test_a_session_folder_is_replayed_with_its_times_and_says_the_same(session_file, tmp_path):
    lossless = session_file.read_text() + '[record]\nvideo = "ffv1"\n'
    session_file.write_text(lossless)
    done("run", session_file, "--out", tmp_path / "a", "--headless")
    done("replay", tmp_path / "a", "--config", session_file, "--speed", "max", "--out", tmp_path / "b", "--headless")
    assert told(tmp_path / "a") == told(tmp_path / "b")
    assert fates(tmp_path / "a") == fates(tmp_path / "b")


def test_check_says_what_a_configuration_means(session_file):
    output = done("check", session_file)
    for word in ("lookahead", "66.7 ms", "load", "GB per hour", '"kind": "synthetic"'):
        assert word in output


def test_cameras_and_doctor_say_what_there_is():
    assert "synthetic" in done("cameras")
    output = done("doctor")
    for word in ("onnxruntime", "GPU", "disk", "clock", "cpu"):
        assert word in output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    assert "Usage" in done(name, "--help")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no way to send Ctrl-C to one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_a_session_in_order(session_file, tmp_path, number):
    text = session_file.read_text().replace('speed = "max"', "speed = 1.0").replace("seconds = 2\n", "")
    session_file.write_text(text)
    command = [sys.executable, "-m", "selfee_rt", "run", str(session_file), "--out", str(tmp_path / "s"), "--headless"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen = ""
    while "observed" not in seen:
        seen += process.stdout.readline()
    time.sleep(0.3)
    process.send_signal(number)
    output = seen + process.communicate(timeout=30)[0]
    assert process.returncode == 0, output
    assert f"stopped by {number.name}" in output
    with SessionFolder(tmp_path / "s") as folder:
        assert folder.ended is not None
    assert_verified(tmp_path / "s")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipe that breaks like this")
def test_a_session_does_not_outlive_the_terminal_that_shows_it(session_file, tmp_path):
    text = session_file.read_text().replace('speed = "max"', "speed = 1.0").replace("seconds = 2\n", "")
    session_file.write_text(text)
    command = [sys.executable, "-m", "selfee_rt", "run", str(session_file), "--out", str(tmp_path / "s"), "--headless"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline()
        process.stdout.close()
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in said
    assert process.returncode != 0
    with SessionFolder(tmp_path / "s") as folder:
        assert "could no longer be shown" in folder.ended.why
    assert_verified(tmp_path / "s")
