"""What follows from the rows: what is compared, what is recommended, and what leaves the machine."""

import dataclasses
import json
import os
import platform
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from selfee_rt.config import ModelConfig
from selfee_rt.errors import ConfigError, FolderError
from selfee_rt.workbench.bench.benchmark import Benchmark, ModelFile, compared, settings
from selfee_rt.workbench.bench.candidates import Candidate
from selfee_rt.workbench.bench.facts import Privacy
from selfee_rt.workbench.bench.recommend import Need
from selfee_rt.workbench.bench.report import check_report, document, write_report
from selfee_rt.workbench.bench.rows import Row
from selfee_rt.workbench.bench.run import Found, Plan
from selfee_rt.workbench.bench.text import parts

MS = 1_000_000


@pytest.fixture
def file(model):
    return ModelFile.read(model)


@pytest.fixture
def row(model, here):
    """A row whose inferences take 1, 2 … 100 % of a slowest one."""

    def make(slowest_ms=20.0, *, runtime="cuda", batch=4, model_number=0, **more):
        config = ModelConfig(threads=1) if runtime.startswith("cpu") else ModelConfig(providers=(runtime,))
        candidate = Candidate(model_number, runtime, config, batch, here)
        durations = tuple(round(slowest_ms * MS * part / 200) for part in range(1, 201))
        started = {"providers": [runtime.partition(",")[0]]}
        return Row(candidate, **{"durations_ns": durations, "runtime": started, **more})

    return make


@pytest.fixture
def benchmark(file, here):
    def make(*rows, files=(file,), reference=0):
        return Benchmark(files, (here,), Plan(), Need(30, 4), "64 live frames", 20, rows, reference)

    return make


def text_of(found, width=80):
    console = Console(width=width, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        for part in parts(found, width):
            console.print(part)
    return capture.get()


def test_figures_are_those_of_the_durations(row):
    made = row(20.0)
    summary = made.summary()
    assert (summary.p50_ms, summary.p95_ms, summary.p99_ms, summary.max_ms) == (10.0, 19.0, 19.8, 20.0)
    assert made.mean_ms == pytest.approx(10.05)
    assert made.frames_per_s == pytest.approx(4 / 0.01005)
    assert made.quantiles_ms()[49] == 10.0 and made.quantiles_ms()[98] == 19.8


def test_the_quickest_that_keeps_up_and_agrees_is_recommended(row, benchmark):
    quick, slow, small = row(20.0), row(30.0, runtime="cpu, 1 thread"), row(5.0, batch=1)
    assert benchmark(slow, quick, small).best() is quick
    assert settings(quick) == '[model]\nproviders = ["cuda"]'
    assert settings(slow) == "[model]\nthreads = 1"


def test_nothing_is_recommended_that_is_too_slow_or_ended_or_embeds_something_else(row, benchmark, file):
    other = np.random.default_rng(1).normal(size=(2, 10, 16)).astype(np.float32)
    rows, _ = compared(Found((row(20.0), row(10.0)), dict(enumerate(other)), 20), (file,))
    assert benchmark(rows[1]).best() is None
    assert benchmark(row(50.0)).best() is None
    assert benchmark(row(10.0, problem="was killed")).best() is None


def test_how_many_arenas_fit_takes_the_same_runtime_with_one_into_account(row, benchmark):
    alone, other = row(8.0, batch=1), row(19.0, batch=1, runtime="cpu, 1 thread")
    every = row(20.0)
    assert "about 4 arenas would fit" in benchmark(every).says(every) or "about 6" in benchmark(every).says(every)
    assert "about 7 arenas would fit" in benchmark(alone, other, every).says(every)
    assert benchmark(alone, every).says(alone) is None


def test_the_reference_is_the_finest_file_on_the_cpu_one_at_a_time(row, file):
    coarse = dataclasses.replace(file, card=_with(file.card, precision="int8"))
    rows = (
        row(runtime="cpu, 1 thread", batch=1, model_number=0),
        row(runtime="cuda", batch=1, model_number=1),
        row(runtime="cpu, 1 thread", batch=4, model_number=1),
        row(runtime="cpu, 1 thread", batch=1, model_number=1),
    )
    same = np.random.default_rng(0).normal(size=(10, 16)).astype(np.float32)
    for started, expected in (((0, 1, 2, 3), 3), ((0, 1, 2), 2), ((0, 1), 1), ((0,), 0), ((), None)):
        found, reference = compared(Found(rows, dict.fromkeys(started, same), 20), (coarse, file))
        assert reference == expected
        assert [each.agreement is not None for each in found] == [number in started for number in range(4)]


def test_files_that_take_other_live_frames_are_not_compared(row, file):
    larger = dataclasses.replace(file, card=_with(file.card, interval_ms=100.0))
    same = np.random.default_rng(0).normal(size=(10, 16)).astype(np.float32)
    rows = (row(batch=1), row(batch=1, model_number=1))
    found, reference = compared(Found(rows, {0: same, 1: same}, 20), (file, larger))
    assert reference == 0
    assert found[0].agreement.centred_cosine_min == pytest.approx(1)
    assert found[1].agreement is None


def _with(card, **changed):
    import msgspec

    return msgspec.structs.replace(card, **changed)


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_has_every_row_and_the_reason_of_each_that_failed_and_fits_the_terminal(row, benchmark, width):
    failed = [row(runtime="tensorrt", batch=each, durations_ns=(), problem="no driver") for each in (1, 4)]
    text = text_of(benchmark(row(batch=1, runtime="cpu, 1 thread"), row(20.0), *failed), width)
    assert all(len(line) <= width for line in text.splitlines())
    lines = [line.split() for line in text.splitlines()]
    assert sum(each[:2] == ["tensorrt", "1"] or each[:2] == ["tensorrt", "4"] for each in lines) == 2
    assert "tensorrt, batch 1, tensorrt, batch 4: no driver" in text
    assert "30 fps with 4 arenas:" in text and "Recommended: cuda, batch 4." in text
    assert "…" not in text


def test_too_few_inferences_recommend_nothing_yet(row, benchmark):
    few = row(10.0, durations_ns=(MS,) * 99)
    assert "nothing yet; time at least 100 inferences" in text_of(benchmark(few))


def test_where_nothing_ran_that_is_said(row, benchmark):
    text = text_of(benchmark(row(durations_ns=(), problem="no driver"), reference=None))
    assert "nothing; no runtime ran to the end" in text


def test_the_report_tells_nothing_about_people_folders_or_the_computer(row, benchmark, file, here, tmp_path):
    home = tmp_path / "Ada Lovelace"
    path = home / "secret mice.onnx"
    named = dataclasses.replace(file, path=path)
    python = dataclasses.replace(here, python=home / "my env" / "bin" / "python")
    problem = (
        f"cannot read {path}: no such file; {python.python} and {Path.home()}/.cache/x of "
        f"{platform.node()}, C:\\Users\\Ada\\m.onnx, {tmp_path}/other, at /var/lib/me"
    )
    failed = row(durations_ns=(), problem=problem, runtime="tensorrt")
    built = row(runtime="cuda")
    built = dataclasses.replace(built, runtime={"runtime": "tensorrt", "engine": str(home / "cache" / "a.engine")})
    found = dataclasses.replace(benchmark(failed, built, files=(named,)), environments=(python,))
    text = json.dumps(document(found))
    private = ["Lovelace", "secret", "my env", str(tmp_path), "/var/lib", "C:", "Users", ".cache", platform.node()]
    private += [os.environ[name] for name in ("USER", "LOGNAME", "USERNAME") if os.environ.get(name)]
    assert not [each for each in private if each in text]
    assert "cannot read <path>: no such file" in text


def test_the_report_is_the_whole_table_and_its_quantiles(row, benchmark, tmp_path):
    failed = row(durations_ns=(), problem="no driver", runtime="tensorrt")
    write_report(benchmark(row(20.0), failed), tmp_path / "r.json")
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["format"] == "selfee_rt.bench/1"
    assert {"processor", "cores", "GPU", "system", "Python", "selfee-rt"} <= set(told["machine"])
    assert told["need"] == {"fps": 30, "arenas": 4}
    first, second = told["rows"]
    assert (first["inferences"], first["live_frames"], first["batch"]) == (200, 800, 4)
    assert first["frames_per_s"] == pytest.approx(800 / (first["sum_ms"] / 1000))
    assert len(first["quantiles_ms"]) == 100 and first["quantiles_ms"] == sorted(first["quantiles_ms"])
    assert first["says"].startswith("30 fps with 4 arenas: yes, 30 % busy")
    assert second["problem"] == "no driver" and second["frames_per_s"] is None and second["quantiles_ms"] == []
    assert (told["recommended_row"], told["reference_row"]) == (0, 0)
    assert told["models"][0]["sha256"] and "path" not in told["models"][0]


def test_a_report_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "there.json").write_text("mine")
    for name, why in (("there.json", "nothing is ever"), ("r.txt", "JSON file"), ("no/r.json", "there is no folder")):
        with pytest.raises(ConfigError, match=why):
            check_report(tmp_path / name)
    check_report(tmp_path / "r.json")


def test_a_report_never_replaces_a_file(row, benchmark, tmp_path):
    (tmp_path / "r.json").write_text("mine")
    with pytest.raises(FolderError, match="cannot write"):
        write_report(benchmark(row()), tmp_path / "r.json")
    assert (tmp_path / "r.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("1/2 of talmolab/sleap, frames/s", "1/2 of talmolab/sleap, frames/s"),
        ("see https://onnxruntime.ai/docs", "see https://onnxruntime.ai/docs"),
        ("in /opt/x, then '/usr/lib/y.so'", "in <path>, then '<path>'"),
        (r"from D:\a\b.dll and \\server\share\c", "from <path> and <path>"),
        ("/data/my mice/a.onnx is gone", "<path> is gone"),
        (r"D:\Ada L\b.dll", "<path>"),
        ("ada's canada, ada", "<name>'s canada, <name>"),
    ],
)
def test_what_looks_like_a_path_is_hidden_and_nothing_else(text, hidden):
    assert Privacy([Path("/data/my mice/a.onnx")], ["ada", ""])(text) == hidden
