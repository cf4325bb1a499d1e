"""`selfee-rt engine`: builds once, builds again what is stale, and says what it needs."""

import signal
from contextlib import contextmanager

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import engine as command
from selfee_rt.cli import main
from selfee_rt.embed.engine_file import read_engine, read_header
from tests.acquire.videos import ramp, write
from tests.embed.engines import tiny_model, write_pretended
from tests.embed.pretend_gpu import pretend
from tests.support import need_module
from tests.tiny_model import write_tiny_model


@pytest.fixture
def model(tmp_path):
    return tiny_model(tmp_path)


def run(*arguments, exit_code=0):
    result = CliRunner().invoke(main, ["engine", *(str(each) for each in arguments)])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == exit_code, result.output
    return " ".join(result.output.split())


@pytest.fixture
def build(model, tmp_path):
    need_module("tensorrt_rtx")

    def built(*more, **keywords):
        return run(model, "--capability", "sm86", "--folder", tmp_path / "engines", *more, **keywords)

    return built


def only_engine(tmp_path):
    (path,) = (tmp_path / "engines").iterdir()
    return path


def test_an_engine_is_built_once_and_then_left_as_it_is(build, tmp_path):
    first = build("--arenas", "3")
    assert "float16 on 64 live frames of the synthetic arena: centred cosine with the model at least 0.9" in first
    assert "tiny 1 in fp16 for sm86, 1 to 3 live frames, tensorrt_rtx" in first
    path = only_engine(tmp_path)
    assert read_header(path).agreement["live_frames"] == 64
    before = path.stat().st_mtime_ns
    assert "is up to date: tiny 1 in fp16" in build("--arenas", "3")
    assert path.stat().st_mtime_ns == before


def test_a_stale_or_damaged_engine_is_built_again(build, model, tmp_path):
    build("--precision", "fp32")
    path = only_engine(tmp_path)
    for spoil in (
        lambda: path.write_bytes(path.read_bytes()[:-1]),
        lambda: write_pretended(path, model, library_version="1.0"),
        lambda: write_pretended(path, model, precision="fp32", max_batch=9),
    ):
        spoil()
        assert "is built again" in build("--precision", "fp32")
        header, plan = read_engine(path)
        assert header.max_batch == 1
        assert len(plan) > 10_000


def test_an_engine_goes_where_it_is_told_and_is_compared_on_a_video_that_is_named(model, tmp_path):
    need_module("tensorrt_rtx")
    video, out = tmp_path / "mine.mkv", tmp_path / "elsewhere" / "mine.engine"
    write(video, [33 * index for index in range(120)], [np.roll(ramp(), 3 * index, axis=1) for index in range(120)])
    output = run(model, "--capability", "sm120", "--verify", video, "--out", out)
    assert "live frames of mine.mkv: centred cosine" in output
    header = read_header(out)
    assert (header.key.target, header.agreement["on"]) == ("sm120", "mine.mkv")


def test_a_model_that_subtracts_a_background_is_compared_on_pictures_without_it(tmp_path):
    need_module("tensorrt_rtx")
    card = write_tiny_model(tmp_path / "mouse.onnx")
    write_tiny_model(tmp_path / "mouse.onnx", card=msgspec.structs.replace(card, preprocessing="selfee_mouse"))
    video, out = tmp_path / "mine.mkv", tmp_path / "mine.engine"
    write(video, [33 * index for index in range(120)], [np.roll(ramp(), 3 * index, axis=1) for index in range(120)])
    given = (tmp_path / "mouse.onnx", "--capability", "sm120", "--out", out)
    assert "has no background" in run(*given, "--verify", video, exit_code=1)
    assert "no video that it belongs to" in run(*given, "--background", "first:1", "dark", exit_code=1)
    assert not out.exists()
    assert "on 64 live frames of the synthetic arena" in run(*given)
    out.unlink()
    assert "live frames of mine.mkv" in run(*given, "--verify", video, "--background", "first:1", "dark")


def test_ctrl_c_stops_a_build_in_order_and_writes_nothing(build, tmp_path, monkeypatch):
    @contextmanager
    def pressed(plan):
        yield lambda phase, done, steps: signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(command, "_progress", pressed)
    assert "stopped after" in build("--precision", "fp32", exit_code=1)
    assert not (tmp_path / "engines").exists()


def test_what_is_missing_or_unknown_is_one_message(build, model, tmp_path, monkeypatch):
    assert "capability 'sm61' is unknown to TensorRT-RTX" in run(model, "--capability", "sm61", exit_code=1)
    assert "no.onnx" in run(tmp_path / "no.onnx", "--capability", "sm86", exit_code=1)
    assert "no.mp4" in build("--verify", tmp_path / "no.mp4", exit_code=1)
    pretend(monkeypatch, library="neither")
    assert "install selfee-rt[tensorrt]" in run(model, "--capability", "sm86", exit_code=1)


def test_doctor_says_what_builds_and_what_runs_engines(monkeypatch):
    pretend(monkeypatch)
    output = CliRunner().invoke(main, ["doctor"]).output
    assert "TensorRT-RTX 1.7.1.116, for sm75, sm86, sm120" in output
    assert "runs engines on          Pretended RTX (sm86)" in output


def test_doctor_names_a_broken_library_as_a_problem(monkeypatch):
    _, module = pretend(monkeypatch)
    del module.__version__
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "PROBLEM: TensorRT-RTX is installed, but tensorrt_rtx cannot be imported" in result.output


def test_check_and_replay_without_an_engine_name_the_command(tmp_path, model, monkeypatch):
    pretend(monkeypatch)
    config = tmp_path / "session.toml"
    config.write_text(
        'seconds = 2\n[source]\nkind = "synthetic"\nwidth_px = 160\nheight_px = 120\nspeed = "max"\n'
        f'[model]\nfile = "{model.as_posix()}"\nruntime = "tensorrt"\nengine_folder = "{tmp_path.as_posix()}"\n'
        '[publish]\nobservations = "tcp://127.0.0.1:*"\ncontrol = "tcp://127.0.0.1:*"\npreview = "tcp://127.0.0.1:*"\n'
    )
    for verb in ("check", "run"):
        result = CliRunner().invoke(main, [verb, str(config)])
        assert result.exit_code == 1, result.output
        assert f"run `selfee-rt engine {model} --precision fp16`" in " ".join(result.output.split())
        assert "Traceback" not in result.output
