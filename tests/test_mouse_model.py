"""A model that subtracts a background, from its checkpoint to stored embeddings, by the commands that a user types."""

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.embed.model import read_card
from selfee_rt.folder import SessionFolder
from tests.acquire.videos import write
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")
need_module("onnx")
need_module("onnxruntime")
need_module("cv2")

from tests.workbench.authors_network import SimSiam, settled  # noqa: E402

EXPOSURES, EMPTY = 75, 30
GROUND = np.random.default_rng(0).integers(100, 200, (48, 64), np.uint8)
MICE = ("--size", "48x32", "--frame-interval", "2", "--fps", "30", "--preprocessing", "selfee_mouse")
SESSION = """
source = {{kind = "video_file", path = '{video}', speed = "max"}}
model = {{file = '{model}', threads = 1}}
observe = {{smoothing = {{kind = "none"}}, detector = []}}
publish = {{observations = "tcp://127.0.0.1:*", control = "tcp://127.0.0.1:*", preview = "tcp://127.0.0.1:*"}}
record = {{video = "ffv1"}}

[[arena]]
name = "cage"
background = {background}
"""


@pytest.fixture(autouse=True)
def one_torch_thread():
    """Compute on one thread while a test runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def walking(count):
    """A dark square that crosses a bright arena in a second, up and down."""
    for at in range(count):
        picture = GROUND.copy()
        left, top = 56 * (at % 30) // 30, 4 + at % 30
        picture[top : top + 12, left : left + 8] = 10
        yield picture


def command(*arguments, status=0):
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "mouse.mkv"
    return write(path, [at * 1000 // 30 for at in range(EXPOSURES)], walking(EXPOSURES), tag=2)


@pytest.fixture(scope="module")
def background(video):
    path = video.parent / "background.png"
    command("background", video, "--contrast", "dark", "--out", path)
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A state dict of the authors' form, 16 wide on a ResNet-18."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("theirs") / "mice.pkl"
    torch.save(settled(SimSiam(), (48, 32), seed=1).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def model(checkpoint, video, background):
    path = checkpoint.parent / "mice.onnx"
    given = ("--verify", video, "--background", background, "dark")
    output = command("export", checkpoint, "--out", path, *MICE, *given)
    assert "prepared by selfee_mouse" in output
    assert f"on 64 live frames of {video.name} the centred cosine with its source is at least 1.00000" in output
    return path


def session_file(path, video, model, background):
    path.write_text(SESSION.format(video=video, model=model, background=background))
    return path


def stored(folder):
    with SessionFolder(folder) as session:
        return {index: vector.astype(np.float16).tobytes() for index, vector in session.embeddings("cage")}


def embedded(path):
    with h5py.File(path) as file:
        (recording,) = file.values()
        return {
            int(index): vector.tobytes()
            for index, vector in zip(recording["frame_index"], recording["embedding"][:], strict=True)
        }


def test_the_card_asks_for_the_preparation_it_was_exported_and_compared_with(model, video):
    card = read_card(model)
    assert (card.preprocessing, card.height_px, card.width_px) == ("selfee_mouse", 48, 32)
    assert (card.verification["on"], card.verification["live_frames"]) == (video.name, 64)


def test_embedded_live_and_replayed_with_one_background_are_the_same_bit_for_bit(model, video, background, tmp_path):
    command("embed", video, "--model", model, "--background", background, "dark", "--out", tmp_path / "e.h5")
    picture = f'{{kind = "file", file = \'{background}\', contrast = "dark"}}'
    session = session_file(tmp_path / "cage.toml", video, model, picture)
    command("run", session, "--headless", "--out", tmp_path / "live")
    command("replay", tmp_path / "live", "--config", session, "--speed", "max", "--headless", "--out", tmp_path / "re")
    live = stored(tmp_path / "live")
    assert list(live) == list(range(2, EXPOSURES - 2))
    assert len(set(live.values())) >= 28, "the animal is not seen"
    assert stored(tmp_path / "re") == live == embedded(tmp_path / "e.h5")
    assert "passed" in command("verify", tmp_path / "re")


def test_a_background_of_the_first_second_gives_the_same_live_and_offline(model, video, tmp_path):
    command("embed", video, "--model", model, "--background", "first:1", "dark", "--out", tmp_path / "e.h5")
    session = session_file(
        tmp_path / "cage.toml", video, model, '{kind = "first_seconds", seconds = 1, contrast = "dark"}'
    )
    command("run", session, "--headless", "--out", tmp_path / "live")
    live = stored(tmp_path / "live")
    assert list(live) == list(range(EMPTY + 2, EXPOSURES - 2))
    assert live == embedded(tmp_path / "e.h5")


def test_without_a_video_the_synthetic_arena_makes_its_own_background(checkpoint, tmp_path):
    output = command("export", checkpoint, "--out", tmp_path / "m.onnx", *MICE)
    assert "on 64 live frames of the synthetic arena the centred cosine with its source is at least 1.00000" in output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--verify", "{video}"), "has no background, but the model m wants the preparation selfee_mouse"),
        (("--background", "{background}", "dark"), "a background was given, but no video that it belongs to"),
        (("--verify", "{video}", "--background", "{missing}", "dark"), "cannot read the background"),
        (("--verify", "{video}", "--background", "first:9", "dark"), "made from the first 270 exposures"),
        (
            ("--preprocessing", "grey_resize", "--verify", "{video}", "--background", "{background}", "dark"),
            "grey_resize, which subtracts none",
        ),
    ],
)
def test_an_export_whose_background_is_missing_or_unwanted_is_refused_and_leaves_no_file(
    checkpoint, video, background, tmp_path, options, words
):
    names = {"video": video, "background": background, "missing": tmp_path / "no.png"}
    given = [each.format(**names) for each in options]
    output = command("export", checkpoint, "--out", tmp_path / "m.onnx", *MICE, *given, status=1)
    assert words in output
    assert not list(tmp_path.iterdir())


def test_a_network_trained_on_pictures_without_background_is_exported_as_such(video, background, tmp_path):
    arena = session_file(
        tmp_path / "cage.toml", video, "any.onnx", f'{{kind = "file", file = \'{background}\', contrast = "dark"}}'
    )
    tiny = ("--size", "32x32", "--backbone", "resnet18", "--dim", 8, "--batch", 10, "--threads", 1, "--device", "cpu")
    train = ("train", video, "--out", tmp_path / "run", "--preset", "selfee-mouse", "--steps", 2, *tiny)
    assert "give --arenas SESSION.toml with [[arena]] background" in command(*train, status=1)
    command(*train, "--arenas", arena)
    prepared = np.fromfile(next((tmp_path / "run" / "prepared").glob("*.grey")), np.uint8)
    assert np.median(prepared) == 255, "the ground is not white"
    export = ("export", tmp_path / "run" / "last.ckpt", "--out", tmp_path / "m.onnx", "--verify", video)
    assert "has no background" in command(*export, status=1)
    denied = command(*export, "--preprocessing", "grey_resize", status=1)
    assert "was trained on pictures prepared by selfee_mouse, --preprocessing says grey_resize" in denied
    command(*export, "--background", background, "dark", "--precision", "fp32")
    assert read_card(tmp_path / "m.onnx").preprocessing == "selfee_mouse"
