"""What is read: sessions, files of embeddings and videos, and what is refused before any work."""

import numpy as np
import pytest

from selfee_rt.config import ModelConfig, VideoFileConfig
from selfee_rt.errors import ConfigError, FolderError, LabelsError, MissingExtra, SourceError
from selfee_rt.record.embeddings import EmbeddingStore
from selfee_rt.record.log import SessionLog
from selfee_rt.workbench.analyses import stored
from selfee_rt.workbench.analyses.inputs import HowToEmbed, Inputs, read_inputs
from selfee_rt.workbench.analyses.labelled import labels_of
from selfee_rt.workbench.embedding import no_progress, write_embeddings
from tests.record.history import MODEL_ID, embeddings, make_folder
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.analyses.simulated import recording
from tests.workbench.test_fit import write_video


def silent(name):
    return no_progress


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two videos, their embeddings in one file, and a session of two arenas."""
    folder = tmp_path_factory.mktemp("inputs")
    write_tiny_model(folder / "model.onnx")
    sources = []
    for seed, name in enumerate(("b.mkv", "a.mkv")):
        write_video(folder / name, 40, seed=seed)
        sources.append((name, VideoFileConfig(path=folder / name, speed="max")))
    need_module("h5py")
    write_embeddings(sources, how(folder).model, how(folder).arena, folder / "e.h5", progress=silent)
    session(folder / "session", range(3, 20))
    return folder


def how(folder):
    return HowToEmbed(ModelConfig(file=folder / "model.onnx", threads=1))


def session(path, indices, *, every=1):
    make_folder(path)
    log = SessionLog(path)
    log.end("stopped", 25)
    log.close()
    if every:
        store = EmbeddingStore(path, every, MODEL_ID)
        for index in indices:
            store.write(embeddings(index))
        store.end()
        store.close()
    return path


def read(folder, *plain, groups=()):
    return read_inputs([str(each) for each in plain], groups, how(folder), progress=silent)


def test_a_file_of_embeddings_gives_what_its_videos_give_in_their_order(folder):
    from_file = read(folder, folder / "e.h5").recordings
    from_videos = read(folder, folder / "b.mkv", folder / "a.mkv").recordings
    assert [each.name for each in from_file] == [each.name for each in from_videos] == ["b.mkv", "a.mkv"]
    for first, second in zip(from_file, from_videos, strict=True):
        np.testing.assert_array_equal(first.embedding, second.embedding)
        np.testing.assert_array_equal(first.frame_index, second.frame_index)
        for name in ("sha256", "model_id", "fps", "exposures"):
            assert getattr(first, name) == getattr(second, name)


def test_one_recording_of_a_file_can_be_named(folder):
    (only,) = read(folder, f"{folder / 'e.h5'}::b.mkv").recordings
    assert only.name == "b.mkv"
    with pytest.raises(ConfigError, match=r"has no recording 'c\.mkv'; expected one of: b\.mkv, a\.mkv"):
        read(folder, f"{folder / 'e.h5'}::c.mkv")
    with pytest.raises(ConfigError, match="a video holds one recording"):
        read(folder, f"{folder / 'a.mkv'}::b.mkv")


def test_a_session_gives_a_recording_per_arena_as_it_was_scored(folder):
    left, right = read(folder, folder / "session").recordings
    assert (left.name, right.name) == ("session::left", "session::right")
    assert (left.model_id, left.exposures) == (MODEL_ID, 26)
    np.testing.assert_array_equal(left.frame_index, range(3, 20))
    for position, arena in enumerate((left, right)):
        expected = [embeddings(index).vector[position] for index in range(3, 20)]
        np.testing.assert_array_equal(arena.embedding.astype(np.float32), expected)
    (only,) = read(folder, f"{folder / 'session'}::right").recordings
    np.testing.assert_array_equal(only.embedding, right.embedding)
    with pytest.raises(ConfigError, match="no arena 'up'; expected one of: left, right"):
        read(folder, f"{folder / 'session'}::up")


def test_a_session_that_did_not_store_everything_is_refused(folder, tmp_path):
    with pytest.raises(FolderError, match="holds no embeddings, expected all"):
        read(folder, session(tmp_path / "none", [], every=0))
    with pytest.raises(FolderError, match=r"holds every 2\. embedding"):
        read(folder, session(tmp_path / "half", range(20), every=2))
    with pytest.raises(ConfigError, match="no embedding of the arena 'left'"):
        read(folder, session(tmp_path / "empty", []))


def test_groups_hold_the_recordings_of_their_inputs(folder):
    file = str(folder / "e.h5")
    inputs = read(
        folder, folder / "session", f"{file}::b.mkv", groups=[("wt", (f"{file}::a.mkv",)), ("ko", (f"{file}::b.mkv",))]
    )
    assert [each.name for each in inputs.recordings] == ["session::left", "session::right", "a.mkv", "b.mkv"]
    assert inputs.groups == {"wt": [2], "ko": [3]}
    assert [inputs.group_of(position) for position in range(4)] == ["", "", "wt", "ko"]


def test_every_mistake_that_shows_at_once_is_said_at_once(folder):
    video = str(folder / "a.mkv")
    with pytest.raises(ConfigError) as caught:
        read(folder, "gone.mkv", video, video, groups=[("wt", ("x.h5", "x.h5")), ("ko", ("x.h5",))])
    problems = caught.value.problems
    assert "there is no file or folder gone.mkv" in problems
    assert "there is no file or folder x.h5" in problems
    assert f"{video} is given twice" in problems
    assert "x.h5 is twice in the group 'wt'; give it once" in problems
    assert "x.h5 is in the groups 'wt' and 'ko'; a recording is in one group" in problems
    with pytest.raises(ConfigError, match="nothing to analyse"):
        read(folder)


def test_a_recording_that_comes_twice_by_different_ways_is_refused(folder):
    with pytest.raises(ConfigError, match=r"the recording a\.mkv is there twice"):
        read(folder, folder / "a.mkv", folder / "e.h5")


def test_recordings_that_share_a_name_only_are_numbered(folder, tmp_path):
    write_video(tmp_path / "a.mkv", 40, seed=9)
    inputs = read(folder, folder / "a.mkv", tmp_path / "a.mkv")
    assert [each.name for each in inputs.recordings] == ["a.mkv", "a.mkv (2)"]


@pytest.mark.parametrize("content", [b"", b"not HDF5", None])
def test_a_file_that_is_not_ours_is_refused(folder, tmp_path, content):
    path = tmp_path / "e.h5"
    if content is None:
        h5py = need_module("h5py")
        with h5py.File(path, "w") as file:
            file.create_group("a")["embedding"] = np.zeros((3, 2), np.float16)
    else:
        path.write_bytes(content)
    with pytest.raises(FolderError, match=r"e\.h5 is not a file of embeddings"):
        read(folder, path)


def damaged(file, part):
    group = file["a.mkv"]
    if part == "nan":
        group["embedding"][3, 2] = np.nan
    elif part == "order":
        group["frame_index"][5] = 0
    else:
        group["frame_index"].resize(7, axis=0)


@pytest.mark.parametrize("part", ["nan", "order", "length"])
def test_damaged_embeddings_are_refused(folder, tmp_path, part):
    h5py = need_module("h5py")
    path = tmp_path / "e.h5"
    path.write_bytes((folder / "e.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        damaged(file, part)
    with pytest.raises(FolderError, match=r"e\.h5 is not a file of embeddings: a\.mkv"):
        read(folder, path)


def test_without_h5py_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(MissingExtra, match=r"selfee-rt\[analysis\]"):
        stored.from_hdf5(folder / "e.h5")


def test_what_is_no_video_is_refused_by_the_reader(folder, tmp_path):
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(SourceError):
        read(folder, tmp_path / "notes.txt")


def test_labels_belong_to_recordings_in_order(tmp_path):
    inputs = Inputs(tuple(recording(np.zeros((6, 2)), name=name) for name in ("a", "b")), {})
    path = tmp_path / "a.csv"
    path.write_text("frame,label\n" + "".join(f"{frame},x\n" for frame in range(10)))
    dash = path.with_name("-").relative_to(tmp_path)
    assert labels_of(inputs, []) == [None, None]
    assert labels_of(inputs, [dash, path]) == [None, ("x",) * 10]
    with pytest.raises(ConfigError, match=r"got 1 label files for 2 recordings \(a, b\)"):
        labels_of(inputs, [path])
    path.write_text("frame,label\n0,x\n")
    with pytest.raises(LabelsError, match="the labels end with frame 0"):
        labels_of(inputs, [path, dash])
