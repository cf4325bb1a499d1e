"""What is offered is what can be used."""

import pytest

from selfee_rt.acquire.cameras import CameraListing
from selfee_rt.setup.finding import find
from tests.tiny_model import write_tiny_model


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A working folder in which nothing is."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


def test_models_and_references_are_found_and_rubbish_is_not(rig, tmp_path):
    (tmp_path / "models").mkdir()
    write_tiny_model(tmp_path / "models" / "mine.onnx")
    (tmp_path / "broken.onnx").write_bytes(b"rubbish")
    (tmp_path / "broken.npz").write_bytes(b"rubbish")
    (tmp_path / "good.npz").write_bytes((rig / "reference.npz").read_bytes())
    found = find(tmp_path)
    assert [model.path.name for model in found.models] == ["mine.onnx"]
    assert [reference.path.name for reference in found.references] == ["good.npz"]
    assert "chasing" in found.references[0].labels


def test_a_camera_is_what_its_listing_would_be_in_a_file(tmp_path):
    listings = [
        CameraListing("stream", "/dev/video0", '[source]\nkind = "stream"\naddress = "/dev/video0"'),
        CameraListing("basler", "Basler cameras", problem="none found"),
    ]
    usable, missing = find(tmp_path, lambda: listings).cameras
    assert usable.source == {"kind": "stream", "address": "/dev/video0"}
    assert (missing.source, str(missing)) == ({}, "Basler cameras: none found")


def test_the_synthetic_arena_is_always_there_and_first(tmp_path):
    assert find(tmp_path).cameras[0].source == {"kind": "synthetic"}
