"""`selfee-rt train` and `export`, from a video to a model file that embeds."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result

from selfee_rt.cli import main
from selfee_rt.embed.model import CARD_KEY, read_card
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")
need_module("onnx")
onnxruntime = need_module("onnxruntime")

TINY = ["--size", "32", "--dim", "8", "--batch", "8", "--threads", "1", "--steps"]


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
    assert {"loss", "simsiam", "cld", "collapse", "learning_rate"} <= set(lines[0])
    (prepared,) = (trained / "prepared").iterdir()
    assert prepared.name.startswith("walk-")
    assert (trained / "last.ckpt").exists()


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


def test_resuming_needs_the_settings_of_the_run(trained: Path, video: Path) -> None:
    result = call("train", str(video), "--out", str(trained), *TINY, "4", "--resume")
    assert (result.exit_code, "use the same settings" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "{video}", "--out", "{new}", "--size", "32", "--batch", "96", "--steps", "3"), "a batch needs 96"),
        (("train", "{missing}", "--out", "{new}", "--steps", "3"), "missing.mp4"),
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
    names["trained"] = trained / "last.ckpt"
    result = call(*(argument.format(**names) for argument in arguments))
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.glob("**/*.onnx")) + list(tmp_path.glob("**/*.ckpt"))
