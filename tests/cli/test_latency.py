"""`selfee-rt latency`, as a user types it: the software loop here, the camera loop on the firmware in simavr."""

import json
import os
import signal
import threading

import pytest
from click.testing import CliRunner

from selfee_rt import build
from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.cli import latency, main
from selfee_rt.config import SyntheticConfig
from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder
from selfee_rt.light import Light
from selfee_rt.workbench.latency.told import read
from tests.session.rig import assert_verified, configure
from tests.session.rig import run as run_session_at_max
from tests.support import need_module
from tests.trigger.simulated_board import SimulatedBoard

PERIOD_MS = 1000 / 30
LED = {"device": "led", "x": 100, "y": 60, "radius_px": 12, "brightness": 200, "spill": 4}
REGION = ("80", "40", "40", "40")
"""Around the LED."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Short pauses and few lights to learn from, so that a test takes seconds."""
    monkeypatch.setattr(latency, "WARM_UP_S", 1.0)
    monkeypatch.setattr(latency, "PAUSE_MS", (250.0, 350.0))
    monkeypatch.setattr(latency, "LEARN_FROM", 2)


def run(*arguments, status=0):
    result = CliRunner().invoke(main, ["latency", *(str(each) for each in arguments)])
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def synthetic(rig):
    """What every software loop here has: a small picture, a tiny model, and flashes that a slow machine sees too."""
    return ("--model", rig / "model.onnx", "--size", 160, 120, "--on-ms", 200, "--probes", 6)


def test_the_software_loop_answers_every_flash_and_its_hops_add_up(synthetic, tmp_path):
    output = run(*synthetic, "--report", tmp_path / "r.json", "--out", tmp_path / "s")
    assert "6 probes, 6 answered" in output and "confirms nothing" in output
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["probes"]["answered"] == 6 and told["probes"]["unasked"] == 0
    hops = [each["values_ms"] for each in told["latencies"]["hops"].values()]
    total = told["latencies"]["total"]["software and device"]["values_ms"]
    assert [sum(each) for each in zip(*hops, strict=True)] == pytest.approx(total)
    assert told["latencies"]["apart"]["lookahead"]["values_ms"] == pytest.approx([2 * PERIOD_MS] * 6, abs=0.01)
    assert told["facts"]["picture"].startswith("160x120 at 30 frames/s")
    assert_verified(tmp_path / "s")
    with SessionFolder(tmp_path / "s") as session:
        assert len(list(session.triggers())) == 6


def test_the_report_can_be_shared_and_names_no_folder(synthetic, rig, tmp_path):
    run(*synthetic, "--report", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2 and "6 probes, 6 answered" in page
    assert str(tmp_path) not in page and str(rig) not in page


def test_a_report_that_exists_is_refused_before_anything_runs(synthetic, tmp_path):
    (tmp_path / "r.html").write_text("mine")
    assert "nothing is ever overwritten" in run(*synthetic, "--report", tmp_path / "r.html", status=1)
    assert (tmp_path / "r.html").read_text() == "mine"


def test_a_self_test_that_is_interrupted_reports_the_probes_that_there_were(synthetic):
    interrupting = threading.Timer(4.0, lambda: os.kill(os.getpid(), signal.SIGINT))
    interrupting.start()
    try:
        output = run(*synthetic, "--probes", 500)
    finally:
        interrupting.join()
    assert "The session ended before" in output
    assert 0 < int(output.split("loop: ")[1].split()[0]) < 50


def test_nothing_is_measured_behind_a_source_that_is_not_paced(rig, tmp_path):
    run_session_at_max(configure(rig, tmp_path / "s", source={"seconds": 1}))
    with pytest.raises(ConfigError, match="no latency to measure; give a camera"):
        read(tmp_path / "s", "arena")


def write(path, rig, source, device):
    model = f'model = {{file = "{(rig / "model.onnx").as_posix()}", threads = 1}}'
    path.write_text(f"{model}\n[source]\n{source}\n[[device]]\n{device}\n")
    return path


CAMERA = 'kind = "stream"\naddress = "simulated"\nfps = 30.0'
NULL = 'kind = "null"\nname = "led"'


def test_the_camera_loop_needs_a_camera_and_a_board(rig, tmp_path):
    config = write(tmp_path / "c.toml", rig, 'kind = "video_file"\npath = "a.mkv"', NULL)
    output = run(config, "--device", "led", status=1)
    assert "needs a camera that sees the device's LED, got kind 'video_file'" in output
    assert "device 'led' is of kind 'null'" in output
    assert "device 'x' is not there" in run(config, "--device", "x", status=1)
    assert "needs --device" in run(config, status=1)


def test_a_device_that_is_not_there_is_refused(rig, tmp_path):
    config = write(tmp_path / "c.toml", rig, CAMERA, NULL)
    assert "no device is called 'x'; expected one of: led" in run(config, "--software", "--device", "x", status=1)


class PinLight(Light):
    """Shines while the board's pin is high."""

    def __init__(self, board):
        super().__init__()
        self._board = board

    def is_on(self, at_ns):
        return bool(self._board.level("light"))


@pytest.fixture
def board():
    """A board with the firmware, powered up."""
    need_module("serial")
    with SimulatedBoard() as powered:
        yield powered


@pytest.fixture
def on_board(rig, board, tmp_path):
    device = f'kind = "microcontroller"\nname = "led"\nport = "{board.port}"\nanswer_within_ms = 500\nboot_s = 20'
    return write(tmp_path / "c.toml", rig, CAMERA, device)


def seen_by_camera(monkeypatch, light, **led):
    """A simulated camera that sees the light, in the place of the configured one."""
    config = SyntheticConfig(width_px=160, height_px=120, led=LED | led)
    monkeypatch.setattr(build, "source", lambda _: SyntheticArena(config, light))


def rises(edges):
    return [at_us for at_us, level in edges if level]


def test_the_camera_loop_measures_what_the_pins_show(on_board, board, monkeypatch, tmp_path):
    seen_by_camera(monkeypatch, PinLight(board))
    output = run(on_board, "--device", "led", "--probes", 6, "--region", *REGION, "--report", tmp_path / "r.json")
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["probes"]["probes"] == 6, output
    assert told["probes"]["unasked"] == told["probes"]["doubled"] == 0, output
    assert told["probes"]["answered"] >= 4, output
    lights = rises(board.edges("light"))
    marks = [at_us for at_us in rises(board.edges("copy")) if min(abs(at_us - each) for each in lights) > 50]
    assert len(lights) == 2 + 6
    shown = [(mark - max(each for each in lights if each < mark)) / 1000 for mark in marks]
    measured = told["latencies"]["total"]["light to mark"]["values_ms"]
    assert measured == pytest.approx(shown, abs=0.05)
    assert min(measured) > 2 * PERIOD_MS, "no response can come before the lookahead is over"


def test_a_light_that_the_camera_does_not_see_ends_the_camera_loop_with_advice(on_board, board, monkeypatch):
    seen_by_camera(monkeypatch, None)
    output = run(on_board, "--device", "led", "--probes", 3, "--region", *REGION, status=1)
    assert "cannot be told from darkness" in output and "--region" in output


def test_the_software_loop_ends_with_the_confirmation_of_a_board(on_board, tmp_path):
    output = run(
        on_board,
        *("--software", "--device", "led", "--size", 160, 120, "--on-ms", 200, "--probes", 5),
        "--report",
        tmp_path / "r.json",
    )
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["probes"]["answered"] >= 4, output
    assert min(told["latencies"]["hops"]["device"]["values_ms"]) > 0
    assert "confirms nothing" not in output
