"""Whatever a user does wrong gives one clear message, a non-zero exit, no traceback, and leaves nothing behind."""

import shutil

import pytest
import zmq
from click.testing import CliRunner

from selfee_rt.cli import main
from tests.support import need_data
from tests.tiny_model import write_tiny_model

PORTS = """
[publish]
observations = "tcp://127.0.0.1:*"
control = "tcp://127.0.0.1:*"
preview = "tcp://127.0.0.1:*"
"""


def arena(rig, more=""):
    return f"""
seconds = 2
[source]
kind = "synthetic"
width_px = 160
height_px = 120
speed = "max"
[model]
file = "{(rig / "model.onnx").as_posix()}"
threads = 1
{more}
"""


def refused(*arguments):
    """Run a command that must fail; return its message."""
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code != 0, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "session.toml"
        path.write_text(text)
        return path

    return write


def test_a_missing_model(rig, tmp_path):
    output = refused("replay", tmp_path / "a.mp4", "--model", tmp_path / "no.onnx", "--out", tmp_path / "s")
    assert "no.onnx" in output


def test_a_file_that_is_no_model(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"not a model" * 100)
    output = refused("replay", tmp_path / "a.mp4", "--model", tmp_path / "m.onnx", "--out", tmp_path / "s")
    assert "m.onnx" in output


def test_a_reference_made_with_another_model(rig, config, tmp_path):
    write_tiny_model(tmp_path / "other.onnx", seed=5)
    text = arena(rig).replace((rig / "model.onnx").as_posix(), (tmp_path / "other.onnx").as_posix())
    reference = f'[observe]\nreference = "{(rig / "reference.npz").as_posix()}"\n'
    output = refused("run", config(text + reference + PORTS), "--out", tmp_path / "s")
    assert "another model" in output


def test_a_corrupt_reference(rig, config, tmp_path):
    whole = (rig / "reference.npz").read_bytes()
    (tmp_path / "r.npz").write_bytes(whole[: len(whole) // 2])
    output = refused("run", config(arena(rig, '[observe]\nreference = "r.npz"') + PORTS), "--out", tmp_path / "s")
    assert "r.npz" in output
    assert "selfee-rt fit" in output


def test_a_region_outside_the_picture(rig, config, tmp_path):
    region = '[[arena]]\nname = "left"\nregion = {x = 100, y = 0, width = 100, height = 100}'
    output = refused("run", config(arena(rig, region) + PORTS), "--out", tmp_path / "s")
    assert "left" in output
    assert "160" in output
    assert not (tmp_path / "s").exists()


def test_every_typo_of_a_configuration_at_once(rig, config):
    output = refused("check", config(arena(rig, "[observ]\nx = 1") + "[record]\nvide = 'none'\n"))
    assert "observ" in output
    assert "record.vide" in output
    assert output.count("unknown key") == 2


def test_check_finds_what_is_wrong_in_different_places_at_once(rig, config):
    region = '[[arena]]\nname = "left"\nregion = {x = 100, y = 0, width = 100, height = 100}\n'
    text = arena(rig, region).replace("model.onnx", "nowhere.onnx")
    public = PORTS.replace('observations = "tcp://127.0.0.1:*"', 'observations = "tcp://0.0.0.0:5571"')
    output = refused("check", config(text + public))
    for part in ("nowhere.onnx", "left", "publish.observations"):
        assert part in output


def test_a_configuration_that_is_no_toml_or_not_there(config, tmp_path):
    assert "TOML" in refused("run", config("[source\n"))
    assert "nowhere.toml" in refused("run", tmp_path / "nowhere.toml")


def test_a_video_that_is_not_one(rig, tmp_path):
    (tmp_path / "a.mp4").write_text("not a video")
    output = refused("replay", tmp_path / "a.mp4", "--model", rig / "model.onnx", "--out", tmp_path / "s")
    assert "a.mp4" in output
    assert not (tmp_path / "s").exists()


def test_the_file_of_the_awkward_ones_that_is_no_video(rig, tmp_path):
    path = need_data("awkward/not_a_video.mov")
    assert "not_a_video.mov" in refused("replay", path, "--model", rig / "model.onnx", "--out", tmp_path / "s")


def test_a_camera_that_is_not_there(rig, config, tmp_path):
    text = arena(rig).replace('kind = "synthetic"', 'kind = "stream"\naddress = "/dev/video97"\nformat = "v4l2"')
    text = text.replace('width_px = 160\nheight_px = 120\nspeed = "max"\n', "")
    output = refused("run", config(text + PORTS), "--out", tmp_path / "s")
    assert "/dev/video97" in output


def test_a_port_in_use(rig, config, tmp_path):
    context = zmq.Context()
    taken = context.socket(zmq.PUB)
    port = taken.bind_to_random_port("tcp://127.0.0.1")
    ports = PORTS.replace('observations = "tcp://127.0.0.1:*"', f'observations = "tcp://127.0.0.1:{port}"')
    output = refused("run", config(arena(rig) + ports), "--out", tmp_path / "s")
    taken.close()
    context.term()
    assert str(port) in output


def test_a_folder_that_exists(rig, config, tmp_path):
    (tmp_path / "s").mkdir()
    assert "exists" in refused("run", config(arena(rig) + PORTS), "--out", tmp_path / "s")
    shutil.rmtree(tmp_path / "s")


def test_a_speed_that_is_none(rig, tmp_path):
    for speed in ("fast", "-1", "0", "nan"):
        assert "speed" in refused("replay", tmp_path / "a.mp4", "--speed", speed)


def test_a_folder_that_is_no_session(tmp_path):
    assert "session" in refused("verify", tmp_path)
    assert "session" in refused("replay", tmp_path, "--out", tmp_path / "s")
