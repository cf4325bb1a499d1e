"""A background picture from a recording, and offline work with a model that subtracts one."""

import h5py
import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.compose.background_file import read_background
from selfee_rt.config import VideoFileConfig
from selfee_rt.errors import ConfigError, FolderError
from selfee_rt.workbench.background import make_background
from tests.acquire.videos import write
from tests.tiny_model import write_tiny_model

GROUND = np.random.default_rng(0).integers(100, 200, (48, 64), np.uint8)


def moving(count):
    """A dark square that crosses the arena."""
    for at in range(count):
        picture = GROUND.copy()
        left = at * 56 // count
        picture[20:28, left : left + 8] = 10
        yield picture


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "mouse.mkv"
    return write(path, [at * 33 for at in range(105)], moving(105), tag=2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "mouse.onnx"
    card = write_tiny_model(path, size_px=(32, 24))
    write_tiny_model(path, size_px=(32, 24), card=msgspec.structs.replace(card, preprocessing="selfee_mouse"))
    return path


def command(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_an_animal_that_moves_is_not_in_the_picture(video, tmp_path):
    assert make_background(VideoFileConfig(path=video, speed="max"), "dark", tmp_path / "bg.png") == 100
    np.testing.assert_array_equal(read_background(tmp_path / "bg.png"), GROUND)


def test_a_part_is_the_median_of_the_averages_of_its_windows(video, tmp_path):
    config = VideoFileConfig(path=video, speed="max")
    assert make_background(config, "bright", tmp_path / "bg.png", start_s=1, seconds=1) == 30
    part = np.array(list(moving(105)))[30:60].reshape(10, 3, 48, 64)
    expected = np.ceil(np.round(np.median(part.mean(axis=1), axis=0), 6))
    np.testing.assert_array_equal(read_background(tmp_path / "bg.png"), expected)


def test_what_is_too_short_or_exists_is_refused_and_nothing_is_written(video, tmp_path):
    config = VideoFileConfig(path=video, speed="max")
    with pytest.raises(ConfigError, match="5 exposures from exposure 100 on, expected at least 10"):
        make_background(config, "dark", tmp_path / "bg.png", start_s=3.3)
    with pytest.raises(ConfigError, match="got 6 exposures, expected at least 10"):
        make_background(config, "dark", tmp_path / "bg.png", seconds=0.2)
    assert not list(tmp_path.iterdir())
    (tmp_path / "bg.png").touch()
    with pytest.raises(FolderError, match="exists"):
        make_background(config, "dark", tmp_path / "bg.png")


def test_the_commands_make_a_picture_and_embed_and_fit_with_it(video, model, tmp_path):
    made = command("background", video, "--contrast", "dark", "--out", tmp_path / "bg.png")
    assert made.exit_code == 0, made.output
    assert "from 100 exposures" in made.output
    given = ("--model", model, "--background", tmp_path / "bg.png", "dark")
    assert command("embed", video, "--out", tmp_path / "e.h5", *given).exit_code == 0
    result = command("fit", video, "--out", tmp_path / "r.npz", "--project", 8, *given)
    assert result.exit_code == 0, result.output
    first = ("--model", model, "--background", "first:1", "dark")
    assert command("embed", video, "--out", tmp_path / "f.h5", *first).exit_code == 0
    with h5py.File(tmp_path / "e.h5") as whole, h5py.File(tmp_path / "f.h5") as later:
        assert whole["mouse.mkv/frame_index"][[0, -1]].tolist() == [2, 102]
        assert later["mouse.mkv/frame_index"][[0, -1]].tolist() == [32, 102]
        assert np.ptp(whole["mouse.mkv/embedding"][:], axis=0).max() > 0.1, "the animal is not seen"


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ([], 1, "has no background"),
        (["--background", "bg.png", "dark", "--invert"], 2, "invert and background exclude each other"),
        (["--background", "first:0.5", "dark"], 2, "--background: seconds: Input should be greater than or equal to 1"),
        (["--background", "first:soon", "dark"], 2, "--background: seconds: Input should be a valid number"),
        (["--background", "bg.png", "grey"], 2, "'grey' is not one of 'dark', 'bright'"),
        (["--background", "nowhere.png", "dark"], 1, "cannot read the background nowhere.png"),
        (["--region", "0", "0", "4", "8"], 2, "--region: width: Input should be greater than or equal to 8, got 4"),
    ],
)
def test_what_cannot_be_is_refused_with_words(video, model, tmp_path, options, status, words):
    result = command("embed", video, "--out", tmp_path / "e.h5", "--model", model, *options)
    assert (result.exit_code, words in result.output.replace("\n", " ")) == (status, True), result.output
