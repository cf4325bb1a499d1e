"""`selfee-rt bench`, as a user types it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from tests.acquire.videos import write
from tests.support import ROOT, children_of
from tests.tiny_model import write_tiny_model

CHILDREN_TIMEOUT_S = 60.0


@pytest.fixture
def models(tmp_path):
    """Two models that take the same and give something else."""
    paths = tmp_path / "first.onnx", tmp_path / "second.onnx"
    for seed, path in enumerate(paths):
        write_tiny_model(path, seed=seed)
    return paths


@pytest.fixture(autouse=True)
def found_by_children(monkeypatch):
    """What is tested is also what other processes import, in a bare clone too."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))


def run(*arguments, status=0):
    result = CliRunner().invoke(main, ["bench", *(str(each) for each in arguments)])
    assert result.exit_code == status, result.output
    return result.output


def test_two_files_are_compared_with_one_and_all_arenas_and_the_report_is_written(models, tmp_path):
    report = tmp_path / "r.json"
    quick = ("--rounds", 2, "--block", 50, "--threads", 1, "--arenas", 3)
    output = run(*models, *quick, "--provider", "cpu", "--report", report)
    assert "2 rounds of 50 inferences each" in output and f"written: {report}" in output
    assert "first, cpu, 1 thread, batch 1 " in output and "30 fps with 3 arenas:" in output
    assert "second, cpu, 1 thread, batch 3 agrees with the reference only to" in output
    told = json.loads(report.read_text())
    assert [(row["model"], row["batch"]) for row in told["rows"]] == [(0, 1), (0, 3), (1, 1), (1, 3)]
    assert [row["live_frames"] for row in told["rows"]] == [100, 300, 100, 300]
    assert told["rows"][1]["agreement"]["centred_cosine_min"] > 0.999
    assert told["rows"][1]["agreement"]["nearest_neighbour"] == 1
    assert told["rows"][3]["agreement"]["centred_cosine_median"] < 0.9
    assert told["live_frames"] == "64 live frames of the synthetic arena"
    assert str(tmp_path) not in report.read_text() and "first" not in report.read_text()


@pytest.fixture
def mouse(tmp_path):
    """A model that subtracts a background."""
    card = write_tiny_model(tmp_path / "mouse.onnx")
    write_tiny_model(tmp_path / "mouse.onnx", card=msgspec.structs.replace(card, preprocessing="selfee_mouse"))
    return tmp_path / "mouse.onnx"


def test_a_model_that_subtracts_a_background_is_timed_beside_one_that_does_not(models, mouse, tmp_path):
    quick = ("--rounds", 1, "--block", 2, "--threads", 1, "--arenas", 1, "--provider", "cpu")
    video = write(tmp_path / "v.mkv", [33 * at for at in range(60)])
    output = run(models[0], mouse, *quick, "--video", video, "--background", "first:1", "dark")
    assert "first, cpu, 1 thread" in output and "mouse, cpu, 1 thread" in output
    assert "agrees with the reference" not in output, "they take other live frames"
    assert "has no background" in run(mouse, *quick, "--video", video, status=1)
    given = ("--background", "first:1", "dark")
    assert "which subtracts none" in run(models[0], *quick, "--video", video, *given, status=1)
    assert "no video that it belongs to" in run(mouse, *quick, *given, status=1)


def test_a_provider_that_is_not_there_is_a_row_and_the_others_are_timed(models):
    output = run(models[0], "--rounds", 1, "--block", 2, "--provider", "coreml", "--provider", "cpu", "--arenas", 1)
    assert "coreml, batch 1: provider 'coreml' was asked for, but this onnxruntime offers only" in " ".join(
        output.split()
    )
    assert "nothing yet" in output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere.onnx"], "cannot read the model nowhere.onnx: No such file or directory"),
        (["{first}", "--report", "r.txt"], "choose a name that ends in .json"),
        (["{first}", "--video", "nowhere.mkv"], "nowhere.mkv"),
        (["{first}", "--python", "nowhere"], "--python nowhere: cannot be run"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_timed(arguments, why, models):
    output = run(*(each.format(first=models[0]) for each in arguments), status=1)
    assert why in output and "Traceback" not in output


def _wait_until(condition):
    deadline = time.monotonic() + CHILDREN_TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def endless(models):
    """A benchmark that would take for ever, in a process group of its own, with both of its processes running."""
    if not Path("/proc/self/task").exists():
        pytest.skip("absent: /proc")
    command = [sys.executable, "-m", "selfee_rt", "bench", models[0], "--rounds", "10000000", "--provider", "cpu"]
    process = subprocess.Popen(
        [*command, "--threads", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    try:
        _wait_until(lambda: len(children_of(process.pid)) == 2)
        yield process, children_of(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _alive(pid):
    """Running, and not merely waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ctrl_c_ends_in_order_with_what_there_is_and_leaves_no_process(endless):
    process, children = endless
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "(stopped; 10000000 were asked for)" in " ".join(output.split())
    assert "Traceback" not in output and "Recommended:" in output
    assert "its process" not in output  # Ctrl-C is not for them, however early it comes
    assert not [pid for pid in children if _alive(pid)]


def test_a_benchmark_that_is_killed_leaves_no_process(endless):
    process, children = endless
    process.kill()
    process.wait()
    _wait_until(lambda: not any(_alive(pid) for pid in children))
