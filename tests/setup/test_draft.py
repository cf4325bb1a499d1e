"""A draft says after every answer what is still wrong, in words, and is a configuration when nothing is."""

from pathlib import Path

import msgspec
import pytest

from selfee_rt.config import Region
from selfee_rt.errors import ConfigError
from selfee_rt.setup.draft import Draft
from selfee_rt.types import SourceInfo
from tests.support import need_module
from tests.tiny_model import write_tiny_model


def seen(width_px=640, height_px=480, fps=30.0):
    return SourceInfo("x", width_px, height_px, False, fps, None, "arrival", True, False)


@pytest.fixture
def draft(tmp_path):
    made = Draft(tmp_path)
    made.source = {"kind": "synthetic"}
    return made


def test_an_empty_draft_asks_for_a_source(tmp_path):
    draft = Draft(tmp_path)
    assert draft.problems() == ["source: none is chosen yet; choose a camera or a file"]
    with pytest.raises(ConfigError):
        draft.config()


def test_a_source_alone_is_enough(draft):
    assert draft.problems() == []
    assert draft.document() == {"source": {"kind": "synthetic"}}


def test_answers_are_taken_back_with_nothing(draft):
    draft.put("subject.id", "fly 7")
    assert draft.config().subject.id == "fly 7"
    draft.put("subject.id", "")
    assert draft.get("subject.id") is None
    assert "subject" not in draft.document()


def test_problems_are_in_words_and_all_there(draft):
    draft.put("subject.sex", "male")
    draft.put("seconds", -1)
    draft.arenas[0].name = "Left Box"
    draft.devices = [{"kind": "microcontroller", "name": "laser"}]
    assert draft.problems() == [
        "arena 1: name: 'Left Box' is no name; use lower-case letters, digits, - and _, beginning with a letter or "
        "digit",
        "device 1: port: is not given yet",
        "subject: sex: should be 'M', 'F', 'U' or 'O', got 'male'",
        "seconds: should be greater than 0, got -1",
    ]


def test_two_of_one_name_are_told_apart(draft):
    for x in (0, 100):
        draft.arenas.add(Region(x=x, y=0, width=50, height=50))
    draft.arenas[1].name = draft.arenas[0].name
    assert draft.problems() == ["two arenas have the same name: arena, arena; give each its own"]


def test_files_that_are_not_there_are_said(draft, tmp_path):
    draft.source = {"kind": "video_file", "path": "nowhere.mp4"}
    draft.put("model.file", "nowhere.onnx")
    said = "\n".join(draft.problems())
    assert f"there is no file {tmp_path / 'nowhere.mp4'}" in said
    assert "nowhere.onnx" in said


def test_a_folder_that_no_session_made_is_said(draft, tmp_path):
    draft.source = {"kind": "recorded", "folder": str(tmp_path)}
    assert "no session folder" in draft.problems()[0]


def test_a_reference_of_another_model_is_said(rig, draft, tmp_path):
    write_tiny_model(tmp_path / "other.onnx", seed=5)
    draft.put("observe.reference", str(rig / "reference.npz"))
    draft.put("model.file", str(tmp_path / "other.onnx"))
    assert "made with another model" in draft.problems()[0]
    draft.put("model.file", str(rig / "model.onnx"))
    assert draft.problems() == []


def test_a_file_that_is_no_reference_is_said(draft, tmp_path):
    for content in (b"", b"PK\x03\x04 rubbish", b"\x93NUMPY"):
        (tmp_path / "r.npz").write_bytes(content * 3)
        draft.put("observe.reference", "r.npz")
        assert "is no reference file" in draft.problems()[0]


def test_a_model_file_that_was_changed_is_read_again(draft, tmp_path):
    need_module("onnx")
    path = tmp_path / "m.onnx"
    path.write_bytes(b"rubbish")
    draft.put("model.file", str(path))
    assert draft.problems()
    path.unlink()
    write_tiny_model(path)
    assert not any("m.onnx is not" in each for each in draft.problems())


def test_arenas_must_lie_in_the_picture_that_was_seen(draft):
    draft.arenas.add(Region(x=600, y=0, width=100, height=100))
    assert draft.problems() == [], "nobody knows how large the picture is"
    draft.seen = seen()
    assert draft.problems() == ["arena 'arena' is not inside the picture of 640x480; draw it again"]


def test_a_frame_rate_that_does_not_suit_the_model_is_said_unless_it_is_allowed(draft):
    draft.seen = seen(fps=5)
    assert "5 frames/s" in draft.problems()[0]
    draft.put("model.allow_interval_mismatch", True)
    assert draft.problems() == []


def test_another_source_has_not_been_seen(draft):
    draft.seen = seen()
    draft.source = {"kind": "synthetic"}
    assert draft.seen is not None, "it is the same one"
    draft.source = {"kind": "synthetic", "fps": 50}
    assert draft.seen is None


def test_the_first_rectangle_is_that_of_the_only_arena(draft):
    assert draft.arenas.add(Region(x=0, y=0, width=50, height=50)) == 0
    assert draft.arenas.add(Region(x=50, y=0, width=50, height=50)) == 1
    assert [arena.name for arena in draft.arenas] == ["arena", "arena2"]
    draft.arenas.remove(0)
    draft.arenas.remove(0)
    assert len(draft.arenas) == 1
    assert draft.arenas[0].region is None, "there is always one, if only the whole picture"


def test_a_picture_is_split_into_equal_arenas(draft):
    assert draft.arenas.split(2, 3, (480, 640))
    assert [arena.name for arena in draft.arenas] == [f"arena{number}" for number in range(1, 7)]
    assert not draft.arenas.split(200, 1, (480, 640))
    assert len(draft.arenas) == 6
    assert draft.problems() == []


def test_relative_paths_belong_to_the_folder_of_the_file(draft, tmp_path):
    draft.put("observe.reference", Path("r.npz"))
    assert draft.config().observe.reference == tmp_path / "r.npz"


def test_a_model_that_subtracts_a_background_is_said_to_want_one(draft, tmp_path):
    need_module("onnx")
    card = write_tiny_model(tmp_path / "mouse.onnx")
    write_tiny_model(tmp_path / "mouse.onnx", card=msgspec.structs.replace(card, preprocessing="selfee_mouse"))
    draft.put("model.file", str(tmp_path / "mouse.onnx"))
    draft.put("observe.detector", [])
    draft.put("observe.reference", None)
    assert any("has no background, but the model tiny" in problem for problem in draft.problems())
