"""The commands `fit` and `embed`, as a person types them."""

import re

import pytest
from click.testing import CliRunner

from selfee_rt.cli.analysis import embed_command, fit_command
from selfee_rt.observe.reference import Reference
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.test_fit import write_video


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands")
    write_tiny_model(folder / "model.onnx")
    write_video(folder / "a.mkv", 40, seed=1)
    write_video(folder / "b.mkv", 40, seed=2)
    write_video(folder / "c.mkv", 40, seed=3)
    rows = [f"{frame},{('still', 'moving')[frame // 20]}\n" for frame in range(40)]
    (folder / "a.csv").write_text("frame,label\n" + "".join(rows))
    return folder


def ran(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


def test_fit_makes_a_reference_and_says_what_is_in_it(folder, tmp_path):
    result = ran(
        fit_command,
        *(folder / "a.mkv", folder / "b.mkv", "--labels", folder / "a.csv", "--labels", "-"),
        *("--control", folder / "c.mkv", "--skip", "0:4", "--skip", "30:30", "--model", folder / "model.onnx"),
        *("--project", 6, "--past-s", 5, "--skip-exposures", 3, "--warm-up-exposures", 9, "--out", tmp_path / "r.npz"),
    )
    assert result.exit_code == 0
    assert "examples: moving 17, still 15, (no label) 32" in result.stdout
    assert "projected to 6" in result.stdout
    reference = Reference.load(tmp_path / "r.npz")
    threshold = reference.thresholds["selfee"]
    assert threshold.settings == {"past_s": 5, "skip_exposures": 3, "warm_up_exposures": 9, "fps": 30}
    assert re.search(rf"threshold of selfee: {threshold.value:.4f} \(highest score of .*: c\.mkv\)", result.stdout)
    assert "a.mkv" in result.stderr


def test_fit_without_labels_or_controls_says_what_is_missing(folder, tmp_path):
    arguments = (folder / "a.mkv", "--model", folder / "model.onnx", "--project", 6, "--out", tmp_path / "r.npz")
    result = ran(fit_command, *arguments)
    assert "examples: (no label) 36" in result.stdout
    assert "thresholds: none; give --control" in result.stdout


def test_fit_calibrates_and_says_on_what(folder, tmp_path):
    write_video(tmp_path / "long.mkv", 300, seed=4)
    rows = [f"{frame},{('still', 'moving')[frame // 15 % 2]}\n" for frame in range(300)]
    (tmp_path / "long.csv").write_text("frame,label\n" + "".join(rows))
    result = ran(
        fit_command,
        *(tmp_path / "long.mkv", "--labels", tmp_path / "long.csv", "--model", folder / "model.onnx"),
        *("--project", 6, "--classifier", "probe", "--classifier", "knn", "--calibrate", "temperature"),
        *("--out", tmp_path / "r.npz"),
    )
    assert result.exit_code == 0
    for name in ("probe", "knn"):
        assert f"calibration of {name}: temperature (296 exposures of 1 recordings, 6 blocks" in result.stdout
    assert set(Reference.load(tmp_path / "r.npz").calibrations) == {"probe", "knn"}


@pytest.mark.parametrize("text", ["5", "5:", ":5", "a:b", "-1:5", "1:2:3"])
def test_a_range_that_is_none_is_a_usage_error(folder, tmp_path, text):
    result = ran(fit_command, folder / "a.mkv", f"--skip={text}", "--out", tmp_path / "r.npz")
    assert result.exit_code == 2
    assert "expected A:B" in result.stderr


def test_a_region_that_is_none_is_a_usage_error(folder, tmp_path):
    result = ran(fit_command, folder / "a.mkv", "--region", 0, 0, 4, 64, "--out", tmp_path / "r.npz")
    assert result.exit_code == 2
    assert "width: Input should be greater than or equal to 8, got 4" in result.stderr


def test_a_region_and_inversion_change_what_is_embedded(folder, tmp_path):
    banks = []
    for name, extra in (("whole", ()), ("part", ("--region", 0, 0, 32, 64)), ("inverted", ("--invert",))):
        out = tmp_path / f"{name}.npz"
        arguments = (folder / "a.mkv", "--model", folder / "model.onnx", "--project", 6, "--out", out)
        assert ran(fit_command, *arguments, *extra).exit_code == 0
        banks.append(Reference.load(out).embedding.tobytes())
    assert len(set(banks)) == 3


def test_embed_writes_a_group_per_video(folder, tmp_path):
    h5py = need_module("h5py")
    arguments = (folder / "a.mkv", folder / "b.mkv", "--model", folder / "model.onnx", "--out", tmp_path / "e.h5")
    result = ran(embed_command, *arguments)
    assert "a.mkv: 36 embeddings\nb.mkv: 36 embeddings\n" in result.stdout
    with h5py.File(tmp_path / "e.h5") as file:
        assert file["b.mkv"]["embedding"].shape == (36, 16)
