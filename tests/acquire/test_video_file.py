"""Video files: their greys, their times, and how they end."""

import hashlib
import subprocess
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from selfee_rt.acquire.video_file import VideoFile
from selfee_rt.config import VideoFileConfig
from selfee_rt.errors import SourceError
from tests.acquire import videos
from tests.acquire.videos import FULL, LIMITED, damage, gaps, indices, ramp, replay, times_ms
from tests.support import need_data, need_module, need_tool

REGULAR = [40 * i for i in range(20)]
H264 = {"codec": "libx264", "pixels": "yuv420p", "options": {"crf": "1"}}

EVERY_FRAME_A_KEY = {**H264, "options": {"crf": "1", "g": "1"}}


def limited(n: int = 20) -> list[np.ndarray]:
    return [videos.to_limited(ramp(i)) for i in range(n)]


def difference(a: np.ndarray, b: np.ndarray) -> int:
    """Largest difference between two grey images of one shape."""
    assert a.shape == b.shape
    return int(np.abs(a.astype(int) - b.astype(int)).max())


# --- greys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fly_courtship.mp4", "mouse_round_arena.mp4", "awkward/nonmonotonic_timestamps.avi"])
def test_greys_are_those_of_opencv(name: str) -> None:
    cv2 = need_module("cv2")
    path = need_data(name)
    source, capture = VideoFile(VideoFileConfig(path=path, speed="max")), cv2.VideoCapture(str(path))
    source.open()
    try:
        for _ in range(20):
            frame, (_, bgr) = source.read(1.0), capture.read()
            assert frame is not None
            assert difference(frame.image, cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)) <= 2
    finally:
        source.close()
        capture.release()


@pytest.mark.parametrize(
    ("settings", "is_limited", "why"),
    [
        ({}, False, "full: gray holds the full range"),
        ({"pixels": "gray10le"}, False, "full: gray10le holds the full range"),
        ({**H264, "tag": FULL}, False, "full: yuvj420p holds the full range"),
        ({**H264, "tag": LIMITED}, True, "limited: the file says so"),
        (H264, True, 'limited: the file does not say, and yuv420p is limited by convention; set range = "full"'),
        ({"pixels": "yuv420p10le", "tag": FULL}, False, "full: the file says so"),
        ({"pixels": "yuv420p10le", "tag": LIMITED}, True, "limited: the file says so"),
        ({"codec": "mjpeg", "pixels": "yuvj422p", "options": {"qmin": "1", "qmax": "1"}}, False, "full: yuvj422p"),
    ],
)
def test_the_range_is_settled_from_the_file_and_greys_come_out_full(tmp_path, settings, is_limited, why) -> None:
    images = limited() if is_limited else None
    info, frames, _ = replay(videos.write(tmp_path / "video.mkv", REGULAR, images, **settings))
    assert any(why in note for note in info.notes)
    lossy = 2 if settings.get("codec") == "mjpeg" else 0
    assert max(difference(frame.image, ramp(i)) for i, frame in enumerate(frames)) <= 2 + lossy
    assert frames[0].image.dtype == np.uint8
    assert not frames[0].image.flags.writeable


@pytest.mark.parametrize("tag", [FULL, LIMITED, None])
def test_a_configured_range_overrules_the_file_whatever_it_says(tmp_path, tag) -> None:
    path = videos.write(tmp_path / "video.mkv", REGULAR, limited(), **H264, tag=tag)
    info, frames, _ = replay(path, range="limited")
    assert "grey range limited: set in the configuration" in info.notes
    assert difference(frames[0].image, ramp()) <= 2
    _, frames, _ = replay(path, range="full")
    assert difference(frames[0].image, videos.to_limited(ramp())) <= 1


@pytest.mark.parametrize("rotation", [90, 180, 270, -90])
def test_a_rotated_video_comes_out_upright_as_in_opencv(tmp_path, rotation) -> None:
    cv2 = need_module("cv2")
    path = videos.write(tmp_path / "video.mp4", REGULAR, limited(), **H264, rotation=rotation)
    info, frames, _ = replay(path)
    capture = cv2.VideoCapture(str(path))
    _, bgr = capture.read()
    capture.release()
    assert (info.height_px, info.width_px) == frames[0].image.shape == bgr.shape[:2]
    assert difference(frames[0].image, cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)) <= 2
    assert frames[0].image.flags.c_contiguous
    assert any("rotated by" in note for note in info.notes)


@pytest.mark.parametrize("pixels", ["gray", "yuv444p", "yuv420p10le"])
def test_odd_widths_are_read_without_the_padding_of_their_lines(tmp_path, pixels) -> None:
    images = [ramp(i, width=51, height=37) for i in range(3)]
    path = videos.write(tmp_path / "video.mkv", REGULAR[:3], images, pixels=pixels, tag=FULL)
    info, frames, _ = replay(path)
    assert (info.width_px, info.height_px) == (51, 37)
    assert difference(frames[2].image, images[2]) <= 1
    assert frames[2].image.flags.c_contiguous


# --- times ------------------------------------------------------------------------------------------------------


def test_a_gap_in_the_files_times_is_a_gap_in_the_index(tmp_path) -> None:
    pts = REGULAR[:10] + [t + 120 for t in REGULAR[10:]]
    info, frames, _ = replay(videos.write(tmp_path / "video.mkv", pts))
    assert info.fps == pytest.approx(25)
    assert indices(frames) == [*range(10), *range(13, 23)]
    assert list(gaps(frames)) == [(13, True)]
    assert times_ms(frames) == pts


def test_times_begin_at_zero_where_the_files_begin_late(tmp_path) -> None:
    _, frames, _ = replay(videos.write(tmp_path / "video.mkv", [t + 5000 for t in REGULAR]))
    assert times_ms(frames) == REGULAR


def test_a_variable_frame_rate_keeps_its_times_and_infers_no_gap(tmp_path) -> None:
    steps = [40, 80, 40, 80, 120, 40, 40, 80, 160, 40]
    pts = [sum(steps[:i]) for i in range(11)]
    info, frames, _ = replay(videos.write(tmp_path / "video.mkv", pts))
    assert indices(frames) == list(range(11))
    assert times_ms(frames) == pts
    assert info.fps == pytest.approx(1000 / np.mean(steps))
    assert "no dropped exposure can be inferred" in info.notes[0]


def test_a_file_without_times_is_timed_by_its_stated_frame_rate(tmp_path) -> None:
    info, frames, _ = replay(videos.write(tmp_path / "v.h264", REGULAR, **H264, time_base=40 * videos.MILLISECOND))
    assert info.fps == 25
    assert times_ms(frames) == REGULAR
    assert "20 are missing" in info.notes[0]


def test_a_file_without_times_and_rate_asks_for_the_rate_and_takes_it(tmp_path) -> None:
    path = videos.write(tmp_path / "video.mjpeg", REGULAR, codec="mjpeg", pixels="yuvj420p")
    with pytest.raises(SourceError, match=r"no frame rate.*set fps"):
        replay(path)
    info, frames, _ = replay(path, fps=50)
    assert (info.fps, times_ms(frames)) == (50, [20 * i for i in range(20)])
    with pytest.raises(SourceError, match='set timestamps = "rate"'):
        replay(path, timestamps="file")


def test_times_can_be_taken_from_the_frame_number(tmp_path) -> None:
    path = videos.write(tmp_path / "video.mkv", REGULAR[:10] + [t + 120 for t in REGULAR[10:]])
    _, frames, _ = replay(path, timestamps="rate", fps=10)
    assert indices(frames) == list(range(20))
    assert times_ms(frames) == [100 * i for i in range(20)]


def test_every_speed_gives_the_same_frames(tmp_path) -> None:
    path = videos.write(tmp_path / "video.mkv", REGULAR)
    runs = [videos.read_all(VideoFile(VideoFileConfig(path=path, speed=speed))) for speed in ("max", 8.0)]
    (at_will, frames, _), (paced, paced_frames, _) = runs
    assert (at_will.can_wait, at_will.paced) == (True, False)
    assert (paced.can_wait, paced.paced, paced.time_quality) == (False, True, "due")
    shown = {frame.index: frame for frame in paced_frames}
    assert all(np.array_equal(frames[i].image, frame.image) for i, frame in shown.items())
    assert all(frames[i].media_ns == frame.media_ns for i, frame in shown.items())
    for before, after in pairwise(paced_frames):
        assert after.captured_ns - before.captured_ns == pytest.approx((after.media_ns - before.media_ns) / 8, abs=2)
    assert all(frame.received_ns >= frame.captured_ns for frame in paced_frames)


# --- ends -------------------------------------------------------------------------------------------------------


def test_a_whole_file_says_so_at_its_end_and_ever_after(tmp_path) -> None:
    path = videos.write(tmp_path / "video.mkv", REGULAR)
    info, frames, end = replay(path)
    assert info.frames == len(frames) == 20
    assert info.content_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert end == f"{path}: all 20 frames read"


def test_a_truncated_file_gives_what_it_holds_and_reports_the_rest(tmp_path) -> None:
    path = tmp_path / "video.mp4"
    videos.write(path, REGULAR, **EVERY_FRAME_A_KEY, container_options={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    info, frames, end = replay(path)
    assert info.frames == 20
    assert 5 < len(frames) < 20
    assert indices(frames) == list(range(len(frames)))
    assert f"{len(frames)} of 20 promised frames read" in end


def test_a_matroska_file_that_was_cut_short_says_by_how_much(tmp_path) -> None:
    path = videos.write(tmp_path / "video.mkv", [40 * i for i in range(100)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    info, frames, end = replay(path)
    assert info.frames is None
    assert 20 < len(frames) < 80
    assert f"{len(frames)} frames read; the file ends {4 - len(frames) / 25:.1f} s before its stated length" in end


def test_damage_in_the_middle_costs_its_frames_and_is_reported(tmp_path) -> None:
    path = videos.write(tmp_path / "video.mp4", REGULAR, **EVERY_FRAME_A_KEY)
    damage(path, [7, 8])
    _, frames, end = replay(path)
    assert indices(frames) == [*range(7), *range(9, 20)]
    assert list(gaps(frames)) == [(9, True)]
    assert "18 of 20 promised frames read; packets that could not be decoded: 2" in end


def test_a_file_whose_picture_changes_its_size_ends_there_and_says_so(tmp_path) -> None:
    small, big = (
        videos.write(tmp_path / f"{w}.mjpeg", REGULAR[:5], [ramp(i, width=w) for i in range(5)], codec="mjpeg",
                     pixels="yuvj420p").read_bytes()
        for w in (64, 96)
    )  # fmt: skip
    path = tmp_path / "both.mjpeg"
    path.write_bytes(small + big)
    _, frames, end = replay(path, fps=25)
    assert len(frames) == 5
    assert "the picture then changes from 64x48 to 96x48, split the file there" in end


# --- refusals ---------------------------------------------------------------------------------------------------


def refused(path: Path, match: str) -> None:
    with pytest.raises(SourceError, match=match):
        VideoFile(VideoFileConfig(path=path)).open()


def test_what_is_no_video_is_refused_and_told_what_it_is(tmp_path) -> None:
    refused(tmp_path / "nowhere.mp4", "does not exist; give the path of a video file")
    refused(tmp_path, "is not a file")
    (tmp_path / "empty.mp4").touch()
    refused(tmp_path / "empty.mp4", "is empty; give the path of a video file")
    (tmp_path / "text.mp4").write_text("frame,label\n0,nothing\n" * 100)
    refused(tmp_path / "text.mp4", "cannot be read as a video")
    (tmp_path / "notes.txt").write_text("frame,label\n0,nothing\n" * 100)
    refused(tmp_path / "notes.txt", "video")
    content = videos.write(tmp_path / "whole.mp4", REGULAR, **H264).read_bytes()
    (tmp_path / "headless.mp4").write_bytes(content[: len(content) // 2])
    refused(tmp_path / "headless.mp4", "is the file complete")


def test_sound_alone_is_refused(tmp_path) -> None:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    refused(path, "holds no video, only audio")


def test_the_cover_picture_of_a_sound_is_no_video(tmp_path) -> None:
    path = tmp_path / "song.m4a"
    sources = ["-f", "lavfi", "-i", "sine=duration=1", "-f", "lavfi", "-i", "color=red:size=64x64:duration=0.04"]
    options = ["-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic", "-shortest"]
    subprocess.run([need_tool("ffmpeg"), "-v", "error", *sources, *options, path], check=True)
    refused(path, "holds no video")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to see open files")
def test_a_refused_file_is_not_left_open(tmp_path) -> None:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    with pytest.raises(SourceError) as refusal:
        VideoFile(VideoFileConfig(path=path)).open()
    assert refusal.traceback
    assert str(path) not in [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def test_a_file_of_which_nothing_can_be_decoded_is_refused(tmp_path) -> None:
    path = videos.write(tmp_path / "video.mp4", REGULAR[:4], **EVERY_FRAME_A_KEY)
    damage(path, [0, 1, 2, 3])
    refused(path, "no frame could be decoded")


def test_a_closed_source_is_not_read_and_opens_again(tmp_path) -> None:
    source = VideoFile(VideoFileConfig(path=videos.write(tmp_path / "video.mkv", REGULAR), speed="max"))
    with pytest.raises(SourceError, match="not open"):
        source.read(0)
    for _ in range(2):
        source.open()
        frame = source.read(0)
        assert frame is not None
        assert frame.index == 0
        source.close()
        source.close()


def test_nothing_is_written_to_the_terminal_about_a_damaged_file(tmp_path, capfd) -> None:
    path = videos.write(tmp_path / "video.mp4", REGULAR, **H264)
    damage(path, [5, 9])
    replay(path)
    assert capfd.readouterr() == ("", "")
