"""`selfee-rt export --precision int8`, of a model file and of a checkpoint."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from selfee_rt.cli import main
from selfee_rt.embed.model import read_card, sha256_of
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.walking import write_labels, write_walk

need_module("onnx")

from selfee_rt.workbench import small_model  # noqa: E402
from selfee_rt.workbench.floors import Floors  # noqa: E402

EXPOSURES = 600


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_walk(tmp_path_factory.mktemp("videos") / "walk.mkv", EXPOSURES)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.onnx"
    write_tiny_model(path)
    return path


def test_a_model_file_becomes_a_smaller_one_that_says_how_like_it_is(model: Path, video: Path, tmp_path: Path) -> None:
    out, labels = tmp_path / "small.onnx", write_labels(tmp_path / "walk.csv", EXPOSURES)
    given = ("--calibrate", str(video), "--labelled", str(video), "--labels", str(labels), "--licence", "CC0")
    result = call("export", str(model), "--precision", "int8", *given, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "int8, calibrated on 128 live frames of walk.mkv" in result.output
    assert "on 256 live frames of walk.mkv (not those calibrated on) the centred cosine" in result.output
    assert "of the 10 nearest stay so (by chance: 4%)" in result.output
    assert "macro F1 of the k-NN on walk.mkv: 0." in result.output
    card = read_card(out)
    assert (card.name, card.version, card.licence, card.precision) == ("small", "1", "CC0", "int8")
    assert card.source_sha256 == sha256_of(model)
    assert card.verification["source"]["precision"] == "fp32"
    assert sorted(tmp_path.iterdir()) == [out, labels]


def test_a_model_file_needs_no_torch(model: Path, video: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    out = tmp_path / "small.onnx"
    result = call("export", str(model), "--precision", "int8", "--calibrate", str(video), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "k-NN F1 was not checked: no --labelled VIDEO" in result.output


def test_without_onnx_the_message_says_what_to_install(model: Path, video: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    out = tmp_path / "small.onnx"
    result = call("export", str(model), "--precision", "int8", "--calibrate", str(video), "--out", str(out))
    assert (result.exit_code, "int8 needs onnx" in result.output, out.exists()) == (1, True, False)


def test_a_smaller_file_is_no_source_of_another(model: Path, video: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.onnx", tmp_path / "twice.onnx"
    assert (
        call("export", str(model), "--precision", "int8", "--calibrate", str(video), "--out", str(once)).exit_code == 0
    )
    result = call("export", str(once), "--precision", "int8", "--calibrate", str(video), "--out", str(twice))
    assert (result.exit_code, "quantised already" in result.output, twice.exists()) == (1, True, False)


def test_a_checkpoint_goes_through_float32_which_is_compared_too(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network of three steps sees all frames alike and may miss a floor, which is not what this is about."""
    without = Floors(centred_cosine_median=-2, centred_cosine_p5=-2, neighbours_kept=-1, knn_f1_drop=2)
    monkeypatch.setattr(small_model, "Floors", lambda: without)
    need_module("torchvision")
    torch = need_module("torch")
    from tests.workbench.tiny_training import tiny_trainer

    torch.set_num_threads(1)
    trainer = tiny_trainer(steps=3)
    while not trainer.done:
        trainer.advance()
    trainer.save(tmp_path / "last.ckpt", {"recordings": []})
    out = tmp_path / "small.onnx"
    result = call(
        "export", str(tmp_path / "last.ckpt"), "--precision", "int8", "--calibrate", str(video), "--out", str(out)
    )
    assert result.exit_code == 0, result.output
    card = read_card(out)
    assert (card.precision, card.source_sha256) == ("int8", sha256_of(tmp_path / "last.ckpt"))
    assert card.verification["source"]["precision"] == "fp32"
    assert card.verification["source"]["centred_cosine_min"] > 0.9999
    assert sorted(each.name for each in tmp_path.iterdir()) == ["last.ckpt", "small.onnx"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--precision", "int8"), "--precision int8 needs --calibrate VIDEO"),
        (("--precision", "int8", "--calibrate", "{missing}"), "missing.mp4"),
        (("--precision", "int8", "--calibrate", "{short}"), "at least 32 live frames, short.mkv leaves 4 for it"),
        (("--precision", "int8", "--calibrate", "{video}", "--labelled", "{video}"), "give both or neither"),
        (("--precision", "int8", "--calibrate", "{video}", "--verify", "{video}"), "is calibrated on too"),
        (("--precision", "int8", "--calibrate", "{video}", "--size", "32x32"), "says --size; leave that out"),
        (("--precision", "int8", "--calibrate", "{video}", "--embedding", "backbone"), "says --embedding"),
        (("--precision", "fp16"), "is a model file already"),
        ((), "is a model file already"),
        (("--precision", "fp32", "--calibrate", "{video}"), "--calibrate: only --precision int8 takes that, got fp32"),
    ],
)
def test_bad_input_is_one_message_and_leaves_no_file(
    arguments: tuple[str, ...], message: str, model: Path, video: Path, tmp_path: Path
) -> None:
    short = write_walk(tmp_path / "short.mkv", 15)
    places = {"video": video, "missing": tmp_path / "missing.mp4", "short": short}
    result = call(
        "export", str(model), "--out", str(tmp_path / "m.onnx"), *(each.format(**places) for each in arguments)
    )
    assert result.exit_code == 1, result.output
    assert message in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == [short]


def test_a_file_that_is_no_model_or_is_absent_is_one_message(video: Path, tmp_path: Path) -> None:
    int8 = ("--precision", "int8", "--calibrate", str(video), "--out", str(tmp_path / "m.onnx"))
    result = call("export", str(tmp_path / "none.onnx"), *int8)
    assert (result.exit_code, "there is no model file" in result.output) == (1, True)
    (tmp_path / "text.onnx").write_text("not a model")
    result = call("export", str(tmp_path / "text.onnx"), *int8)
    assert (result.exit_code, "is not an ONNX model" in result.output) == (1, True)
    assert not (tmp_path / "m.onnx").exists()
