"""`selfee-rt analyze`, as a person types it."""

import csv
import subprocess
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.analyses.simulated import recording, syllables, write_hdf5
from tests.workbench.test_fit import write_video

need_module("matplotlib")
need_module("sklearn")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six animals in files of their own, all six in one file, and labels of the first."""
    folder = tmp_path_factory.mktemp("analyze")
    animals = [recording(syllables(300, seed)[0], name=f"{seed}.mkv") for seed in range(6)]
    for each in animals:
        write_hdf5(folder / f"{each.name}.h5", [each])
    write_hdf5(folder / "all.h5", animals)
    write_hdf5(folder / "other_model.h5", [replace(animals[0], name="other", model_id="7" * 64)])
    rows = [f"{frame},{'ab'[frame > 150]}\n" for frame in range(304)]
    (folder / "0.csv").write_text("frame,label\n" + "".join(rows))
    return folder


def ran(folder, *arguments):
    """Arguments that name a file of the folder become its path."""
    full = [
        str(folder / each) if isinstance(each, str) and (folder / each).is_file() else str(each) for each in arguments
    ]
    return CliRunner().invoke(main, ["analyze", *full], catch_exceptions=False)


def group(folder, name, *numbers):
    return f"{name}={','.join(str(folder / f'{number}.mkv.h5') for number in numbers)}"


FEW = ("--project", 2, "--states", 3, "--lags", 1)


def test_syllables_of_two_groups(folder, tmp_path):
    out = tmp_path / "out"
    groups = ("--group", group(folder, "wt", 0, 1), "--group", group(folder, "ko", 3, 4, 5))
    result = ran(folder, "syllables", *groups, "--group", group(folder, "wt", 2), *FEW, "--out", out)
    assert result.exit_code == 0, result.output
    assert "syllable 0: " in result.stdout
    assert "warning: wt / ko: with so few recordings no p below 0.1 is possible" in result.stdout
    assert f"written: {out}" in result.stdout
    with (out / "comparison.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["syllable"], row["n_a"], row["n_b"]) for row in rows] == [(str(each), "3", "3") for each in range(3)]
    assert {path.name for path in out.glob("*.png")} == {"ethogram.png", "usage.png", "grammar.png"}


def test_syllables_of_a_file_without_groups_and_of_labels(folder, tmp_path):
    labels = ("--labels", "0.csv", *("--labels", "-") * 5)
    result = ran(folder, "syllables", "all.h5", *labels, *FEW, "--figures", "svg", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "out" / "comparison.csv").exists()
    assert (tmp_path / "out" / "labels.svg").exists()
    assert f"labels of 0.mkv: {folder / '0.csv'}" in result.stdout


def test_align_to_one_recording_of_a_file(folder, tmp_path):
    reference = f"{folder / 'all.h5'}::0.mkv"
    result = ran(folder, "align", reference, "1.mkv.h5", "2.mkv.h5", "--project", 2, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "1.mkv: mean cosine distance 0." in result.stdout
    assert (tmp_path / "out" / "progress.png").exists()
    several = ran(folder, "align", "all.h5", "1.mkv.h5", "--project", 2, "--out", tmp_path / "more")
    assert several.exit_code == 1
    assert "holds 6 recordings: 0.mkv, " in several.stderr


def test_map_of_videos_that_are_embedded_first(folder, tmp_path):
    write_tiny_model(tmp_path / "model.onnx")
    videos = [write_video(tmp_path / f"{name}.mkv", 40, seed=seed) for seed, name in enumerate("ab")]
    options = ("--model", tmp_path / "model.onnx", "--project", 4, "--perplexity", 10)
    result = ran(folder, "map", *videos, *options, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    with (tmp_path / "out" / "map.csv").open() as file:
        assert [row["recording"] for row in csv.DictReader(file)] == ["a.mkv"] * 36 + ["b.mkv"] * 36
    assert (tmp_path / "out" / "by_recording.png").exists()


@pytest.mark.parametrize("text", ["wt", "=a.h5", "wt=", "wt=,"])
def test_a_group_that_is_none_is_a_usage_error(folder, tmp_path, text):
    result = ran(folder, "syllables", "--group", text, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "expected NAME=INPUT,INPUT" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("syllables",), "nothing to analyse"),
        (("syllables", "gone.h5"), "there is no file or folder gone.h5"),
        (("syllables", "0.mkv.h5", "other_model.h5"), "embeddings of different models cannot be compared"),
        (("align", "0.mkv.h5", "other_model.h5"), "embeddings of different models cannot be compared"),
        (("align", "0.mkv.h5"), "nothing to analyse"),
        (("align", "0.mkv.h5", "0.mkv.h5", "--project", 2), "0.mkv is the reference itself"),
        (("map", "0.mkv.h5", "other_model.h5"), "embeddings of different models cannot be compared"),
        (("map", "0.mkv.h5", "--project", 6, "--perplexity", 200), "--perplexity 200: got 300 exposures"),
        (("map", "0.mkv.h5", "--labels", "0.csv", "--labels", "-"), "got 2 label files for 1 recordings"),
        (("syllables", "0.csv"), "0.csv"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(folder, tmp_path, arguments, message):
    result = ran(folder, *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


def test_too_few_animals_in_a_group_are_refused_before_the_fit(folder, tmp_path):
    groups = ("--group", group(folder, "wt", 0, 1, 2), "--group", group(folder, "ko", 3))
    for command in (("syllables",), ("align", "5.mkv.h5")):
        result = ran(folder, *command, *groups, "--out", tmp_path / "out")
        assert result.exit_code == 1
        assert "the group 'ko' has too few recordings: got 1, expected at least 3" in result.stderr


def test_an_existing_folder_is_left_alone(folder, tmp_path):
    for command in (("syllables", "0.mkv.h5"), ("align", "0.mkv.h5", "1.mkv.h5"), ("map", "0.mkv.h5")):
        result = ran(folder, *command, "--out", tmp_path)
        assert result.exit_code == 1
        assert "nothing is ever overwritten" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", ["matplotlib.figure", "sklearn", "h5py"])
def test_a_missing_extra_is_named(folder, tmp_path, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    result = ran(folder, "map", "0.mkv.h5", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert 'install "selfee-rt[analysis]"' in result.stderr


def test_the_same_command_gives_the_same_files(folder, tmp_path):
    for name in ("first", "second"):
        assert ran(folder, "syllables", "0.mkv.h5", "1.mkv.h5", *FEW, "--out", tmp_path / name).exit_code == 0
    for path in sorted((tmp_path / "first").iterdir()):
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name


def test_help_needs_neither_matplotlib_nor_scikit_learn():
    code = (
        "import sys; from selfee_rt.cli import main; main(['analyze', 'syllables', '--help'], standalone_mode=False); "
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'sklearn', 'h5py', 'scipy', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60).returncode == 0
