"""Session folders, replayed: their times, their gaps, and what a kill left of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from selfee_rt.acquire.demux import sha256_of
from selfee_rt.acquire.recorded import Recorded
from selfee_rt.config import RecordedConfig, VideoFileConfig
from selfee_rt.errors import SourceError
from selfee_rt.folder import FileIdentity
from selfee_rt.types import Frame, SourceInfo
from tests.acquire import sessions, videos
from tests.acquire.sessions import exposures, grey_of
from tests.acquire.videos import indices

MATROSKA_HEADER = 4
"""Bytes of a block before its packet."""

ARRIVED = [*range(10), *range(12, 30), 45, 46]


def replay(folder: Path, speed: float | str = "max") -> tuple[SourceInfo, list[Frame], str]:
    return videos.read_all(Recorded(RecordedConfig.model_validate({"folder": folder, "speed": speed})))


def refused(folder: Path, match: str) -> None:
    with pytest.raises(SourceError, match=match):
        Recorded(RecordedConfig(folder=folder)).open()


# --- its own video ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", [False, True])
def test_a_session_comes_back_with_its_own_indices_times_and_pictures(tmp_path, colour) -> None:
    recorded = exposures(ARRIVED, colour=colour)
    info, frames, end = replay(sessions.filmed(tmp_path / "s", recorded))
    assert [(f.index, f.media_ns, f.index_inferred) for f in frames] == [
        (f.index, f.media_ns, f.index_inferred) for f in recorded
    ]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(frames, recorded, strict=True))
    assert (info.fps, info.colour, info.frames) == (100.0, colour, 30)
    assert info.content_sha256 == sha256_of(tmp_path / "s" / "session.json")
    assert end == f"{tmp_path / 's'}: all 30 frames of the session replayed"


def test_lossy_segments_follow_one_another_in_full_range(tmp_path) -> None:
    folder = sessions.filmed(tmp_path / "s", exposures(ARRIVED), video="h264", segment_s=0.1)
    assert len(list(folder.glob("video_*.mkv"))) > 3
    _, frames, _ = replay(folder)
    assert indices(frames) == ARRIVED
    assert all(abs(int(frame.image[20, 20]) - grey_of(frame.index)) <= 2 for frame in frames)


def test_exposures_that_were_not_recorded_as_video_are_gaps(tmp_path) -> None:
    folder = sessions.begin(tmp_path / "s")
    rows = sessions.film(folder, exposures(range(20)))
    rows[8:12] = sessions.unfilmed(exposures(range(8, 12)))
    info, frames, end = replay(sessions.log(folder, rows))
    assert indices(frames) == [*range(8), *range(12, 20)]
    assert all(frame.image[0, 0] == grey_of(frame.index) for frame in frames)
    assert info.frames == 16
    assert "pictures in video_000.mkv that the log does not know: 4" in end


def test_a_paced_session_comes_at_its_speed_and_in_order(tmp_path) -> None:
    info, frames, _ = replay(sessions.filmed(tmp_path / "s", exposures(ARRIVED)), speed=4.0)
    assert (info.paced, info.time_quality) == (True, "due")
    assert set(indices(frames)) <= set(ARRIVED)
    assert all(frame.image[0, 0] == grey_of(frame.index) for frame in frames)


# --- after a kill -----------------------------------------------------------------------------------------------


def test_a_video_that_was_cut_off_loses_its_last_pictures_and_says_so(tmp_path) -> None:
    folder = sessions.begin(tmp_path / "s")
    rows = sessions.film(folder, exposures(range(60)))
    path = folder / "video_000.mkv"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    info, frames, end = replay(sessions.log(folder, rows, ended=False))
    assert 10 < len(frames) < 60
    assert indices(frames) == list(range(len(frames)))
    assert info.frames == 60
    assert f"{len(frames)} of 60 frames of the session replayed" in end
    assert "the session was killed" in end


def test_a_log_that_was_cut_off_ends_the_replay_and_the_surplus_is_reported(tmp_path) -> None:
    folder = sessions.begin(tmp_path / "s")
    rows = sessions.film(folder, exposures(range(60)))
    _, frames, end = replay(sessions.log(folder, rows[:50], ended=False))
    assert indices(frames) == list(range(50))
    assert "all 50 frames" in end
    assert "pictures in video_000.mkv that the log does not know: 10" in end


def test_a_segment_without_a_single_picture_is_a_gap(tmp_path) -> None:
    folder = sessions.begin(tmp_path / "s")
    rows = sessions.film(folder, exposures(range(40)), segment_s=0.1)
    (folder / "video_001.mkv").write_bytes(b"")
    (folder / "video_003.mkv").unlink()
    _, frames, end = replay(sessions.log(folder, rows))
    assert indices(frames) == [*range(10), *range(20, 30)]
    assert "video_001.mkv is empty" in end
    assert "video_003.mkv does not exist" in end


def test_damage_within_a_segment_shifts_no_picture(tmp_path) -> None:
    folder = sessions.begin(tmp_path / "s")
    rows = sessions.film(folder, exposures(range(30)), video="h264")
    recorded = sessions.log(folder, rows)
    videos.damage(folder / "video_000.mkv", [11], header=MATROSKA_HEADER)
    _, frames, end = replay(recorded)
    assert 11 not in indices(frames)
    assert "packets that could not be decoded: 1" in end
    assert indices(frames)[:12] == [*range(11), 12]


# --- the recording that it replayed -----------------------------------------------------------------------------


def replaying(path: Path, video: Path, rows_of: list[Frame], **settings: object) -> Path:
    """A session that replayed `video`, of which it got the exposures `rows_of`."""
    source = VideoFileConfig.model_validate({"path": video, **settings}).model_dump(mode="json")
    replayed = FileIdentity(path=str(video), sha256=sha256_of(video))
    info = replace(sessions.CAMERA, fps=25.0)
    return sessions.log(sessions.begin(path, info=info, replayed=replayed, source=source), sessions.unfilmed(rows_of))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return videos.write(tmp_path / "video.mkv", [40 * i for i in range(20)])


def test_a_session_that_replayed_a_file_is_replayed_from_that_file_with_its_own_losses(tmp_path, video) -> None:
    _, whole, _ = videos.replay(video)
    got = [frame for frame in whole if frame.index not in (0, 5, 6, 19)]
    info, frames, end = replay(replaying(tmp_path / "s", video, got))
    assert [(f.index, f.media_ns) for f in frames] == [(f.index, f.media_ns) for f in got]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(frames, got, strict=True))
    assert (info.frames, info.fps) == (16, 25.0)
    assert end == f"{tmp_path / 's'}: all 16 frames of the session replayed"


def test_the_file_is_read_as_the_session_read_it(tmp_path, video) -> None:
    _, whole, _ = videos.replay(video, timestamps="rate", fps=10, range="limited")
    _, frames, _ = replay(replaying(tmp_path / "s", video, whole, timestamps="rate", fps=10, range="limited"))
    assert [f.media_ns for f in frames] == [100_000_000 * i for i in range(20)]
    assert np.array_equal(frames[0].image, whole[0].image)


def test_a_session_that_replayed_a_session_is_replayed_from_that_one(tmp_path) -> None:
    inner = sessions.filmed(tmp_path / "inner", exposures(ARRIVED))
    info, whole, _ = replay(inner)
    assert info.content_sha256 is not None
    outer = sessions.begin(tmp_path / "outer", replayed=FileIdentity(path=str(inner), sha256=info.content_sha256))
    _, frames, end = replay(sessions.log(outer, sessions.unfilmed(whole[3:20])))
    assert indices(frames) == ARRIVED[3:20]
    assert all(frame.image[0, 0] == grey_of(frame.index) for frame in frames)
    assert "all 17 frames" in end


def test_a_file_that_is_gone_or_another_is_refused(tmp_path, video) -> None:
    _, whole, _ = videos.replay(video)
    folder = replaying(tmp_path / "s", video, whole)
    content = video.read_bytes()
    video.write_bytes(content + b"\0")
    refused(folder, r"replayed .*video\.mkv, which is another file now: sha256 .*, expected .*; put the original back")
    video.unlink()
    refused(folder, r"replayed .*video\.mkv, which is not there any more; put it back")


# --- refusals ---------------------------------------------------------------------------------------------------


def test_what_is_no_session_or_has_no_pictures_is_refused(tmp_path) -> None:
    refused(tmp_path, "is not a session folder")
    refused(tmp_path / "nowhere", "is not a session folder")
    unrecorded = sessions.log(sessions.begin(tmp_path / "dark"), sessions.unfilmed(exposures(range(5))))
    refused(unrecorded, "holds no picture of its 5 exposures; replay a session that recorded video")
    empty = sessions.log(sessions.begin(tmp_path / "empty"), [])
    refused(empty, "holds no picture of its 0 exposures")
    lost = sessions.filmed(tmp_path / "lost", exposures(range(5)))
    (lost / "video_000.mkv").unlink()
    refused(lost, "no picture in its 0 video segments can be decoded")
