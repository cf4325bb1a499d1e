"""Whole sessions with the real firmware, executed by simavr: the light is on when the log says so, and never after."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from selfee_rt.folder import SessionFolder
from selfee_rt.publish.client import ask
from selfee_rt.stimuli import TRIALS
from tests.session.rig import assert_verified, running, wait_until
from tests.session.test_stimulation import (
    EVERY,
    actions,
    assert_accounted_for,
    client_of,
    deliveries,
    rule,
    seen_of,
    stimulating,
)
from tests.support import need_module
from tests.trigger.simulated_board import SimulatedBoard

need_module("serial")


@pytest.fixture
def powered():
    """A board with the firmware, powered up."""
    with SimulatedBoard() as board:
        yield board


def on_board(rig, out, board, *rules, **sections):
    """A session whose device is the board; its answers may be slow where the machine is."""
    device = [{"kind": "microcontroller", "name": "led", "port": board.port, "answer_within_ms": 500, "boot_s": 20}]
    return stimulating(rig, out, *rules, **({"device": device} | sections))


def began(edges):
    """Where the light came on, in device time."""
    return [at_us for at_us, level in edges if level]


def test_the_light_is_on_exactly_when_the_log_says_so(rig, tmp_path, powered):
    train = {"on_ms": 40, "frequency_hz": 100, "width_ms": 2}
    shams = rule(
        sham_fraction=0.5, pulse=train, max_age_ms=1000, schedule={"start_s": 0.2, "every_s": 1.3, "count": 99}
    )
    with running(on_board(rig, tmp_path / "s", powered, shams)) as session, client_of(session) as client:
        wait_until(lambda: session.snapshot().n_observed > 5)
        reply = client.ask("arm")
        assert reply["ok"], reply
        wait_until(lambda: seen_of(session)["probe"].trials >= 8, timeout_s=60)
        threading.Event().wait(0.6)  # the end of a session cuts a train of 40 ms that is under way
    acknowledged = deliveries(tmp_path / "s")
    with SessionFolder(tmp_path / "s") as folder:
        trials = [each for each in folder.triggers() if each.verdict in TRIALS]
        reported = [(edge.number, edge.device_us) for edge in folder.sync_edges("led")]
        clock = list(folder.device_clock("led"))
    done = [each for each in trials if acknowledged[each.trigger_id].outcome == "acknowledged"]
    assert len(done) >= 6
    trips = actions(tmp_path / "s").count("device_tripped")  # a machine too busy to keep the board alive cuts trains
    cut = 0
    light, copy = powered.edges("light"), powered.edges("copy")
    for trial in done:
        first_us = acknowledged[trial.trigger_id].device_us
        during = [at for at, _ in light if first_us - 20_000 <= at <= first_us + 60_000]
        copied = [at for at, level in copy if level and first_us - 20_000 <= at <= first_us + 60_000]
        assert abs(copied[0] - first_us) <= 8
        if trial.verdict == "sham":
            assert not during
        else:
            assert abs(during[0] - first_us) <= 8
            assert len(during) in (2, 4, 6, 8), "at most four pulses, each with two edges"
            cut += len(during) < 2 * 4
    assert cut <= trips
    assert trips or len(began(light)) == 4 * sum(trial.verdict == "fired" for trial in done)
    risen = began(powered.edges("sync"))
    assert len(reported) >= 5
    assert all(abs(risen[number] - at_us) <= 8 for number, at_us in reported)
    assert len(clock) >= 5
    assert_accounted_for(tmp_path / "s")
    assert_verified(tmp_path / "s")


def _start(config, folder):
    """Run the session in a process of its own, as a user would."""
    script = (
        "import sys\n"
        "from selfee_rt.cli.live import run_session\n"
        "from selfee_rt.config import SessionConfig\n"
        "run_session(SessionConfig.model_validate_json(sys.stdin.read()), headless=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=folder
    )
    process.stdin.write(config.model_dump_json())
    process.stdin.close()
    return process


def _armed_and_lit(out: Path, board: SimulatedBoard):
    """Arm the session that writes to `out`, and wait until the light is on."""
    wait_until(lambda: (out / "control_address").exists(), timeout_s=60)
    wait_until(lambda: _armed(out), timeout_s=60)
    wait_until(lambda: board.level("light") == 1, timeout_s=60)


def _armed(out):
    status = ask(out, "status", {}, timeout_s=20)["status"]
    return status["n_observed"] > 5 and ask(out, "arm", {}, timeout_s=20)["rules"] == ["probe"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
def test_however_the_session_ends_the_light_is_off_within_a_tenth_of_a_second(rig, tmp_path, powered, how):
    long = rule(pulse={"on_ms": 1500}, max_age_ms=1000, schedule={"start_s": 0.5, "every_s": 3.5, "count": 99})
    process = _start(on_board(rig, tmp_path / "s", powered, long), tmp_path)
    try:
        _armed_and_lit(tmp_path / "s", powered)
        asked_ns = time.monotonic_ns()
        process.send_signal(how)
        process.wait(60)
        wait_until(lambda: powered.level("light") == 0, timeout_s=60)
    finally:
        process.kill()
        process.wait()
    asked_us = (asked_ns - powered.started_ns) / 1000  # of device time at most: the simulation is never ahead
    (last_us, level) = powered.all_edges("light")[-1]
    assert level == 0
    if how == signal.SIGKILL:
        assert last_us <= asked_us + 100_000
    else:
        assert process.returncode == 0
        assert_verified(tmp_path / "s")
        assert_accounted_for(tmp_path / "s")
    lit = [at for at, level in powered.all_edges("light") if level]
    assert last_us - lit[-1] < 1_490_000, "the train was not cut short, so nothing was shown"


def test_a_board_that_is_unplugged_is_lost_and_the_session_goes_on(rig, tmp_path):
    with SimulatedBoard() as board:
        config = on_board(rig, tmp_path / "s", board, rule(max_age_ms=1000, schedule=EVERY | {"every_s": 1.2}))
        with running(config) as session, client_of(session) as client:
            wait_until(lambda: session.snapshot().n_observed > 5)
            assert client.ask("arm")["ok"]
            wait_until(lambda: seen_of(session)["probe"].trials >= 1)
            board.__exit__(None, None, None)
            wait_until(lambda: not seen_of(session)["probe"].armed, timeout_s=40)
            n_observed = session.snapshot().n_observed
            wait_until(lambda: session.snapshot().n_observed > n_observed + 20)
            assert seen_of(session)["probe"].device_state.startswith("lost")
            assert not client.ask("arm")["ok"]
    assert session.error is None
    assert "device_lost" in actions(tmp_path / "s")
    assert_accounted_for(tmp_path / "s")
    assert_verified(tmp_path / "s")
