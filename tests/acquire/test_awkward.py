"""Recordings that have broken other readers: each is observed with its true number of frames, or refused clearly."""

import subprocess
from dataclasses import dataclass
from itertools import pairwise

import pytest

from selfee_rt.errors import SourceError
from tests.acquire.videos import gaps, replay
from tests.support import need_data, need_tool


@dataclass(frozen=True)
class Truth:
    """What is known of a file, independently of this project."""

    frames: int
    """That can be decoded."""
    fps: float
    size: tuple[int, int]
    """Upright width and height in pixels."""
    note: str
    """Part of what must be said about it."""
    end: str
    """Part of how its end must be reported."""
    gaps: tuple[tuple[int, bool], ...] = ()


TRUTHS = {
    "decord_corrupted.mp4": Truth(49, 10, (1280, 720), "regular at 10", "49 of 50 promised", ((31, True),)),
    "decord_video_90.mov": Truth(3, 30, (320, 568), "rotated by 270 degrees counter-clockwise", "all 3 frames"),
    "nonmonotonic_timestamps.avi": Truth(256, 30, (416, 374), "run backwards", "all 256 frames"),
    "torchcodec_bt709_full_range.mp4": Truth(30, 30, (1280, 720), "range full", "all 30 frames"),
    "torchcodec_h264_10bits.mp4": Truth(30, 30, (200, 200), "range limited", "all 30 frames"),
    "torchcodec_var_fps_video.mp4": Truth(300, 20.02, (128, 128), "no dropped exposure can be inferred", "all 300"),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_an_awkward_recording_is_observed_with_its_true_number_of_frames(name: str) -> None:
    truth = TRUTHS[name]
    info, frames, end = replay(need_data(f"awkward/{name}"))
    assert len(frames) == truth.frames
    assert info.fps == pytest.approx(truth.fps, rel=1e-3)
    assert (info.width_px, info.height_px) == truth.size
    assert all(frame.image.shape == (info.height_px, info.width_px) for frame in frames)
    assert any(truth.note in note for note in info.notes)
    assert truth.end in end
    assert tuple(gaps(frames)) == truth.gaps
    assert all(a.media_ns < b.media_ns for a, b in pairwise(frames))


@pytest.mark.parametrize("name", TRUTHS)
def test_the_true_number_is_what_ffprobe_decodes(name: str) -> None:
    path = need_data(f"awkward/{name}")
    options = ["-v", "quiet", "-count_frames", "-select_streams", "v:0", "-of", "csv=p=0"]
    command = [need_tool("ffprobe"), *options, "-show_entries", "stream=nb_read_frames", path]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(output.split(",")[0]) == TRUTHS[name].frames


def test_what_is_not_a_video_is_refused() -> None:
    path = need_data("awkward/not_a_video.mov")
    with pytest.raises(SourceError, match=r"not_a_video\.mov cannot be read as a video: .*expected any format FFmpeg"):
        replay(path)


def test_every_awkward_file_is_accounted_for_here() -> None:
    names = {path.name for path in need_data("awkward").iterdir()}
    assert names == {*TRUTHS, "not_a_video.mov"}


@pytest.mark.parametrize(
    ("name", "frames", "fps"),
    [
        ("flies_three.mp4", 128, 25),
        ("fly_single_masked.mp4", 3200, 25),
        ("mouse_clips/orient_R_hstacked.mp4", 24, 15),
    ],
)
def test_an_ordinary_recording_is_read_whole(name: str, frames: int, fps: float) -> None:
    info, found, end = replay(need_data(name))
    assert [frame.index for frame in found] == list(range(frames))
    assert info.fps == pytest.approx(fps, rel=1e-6)
    assert f"all {frames} frames read" in end
