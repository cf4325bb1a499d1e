"""Setup in the terminal: what is answered is what is written, and nothing else ever is."""

import tomllib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.acquire.cameras import list_cameras
from selfee_rt.cli import main
from selfee_rt.config import FirstSecondsBackgroundConfig, StoredBackgroundConfig, load
from tests.acquire.videos import write
from tests.support import need_module
from tests.tiny_model import write_tiny_model

FOUND = sum(bool(each.config) for each in list_cameras())
VIDEO, RECORDED, NETWORK = (str(FOUND + place) for place in (1, 2, 3))
SYNTHETIC = "1"
WHOLE = [""]
NETWORK_AS_SHIPPED = ["", "", "n"]
NOTHING_ABOUT_IT = [""] * 10
LENGTH = ["", ""]
NO_DEVICE = ["n"]
NO_CHECK = ["n"]
REST = [*NETWORK_AS_SHIPPED, *NOTHING_ABOUT_IT, *LENGTH, *NO_DEVICE]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Where nothing is found, and nobody sees a window."""
    folder = tmp_path / "rig"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DISPLAY", raising=False)
    return folder


@pytest.fixture
def video(tmp_path):
    return write(tmp_path / "two flies.mkv", range(0, 1200, 33))


def setup(*answers, out=None, code=0):
    """Run it with these answers; return what it said, in one line."""
    arguments = ["setup", "--no-window", *(() if out is None else ("--out", str(out)))]
    result = CliRunner().invoke(main, arguments, input="\n".join(answers) + "\n")
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def accepted(path):
    """What `selfee-rt check` says of a file."""
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 0, result.output
    return result.output


def test_enter_at_everything_gives_the_demo_s_arena_which_check_accepts():
    output = setup(SYNTHETIC, *WHOLE, *REST, "", *NO_CHECK)
    assert "No window was asked for, so the questions are asked here." in output
    assert "640 x 480 pixels at 30 frames/s" in output
    assert "selfee-rt check session.toml selfee-rt run session.toml" in output
    assert tomllib.loads(Path("session.toml").read_text()).keys() >= {"source", "subject"}
    assert "synthetic arena" in accepted("session.toml")


def test_a_video_with_two_arenas_model_reference_and_words_about_it(rig, video, empty_folder):
    for name in ("model.onnx", "reference.npz"):
        (empty_folder / name).write_bytes((rig / name).read_bytes())
    about = ["pilot", "courtship = fun", "", "", "", "", "D. melanogaster", "F", "P5D", ""]
    output = setup(
        VIDEO, f'"{video}"', "1x2", "left", "fly 1", "right", "", "2", "2", "y", *about, "60", "3", "n", *NO_CHECK,
        out=empty_folder / "a b.toml",
    )  # fmt: skip
    assert "2 model.onnx (tiny 1: 32x32 px, 66.7 ms)" in output
    assert 'selfee-rt check "a b.toml"' in output
    config = load(empty_folder / "a b.toml")
    assert config.source.path == video
    assert [(arena.name, arena.region.x, arena.subject, arena.invert) for arena in config.arena] == [
        ("left", 0, "fly 1", True),
        ("right", 32, None, True),
    ]
    assert config.model.file == empty_folder / "model.onnx"
    assert config.observe.reference == empty_folder / "reference.npz"
    assert (config.experiment.id, config.experiment.description) == ("pilot", "courtship = fun")
    assert (config.subject.sex, config.subject.age, config.subject.id) == ("F", "P5D", None)
    assert (config.seconds, config.record.video) == (60, "none")
    assert "2 arena(s)" in accepted(empty_folder / "a b.toml")


def test_what_cannot_be_used_is_said_and_asked_again(video):
    output = setup(
        "99", VIDEO, "", "nowhere.mp4", str(video),
        "everything", "0x0", "90x90", "0,0,4,4", "60,0,20,20", "8,8,20,20", "30,8,20,20", "",
        "A B", "arena2", "", "", "arena", "other", "",
        "9", "2", "nowhere.onnx", "", "", "",
        *[""] * 7, "male", "M", "", "",
        "soon", "-3", "12", "",
        "n", "", "n",
    )  # fmt: skip
    for said in (
        "there is no file",
        "'everything', expected Enter, rows x columns such as 2x3",
        "expected at least one part",
        "got 4 x 4 pixels, expected at least 8 x 8",
        "it reaches out of the picture of 64 x 48 pixels",
        "'A B' is no name",
        "two arenas have the same name",
        "nowhere.onnx",
        "subject: sex: should be 'M', 'F', 'U' or 'O', got 'male'",
        "got 'soon', expected a number",
        "seconds: should be greater than 0, got -3.0",
    ):
        assert said in output
    config = load(Path("session.toml"))
    assert [arena.name for arena in config.arena] == ["arena", "other"]
    assert (config.subject.sex, config.seconds, config.model.file) == ("M", 12, None)


def test_a_source_that_does_not_open_is_kept_only_on_purpose(tmp_path):
    (tmp_path / "a.mp4").write_text("not a video")
    output = setup(VIDEO, str(tmp_path / "a.mp4"), "n", SYNTHETIC, *WHOLE, *REST, "", *NO_CHECK)
    assert "Keep this source, although it does not open now?" in output
    assert load(Path("session.toml")).source.kind == "synthetic"
    setup(VIDEO, str(tmp_path / "a.mp4"), "y", "2x2", *WHOLE, *REST, "kept.toml", *NO_CHECK)
    assert load(Path("kept.toml")).source.path == tmp_path / "a.mp4"


def test_a_network_camera_and_devices_are_written():
    devices = ["y", "1", "laser", "", "/dev/ttyACM0", "y", "7", "laser", "rehearsal", "y", "5", "", "no number", "9000"]
    output = setup(
        NETWORK, "tcp://127.0.0.1:9/none", "y", *WHOLE, *NETWORK_AS_SHIPPED, *NOTHING_ABOUT_IT, *LENGTH,
        *devices, "n", "", *NO_CHECK,
    )  # fmt: skip
    assert "port: is not given yet" in output or "/dev/tty" in output
    assert "two devices have the same name" in output
    config = load(Path("session.toml"))
    assert config.source.address == "tcp://127.0.0.1:9/none"
    assert [(each.kind, each.name) for each in config.device] == [
        ("microcontroller", "laser"),
        ("null", "rehearsal"),
        ("osc", "stimulus"),
    ]


def test_a_frame_rate_that_does_not_suit_the_model_is_allowed_only_on_purpose(tmp_path):
    slow = write(tmp_path / "slow.mkv", range(0, 4000, 200))
    output = setup(VIDEO, str(slow), *WHOLE, "", "y", "", "n", *NOTHING_ABOUT_IT, *LENGTH, *NO_DEVICE, "", *NO_CHECK)
    assert "Use it all the same?" in output
    assert load(Path("session.toml")).model.allow_interval_mismatch
    accepted("session.toml")
    output = setup(
        VIDEO, str(slow), *WHOLE, "", "n", "", "n", *NOTHING_ABOUT_IT, *LENGTH, *NO_DEVICE, "n", out="b.toml", code=1
    )
    assert "Write it nevertheless" in output
    assert not Path("b.toml").exists()


@pytest.fixture
def mouse(empty_folder):
    """A model that subtracts a background, where it is found."""
    need_module("onnx")
    card = write_tiny_model(empty_folder / "mouse.onnx")
    write_tiny_model(empty_folder / "mouse.onnx", card=msgspec.structs.replace(card, preprocessing="selfee_mouse"))


SECOND_MODEL, NO_REFERENCE, PICTURE, BEGINNING, DARK, BRIGHT = "2", "", "1", "2", "1", "2"
AFTER_MODEL = [*NOTHING_ABOUT_IT, *LENGTH, *NO_DEVICE, ""]


@pytest.mark.usefixtures("mouse")
def test_for_a_model_that_subtracts_a_background_it_is_asked_for_and_check_accepts_it():
    output = setup(
        SYNTHETIC, "1x2", *[""] * 4, SECOND_MODEL, NO_REFERENCE, BEGINNING, "5", BRIGHT, *AFTER_MODEL, *NO_CHECK
    )
    assert "This model subtracts it" in output and "Invert the grey values" not in output
    backgrounds = [arena.background for arena in load(Path("session.toml")).arena]
    assert backgrounds == [FirstSecondsBackgroundConfig(seconds=5, contrast="bright")] * 2
    assert "from the first 5 s" in accepted("session.toml")


@pytest.mark.usefixtures("mouse")
def test_a_background_that_cannot_be_used_is_said_and_asked_again(video, tmp_path):
    wrong = [BEGINNING, "soon", DARK, BEGINNING, "10", DARK, PICTURE, str(tmp_path / "no.png"), DARK]
    np.save(tmp_path / "small.npy", np.zeros((8, 8), np.uint8))
    wrong += [PICTURE, str(tmp_path / "small.npy"), DARK]
    np.save(tmp_path / "empty.npy", np.full((48, 64), 200, np.uint8))
    right = [PICTURE, f'"{tmp_path / "empty.npy"}"', DARK]
    output = setup(VIDEO, str(video), *WHOLE, SECOND_MODEL, NO_REFERENCE, *wrong, *right, *AFTER_MODEL, *NO_CHECK)
    for words in ("got 'soon'", "made from the first 3", "no.png", "has 8x8 px, expected 64x48"):
        assert words in output
    (arena,) = load(Path("session.toml")).arena
    assert arena.background == StoredBackgroundConfig(file=tmp_path / "empty.npy", contrast="dark")
    accepted("session.toml")


@pytest.mark.parametrize("answers", range(0, 20, 3))
def test_stopping_anywhere_leaves_nothing(empty_folder, answers):
    all_of_them = [SYNTHETIC, *WHOLE, *REST]
    assert "Aborted!" in setup(*all_of_them[:answers], code=1)
    assert list(empty_folder.iterdir()) == []


def test_an_existing_file_is_not_overwritten():
    Path("session.toml").write_text("mine")
    output = setup(SYNTHETIC, *WHOLE, *REST, "", "other.toml", *NO_CHECK)
    assert "session.toml exists and is not overwritten" in output
    assert Path("session.toml").read_text() == "mine"
    assert load(Path("other.toml"))
    assert "exists and is not overwritten" in setup(out="session.toml", code=1)


def test_the_check_at_the_end_says_what_is_wrong_and_keeps_the_file(tmp_path):
    (tmp_path / "a.mp4").write_text("not a video")
    output = setup(VIDEO, str(tmp_path / "a.mp4"), "y", *WHOLE, *REST, "", "y", code=1)
    assert "The file is written all the same" in output
    assert load(Path("session.toml"))


def test_the_check_at_the_end_says_what_it_means(rig):
    output = setup(SYNTHETIC, *WHOLE, "2", str(rig / "model.onnx"), "", "n", *REST[3:], "", "y")
    assert "lookahead" in output


def test_where_there_is_no_display_it_says_so_and_asks(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    result = CliRunner().invoke(main, ["setup"], input="")
    assert "There is no display for a window, so the questions are asked here." in result.output or (
        "There is no window (" in result.output
    )
    assert "Where do the pictures come from?" in result.output
