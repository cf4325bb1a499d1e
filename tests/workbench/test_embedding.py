"""Offline embedding: every exposure has its embedding or its loss, and the HDF5 file holds what was computed."""

import numpy as np
import pytest

from selfee_rt.config import ArenaConfig, ModelConfig, Region, SyntheticConfig, VideoFileConfig
from selfee_rt.errors import ConfigError, FolderError, ModelMismatch, SourceError
from selfee_rt.workbench.embedding import embed_recording, embed_whole, no_progress, write_embeddings
from tests.support import need_module
from tests.tiny_model import write_tiny_model

ARENA = ArenaConfig(name="arena")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    write_tiny_model(path)
    return ModelConfig(file=path, threads=1)


def arena_video(**changes):
    """Two seconds of the synthetic arena, small."""
    return SyntheticConfig(**({"width_px": 96, "height_px": 96, "seconds": 2, "speed": "max", "seed": 3} | changes))


def silent(name):
    return no_progress


def test_every_exposure_is_embedded_or_lost(model):
    recording = embed_whole(arena_video(drop=((20, 20), (40, 43))), model, ARENA)
    lost = [index for loss in recording.losses for index in range(loss.first_index, loss.last_index + 1)]
    assert sorted([*lost, *recording.frame_index.tolist()]) == list(range(recording.exposures))
    assert recording.exposures == 60
    assert {loss.hop for loss in recording.losses} == {"edge", "source", "gap"}


def test_embeddings_are_rounded_to_float16_once(model):
    for embeddings in embed_recording(arena_video(seconds=0.5), model, ARENA):
        np.testing.assert_array_equal(embeddings.vector, embeddings.vector.astype(np.float16))
        assert embeddings.vector.shape == (1, 16)


def test_embedding_twice_gives_the_same_bits(model):
    first, second = (embed_whole(arena_video(), model, ARENA) for _ in range(2))
    np.testing.assert_array_equal(first.embedding, second.embedding)


def test_an_arena_is_embedded_by_its_region_alone(model):
    region = ArenaConfig(name="left", region=Region(x=0, y=0, width=48, height=96))
    whole, part = embed_whole(arena_video(), model, ARENA), embed_whole(arena_video(), model, region)
    assert not np.array_equal(whole.embedding, part.embedding)


def test_progress_goes_to_the_last_exposure(model):
    seen = []
    embed_whole(arena_video(), model, ARENA, progress=lambda done, promised: seen.append((done, promised)))
    assert [done for done, _ in seen] == list(range(1, 61))


def test_a_recording_too_short_for_a_live_frame_is_refused(model):
    with pytest.raises(ConfigError, match="gives no live frame: got 3 exposures, expected at least 5"):
        embed_whole(arena_video(seconds=0.1), model, ARENA)


def test_a_frame_rate_that_does_not_suit_the_model_is_refused_unless_allowed(model):
    slow = arena_video(fps=5, seconds=4)
    with pytest.raises(ModelMismatch):
        embed_whole(slow, model, ARENA)
    allowed = model.model_copy(update={"allow_interval_mismatch": True})
    assert len(embed_whole(slow, allowed, ARENA).frame_index) == 18


def test_a_video_that_is_none_is_refused(model, tmp_path):
    path = tmp_path / "not_a_video.mp4"
    path.write_text("not a video")
    with pytest.raises(SourceError):
        embed_whole(VideoFileConfig(path=path, speed="max"), model, ARENA)


def test_the_file_holds_the_embeddings_and_says_whose_they_are(model, tmp_path):
    h5py = need_module("h5py")
    out = tmp_path / "e.h5"
    recordings = [("one", arena_video(seconds=12)), ("two", arena_video(seed=4, drop=((30, 30),)))]
    counts = write_embeddings(recordings, model, ARENA, out, progress=silent)
    assert counts == {"one": 356, "two": 51}
    with h5py.File(out) as file:
        assert list(file) == ["one", "two"]
        for name, source in recordings:
            expected = embed_whole(source, model, ARENA)
            np.testing.assert_array_equal(file[name]["frame_index"], expected.frame_index)
            np.testing.assert_array_equal(file[name]["embedding"], expected.embedding)
            assert file[name]["embedding"].dtype == np.float16
            attributes = file[name].attrs
            assert attributes["model_id"] == expected.model_id
            assert (attributes["model_name"], attributes["model_version"]) == ("tiny", "1")
            assert (attributes["frame_interval"], attributes["interval_ms"]) == (2, 66.7)
            assert (attributes["fps"], attributes["exposures"]) == (30.0, expected.exposures)
    assert [path.name for path in tmp_path.iterdir()] == ["e.h5"]


def test_an_existing_file_is_not_overwritten(model, tmp_path):
    need_module("h5py")
    out = tmp_path / "e.h5"
    out.write_text("precious")
    with pytest.raises(ConfigError, match="exists; nothing is ever overwritten"):
        write_embeddings([("one", arena_video())], model, ARENA, out, progress=silent)
    assert out.read_text() == "precious"


def test_a_failure_half_way_leaves_no_file(model, tmp_path):
    need_module("h5py")
    recordings = [("one", arena_video()), ("two", arena_video(seconds=0.1))]
    with pytest.raises(ConfigError, match="gives no live frame"):
        write_embeddings(recordings, model, ARENA, tmp_path / "e.h5", progress=silent)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(model, tmp_path):
    need_module("h5py")
    with pytest.raises(FolderError, match=r"cannot write .*; choose a writable folder"):
        write_embeddings([("one", arena_video())], model, ARENA, tmp_path / "gone" / "e.h5", progress=silent)


def test_two_recordings_of_one_name_are_refused(model, tmp_path):
    with pytest.raises(ConfigError, match="two recordings have the same name: a, a"):
        write_embeddings([("a", arena_video()), ("a", arena_video())], model, ARENA, tmp_path / "e.h5", progress=silent)
