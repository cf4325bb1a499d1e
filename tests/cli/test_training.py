"""`selfee-rt train` and `export`, from a video to a model file that embeds."""

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result

from selfee_rt.cli import main
from selfee_rt.embed.model import CARD_KEY, read_card
from tests.support import ROOT, need_module

torch = need_module("torch")
need_module("torchvision")
need_module("onnx")
onnxruntime = need_module("onnxruntime")

TINY = ["--preset", "small", "--size", "32x32", "--dim", "8", "--batch", "10", "--threads", "1", "--device", "cpu"]
TINY += ["--steps"]


@pytest.fixture(autouse=True)
def one_torch_thread():
    """Compute on one thread while a test runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def write_video(path: Path, frames: int = 30) -> Path:
    """A bright square that walks over a dark noisy chamber, 64x48 at 30 fps."""
    random = np.random.default_rng(0)
    with av.open(path, "w") as file:
        stream = file.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(frames):
            picture = random.integers(0, 40, (48, 64), dtype=np.uint8)
            picture[20:30, i : i + 10] = 220
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="gray")))
        file.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("videos") / "walk.mkv")


@pytest.fixture(scope="module")
def trained(video: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three steps, done."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("runs") / "run"
    result = call("train", str(video), "--out", str(out), *TINY, "3")
    assert result.exit_code == 0, result.output
    return out


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_training_leaves_a_checkpoint_figures_and_prepared_videos(trained: Path, video: Path) -> None:
    lines = [json.loads(line) for line in (trained / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3]
    assert {"loss", "agreement", "cld", "collapse", "effective_rank", "learning_rate"} <= set(lines[0])
    assert [path.suffix for path in (trained / "prepared").glob("walk*")].count(".json") == 1
    assert sorted(path.name for path in trained.iterdir()) == ["last.ckpt", "log.jsonl", "prepared", "views.png"]


def test_a_finished_run_is_exported_to_a_model_that_embeds(trained: Path, video: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    options = ("--name", "walker", "--version", "2", "--licence", "CC0")
    result = call("export", str(trained / "last.ckpt"), "--out", str(model), "--verify", str(video), *options)
    assert result.exit_code == 0, result.output
    assert "on 26 live frames of walk.mkv" in result.output
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    card = json.loads(session.get_modelmeta().custom_metadata_map[CARD_KEY])
    assert (card["name"], card["version"], card["licence"]) == ("walker", "2", "CC0")
    assert card["training"]["recordings"] == [{"name": "walk.mkv", "live_frames": 26, "interval_ms": 66.67}]
    images = np.zeros((3, 3, 32, 32), np.uint8)
    assert session.run(None, {"live_frames": images})[0].shape == (3, 8)


def test_a_gpu_that_is_not_there_is_refused(video: Path, tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    result = call("train", str(video), "--out", str(tmp_path / "new"), *TINY, "3", "--device", "cuda")
    assert (result.exit_code, "use --device cpu" in result.output) == (1, True)


def test_a_run_needs_a_video_and_a_folder_and_settings_can_be_printed_without() -> None:
    result = call("train", "--out", "x")
    assert (result.exit_code, "at least one VIDEO" in result.output) == (2, True)
    result = call("train", "--preset", "small", "--batch", "32", "--print-settings")
    assert (result.exit_code, "batch = 32" in result.output, 'backbone = "resnet18"' in result.output) == (
        0,
        True,
        True,
    )


def test_a_full_disk_ends_a_run_with_a_message(video: Path, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    out = tmp_path / "run"
    out.mkdir()
    (out / "last.ckpt.partial").symlink_to("/dev/full")
    result = call("train", str(video), "--out", str(out), *TINY, "2")
    assert (result.exit_code, "cannot write" in result.output, "Make room" in result.output) == (1, True, True)


def test_without_a_video_the_synthetic_arena_verifies(trained: Path, tmp_path: Path) -> None:
    result = call("export", str(trained / "last.ckpt"), "--out", str(tmp_path / "m.onnx"))
    assert result.exit_code == 0, result.output
    assert "on 64 live frames of the synthetic arena" in result.output


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state dict of the authors' form, 16 wide on a ResNet-18."""
    need_module("cv2")
    from tests.workbench.authors_network import SimSiam, settled

    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("theirs") / "theirs.pkl"
    torch.save(settled(SimSiam(), (48, 32), seed=1).state_dict(), path)
    return path


def test_a_checkpoint_of_the_authors_is_recognised_compared_and_exported(
    official: Path, video: Path, tmp_path: Path
) -> None:
    given = ("--size", "48x32", "--frame-interval", "2", "--fps", "30")
    model = tmp_path / "m.onnx"
    result = call("export", str(official), "--out", str(model), *given, "--verify", str(video))
    assert result.exit_code == 0, result.output
    assert "the SimSiam form of Selfee's authors, resnet18, saved in float32" in result.output
    assert (
        "fp32; takes live frames of 48x32 px (height x width), 66.7 ms apart, prepared by grey_resize" in result.output
    )
    assert "gives the projector's output, 16 wide" in result.output
    assert "on 26 live frames of walk.mkv the centred cosine with its source is at least 1.00000" in result.output
    card = read_card(model)
    assert (card.height_px, card.width_px, card.precision, card.name) == (48, 32, "fp32", "m")
    assert card.verification["live_frames"] == 26


def test_an_export_says_what_it_needs_and_never_writes_over_its_source(official: Path, tmp_path: Path) -> None:
    before = official.read_bytes()
    result = call("export", str(official), "--out", str(tmp_path / "m.onnx"))
    assert (result.exit_code, "--size 224x224 --frame-interval 1 --fps 30" in result.output) == (1, True)
    result = call("export", str(official), "--out", str(official), "--size", "48x32")
    assert (result.exit_code, "is the checkpoint itself" in result.output) == (1, True)
    assert official.read_bytes() == before


@pytest.mark.parametrize("size", ["48", "48x", "x48", "48x32x3", "0x32", "48x4096", "48 32", "-48x32"])
def test_a_size_is_height_and_width(official: Path, tmp_path: Path, size: str) -> None:
    result = call("export", str(official), "--out", str(tmp_path / "m.onnx"), "--size", size)
    assert (result.exit_code, "expected HEIGHTxWIDTH with both from 32 to 1024" in result.output) == (2, True)


def test_a_run_is_never_overwritten_and_resumed_only_where_there_is_one(
    trained: Path, video: Path, tmp_path: Path
) -> None:
    result = call("train", str(video), "--out", str(trained), *TINY, "3")
    assert (result.exit_code, "add --resume" in result.output) == (1, True)
    result = call("train", str(video), "--out", str(tmp_path), *TINY, "3", "--resume")
    assert (result.exit_code, "nothing to resume" in result.output) == (1, True)


def test_a_run_can_start_from_another_ones_weights(trained: Path, video: Path, tmp_path: Path) -> None:
    options = ("--seed", "5", "--start-from", str(trained / "last.ckpt"))
    result = call("train", str(video), "--out", str(tmp_path / "next"), *TINY, "2", *options)
    assert result.exit_code == 0, result.output
    assert "trained 2 steps" in result.output
    result = call("train", str(video), "--out", str(tmp_path / "none"), *TINY, "2", "--start-from", str(video))
    assert (result.exit_code, "not a checkpoint" in result.output) == (1, True)


def test_a_run_can_start_from_torchvisions_weights_and_says_so(video: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    weights = importlib.import_module("torchvision").models.resnet18(weights=None).state_dict()
    torch.save(weights, tmp_path / "resnet18.pth")
    (tmp_path / "still.toml").write_text("learning_rate = 1e-9")
    options = ("--start-from", str(tmp_path / "resnet18.pth"), "--settings", str(tmp_path / "still.toml"))
    result = call("train", str(video), "--out", str(tmp_path / "run"), *TINY, "2", *options)
    assert result.exit_code == 0, result.output
    assert "beginning with torchvision's weights of a ResNet, the classifier left out" in result.output
    got = torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)["network"]["backbone.conv1.weight"]
    assert torch.allclose(got, weights["conv1.weight"], atol=1e-6)
    result = call("train", str(video), "--out", str(tmp_path / "no"), *TINY, "2", *options, "--backbone", "resnet34")
    assert (result.exit_code, "does not fit" in result.output) == (1, True)


def test_resuming_needs_the_settings_of_the_run(trained: Path, video: Path) -> None:
    result = call("train", str(video), "--out", str(trained), *TINY, "4", "--resume")
    assert (result.exit_code, "(steps: 3 and 4); use the same settings" in result.output) == (1, True)


@pytest.mark.slow
def test_a_killed_run_goes_on_to_exactly_the_weights_of_an_uninterrupted_one(video: Path, tmp_path: Path) -> None:
    settings = tmp_path / "byol.toml"
    settings.write_text('[objective]\nmethod = "byol"\ngroups = 3\n')
    command = ["train", str(video), *TINY, "12", "--settings", str(settings), "--checkpoint-every", "0", "--out"]
    result = call(*command, str(tmp_path / "whole"))
    assert result.exit_code == 0, result.output
    out = tmp_path / "killed"
    kill_after_a_step([sys.executable, "-m", "selfee_rt", *command, str(out)], out)
    assert 1 <= torch.load(out / "last.ckpt", weights_only=True)["step"] < 12
    result = call(*command, str(out), "--resume")
    assert result.exit_code == 0, result.output
    whole, killed = (torch.load(tmp_path / name / "last.ckpt", weights_only=True) for name in ("whole", "killed"))
    for part in ("network", "target"):
        assert all(torch.equal(whole[part][name], killed[part][name]) for name in whole[part])
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 13))


def kill_after_a_step(command: list[str], out: Path) -> None:
    """Kill a run without a warning between its second step and its end."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        log, deadline = out / "log.jsonl", time.monotonic() + 200
        while not log.exists() or log.read_text().count("\n") < 2:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.005)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "{video}", "--out", "{new}", *TINY, "3", "--batch", "96"), "a batch needs 96"),
        (("train", "{video}", "--out", "{new}", *TINY, "3", "--batch", "8"), "10 groups for a batch of 8"),
        (("train", "{missing}", "--out", "{new}", *TINY, "3"), "missing.mp4"),
        (
            ("train", "{video}", "--out", "{new}", *TINY, "3", "--settings", "{missing}"),
            "cannot read training settings",
        ),
        (("train", "{video}", "--out", "{new}", *TINY, "3", "--settings", "{unknown}"), "stepps: unknown key"),
        (("train", "{video}", "--out", "{new}", *TINY, "3", "--start-from", "{missing}"), "there is no such file"),
        (("export", "{video}", "--out", "{new}.onnx"), "not a checkpoint"),
        (("export", "{missing}", "--out", "{new}.onnx"), "not a checkpoint: there is no such file"),
        (("export", "{folder}", "--out", "{new}.onnx"), "not a checkpoint: it is a folder"),
        (("export", "{trained}", "--out", "{new}.onnx", "--size", "48x32"), "was trained at 32x32 px"),
        (("export", "{trained}", "--out", "{new}.onnx", "--fps", "30"), "give both or neither"),
        (("export", "{trained}", "--out", "{new}.onnx", "--verify", "{missing}"), "missing.mp4"),
    ],
)
def test_bad_input_is_one_message_and_leaves_no_file(
    arguments: tuple[str, ...], message: str, video: Path, trained: Path, tmp_path: Path
) -> None:
    names = {"video": video, "missing": tmp_path / "missing.mp4", "new": tmp_path / "new", "folder": tmp_path}
    names["unknown"] = tmp_path / "unknown.toml"
    names["unknown"].write_text("stepps = 5")
    names["trained"] = trained / "last.ckpt"
    result = call(*(argument.format(**names) for argument in arguments))
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.glob("**/*.onnx")) + list(tmp_path.glob("**/*.ckpt"))
