"""The awkward recordings through the whole line: observed with their true number of frames, or refused clearly."""

import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.folder import SessionFolder
from tests.acquire.test_awkward import TRUTHS
from tests.cli.test_bad_input import PORTS, refused
from tests.session.rig import assert_verified, fates
from tests.support import need_data


@pytest.fixture
def lenient(rig, tmp_path):
    """A configuration that takes any frame rate."""
    path = tmp_path / "lenient.toml"
    model = f'[model]\nfile = "{(rig / "model.onnx").as_posix()}"\nthreads = 1\nallow_interval_mismatch = true\n'
    path.write_text('[source]\nkind = "synthetic"\n' + model + PORTS)
    return path


@pytest.mark.parametrize("name", TRUTHS)
def test_an_awkward_recording_is_replayed_with_every_frame_accounted_for(lenient, tmp_path, name):
    out = tmp_path / "s"
    command = ["replay", str(need_data(f"awkward/{name}")), "--config", str(lenient), "--speed", "max"]
    result = CliRunner().invoke(main, [*command, "--out", str(out), "--headless"])
    assert result.exit_code == 0, result.output
    with SessionFolder(out) as folder:
        assert sum(1 for _ in folder.exposures()) == TRUTHS[name].frames
    assert sum(fates(out).values()) >= TRUTHS[name].frames
    assert_verified(out)


def test_what_is_no_video_is_refused(lenient, tmp_path):
    path = need_data("awkward/not_a_video.mov")
    assert "not_a_video.mov" in refused("replay", path, "--config", lenient, "--out", tmp_path / "s")
    assert not (tmp_path / "s").exists()
