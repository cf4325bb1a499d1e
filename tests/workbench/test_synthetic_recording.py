"""The synthetic arena written to a video with labels, read back as any recording."""

import numpy as np
import pytest

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.acquire.video_file import VideoFile
from selfee_rt.config import SyntheticConfig, VideoFileConfig
from selfee_rt.errors import EndOfStream, RecordingFailed
from selfee_rt.workbench.labels import read_labels
from selfee_rt.workbench.synthetic_recording import write_recording

SMALL = SyntheticConfig(width_px=160, height_px=120, fps=25, seed=3)


def read_all(source):
    frames = []
    source.open()
    try:
        while True:
            frames.append(source.read(1))
    except EndOfStream:
        return frames
    finally:
        source.close()


def made(config, seconds):
    return SyntheticArena(config.model_copy(update={"seconds": seconds, "speed": "max"}))


def test_the_video_shows_what_the_arena_showed_at_the_same_exposures(tmp_path):
    video, labels = tmp_path / "arena.mkv", tmp_path / "labels.csv"
    write_recording(SMALL, video, labels, 2.0)
    shown = read_all(VideoFile(VideoFileConfig(path=video, speed="max")))
    true = read_all(made(SMALL, 2.0))
    assert [frame.index for frame in shown] == [frame.index for frame in true] == list(range(50))
    for a, b in zip(shown, true, strict=True):
        assert np.abs(a.image.astype(int) - b.image).mean() <= 2
        assert abs(a.media_ns - b.media_ns) <= 1_000_000


def test_the_labels_are_the_truth_of_every_exposure(tmp_path):
    labels = tmp_path / "labels.csv"
    write_recording(SMALL, tmp_path / "arena.mkv", labels, 10.0)
    assert read_labels(labels) == tuple(made(SMALL, 10.0).truth(index) for index in range(250))
    assert len(set(read_labels(labels))) > 1


def test_dropped_exposures_are_missing_in_the_video_and_labelled_all_the_same(tmp_path):
    config = SMALL.model_copy(update={"drop": ((10, 14),)})
    write_recording(config, tmp_path / "arena.mkv", tmp_path / "labels.csv", 2.0)
    shown = read_all(VideoFile(VideoFileConfig(path=tmp_path / "arena.mkv", speed="max")))
    assert [frame.index for frame in shown] == [*range(10), *range(15, 50)]
    assert len(read_labels(tmp_path / "labels.csv")) == 50


@pytest.mark.parametrize("existing", ["arena.mkv", "labels.csv"])
def test_nothing_is_overwritten(tmp_path, existing):
    (tmp_path / existing).write_text("dear")
    with pytest.raises(RecordingFailed, match="exists and is not overwritten"):
        write_recording(SMALL, tmp_path / "arena.mkv", tmp_path / "labels.csv", 1.0)
    assert [path.name for path in tmp_path.iterdir()] == [existing]
    assert (tmp_path / existing).read_text() == "dear"


def test_an_unknown_kind_of_file_is_refused(tmp_path):
    with pytest.raises(RecordingFailed, match=r"expected one that ends in \.mkv"):
        write_recording(SMALL, tmp_path / "arena.avi", tmp_path / "labels.csv", 1.0)


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(RecordingFailed, match="cannot record to"):
        write_recording(SMALL, tmp_path / "none" / "arena.mkv", tmp_path / "labels.csv", 1.0)
    with pytest.raises(RecordingFailed, match="cannot write the labels"):
        write_recording(SMALL, tmp_path / "arena.mkv", tmp_path / "none" / "labels.csv", 1.0)
