"""Video segments."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import RecordConfig
from selfee_rt.errors import FolderError, RecordingFailed
from selfee_rt.folder import ExposureRow
from selfee_rt.record.picture import Picture, pixel_format
from selfee_rt.record.segment import Segment
from selfee_rt.record.video import VideoRecorder
from selfee_rt.types import Frame, SourceInfo
from selfee_rt.workbench.verify.video import count_frames
from tests.record.disk import small_disk
from tests.record.history import INFO, PERIOD_NS, frame


def scene(shape: tuple[int, ...], n_frames: int = 12) -> list[np.ndarray]:
    """An animal-sized bright spot that moves over a shaded ground with black and white margins."""
    height, width = shape[:2]
    y, x = np.mgrid[:height, :width]
    images = []
    for t in range(n_frames):
        spot = 120 * np.exp(-((x - width / 2 - 3 * t) ** 2 + (y - height / 2) ** 2) / 60)
        grey = np.clip(20 + 150 * x / width + spot, 0, 255)
        grey[:4], grey[-4:] = 0, 255
        images.append((grey if len(shape) == 2 else np.stack([grey, grey * 0.6, 255 - grey], -1)).astype(np.uint8))
    return images


def decoded(path: Path, pixels: str) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [picture.to_ndarray(format=pixels) for picture in container.decode(video=0)]


def recorder(tmp_path: Path, shape: tuple[int, ...] = (48, 64), fps: float = 100.0, **config) -> VideoRecorder:
    info = SourceInfo("tests", shape[1], shape[0], len(shape) == 3, fps, None, "due", paced=True, can_wait=False)
    return VideoRecorder(tmp_path, RecordConfig(**config), info)


def error_after(tmp_path: Path, shape: tuple[int, ...], **config) -> tuple[int, float]:
    """Largest error, and largest mean error of a picture, after recording and decoding."""
    images = scene(shape)
    video = recorder(tmp_path, shape, **config)
    for index, image in enumerate(images):
        video.write(frame(index, image))
    video.close()
    back = decoded(tmp_path / "video_000.mkv", "rgb24" if len(shape) == 3 else "gray")
    assert len(back) == len(images)
    errors = [np.abs(a.astype(int) - b) for a, b in zip(images, back, strict=True)]
    return max(int(e.max()) for e in errors), max(float(e.mean()) for e in errors)


@pytest.mark.parametrize("shape", [(48, 64), (49, 65), (48, 64, 3), (49, 65, 3)])
def test_ffv1_gives_back_exactly_what_was_recorded(tmp_path, shape):
    assert error_after(tmp_path, shape, video="ffv1") == (0, 0.0)


@pytest.mark.parametrize("shape", [(96, 128), (97, 129), (96, 129), (97, 128)])
def test_h264_gives_back_the_greys_that_were_recorded_black_and_white_included(tmp_path, shape):
    largest, mean = error_after(tmp_path, shape)
    assert largest <= 10
    assert mean <= 1


@pytest.mark.parametrize("shape", [(96, 128, 3), (97, 129, 3)])
def test_h264_gives_back_the_colours_that_were_recorded(tmp_path, shape):
    largest, mean = error_after(tmp_path, shape)
    assert largest <= 14
    assert mean <= 2


@pytest.mark.parametrize("shape", [(48, 64), (49, 65)])
def test_a_grey_recording_has_no_tint_in_a_player(tmp_path, shape):
    video = recorder(tmp_path, shape)
    for index, image in enumerate(scene(shape)):
        video.write(frame(index, image))
    video.close()
    for picture in decoded(tmp_path / "video_000.mkv", "rgb24"):
        assert (picture.max(axis=2).astype(int) - picture.min(axis=2)).max() <= 2


@pytest.mark.parametrize(("shape", "matrix"), [((48, 64), 5), ((49, 65), None), ((48, 64, 3), 5)])
def test_a_file_says_in_which_range_and_matrix_its_pictures_are(tmp_path, shape, matrix):
    video = recorder(tmp_path, shape)
    video.write(frame(0, np.zeros(shape, np.uint8)))
    video.close()
    with av.open(str(tmp_path / "video_000.mkv")) as container:
        picture = next(container.decode(video=0))
    assert picture.color_range == 2
    assert matrix in (None, picture.colorspace)


def test_a_lower_crf_is_closer(tmp_path):
    (tmp_path / "fine").mkdir()
    (tmp_path / "coarse").mkdir()
    assert error_after(tmp_path / "fine", (96, 128), crf=5) < error_after(tmp_path / "coarse", (96, 128), crf=40)


@settings(deadline=None, max_examples=30)
@given(
    shape=st.tuples(st.integers(16, 50), st.integers(16, 50), st.sampled_from([(), (3,)])),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_picture_in_a_lossless_format_holds_the_image(shape, seed):
    shape = (*shape[:2], *shape[2])
    image = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    picture = Picture(shape, pixel_format("ffv1", shape)).of(image)
    assert np.array_equal(picture.to_ndarray(format="rgb24" if len(shape) == 3 else "gray"), image)


def test_every_row_says_where_its_frame_lies(tmp_path):
    video = recorder(tmp_path, segment_s=0.05, video="ffv1")
    images = [np.full((48, 64), index, np.uint8) for index in range(12)]
    rows = [video.write(frame(index, image)) for index, image in enumerate(images)]
    video.close()
    assert [row.segment for row in rows] == ["video_000.mkv"] * 5 + ["video_001.mkv"] * 5 + ["video_002.mkv"] * 2
    for row in rows:
        assert decoded(tmp_path / row.segment, "gray")[row.position][0, 0] == row.frame_index


def test_a_frame_that_is_not_recorded_still_has_a_row(tmp_path):
    video = recorder(tmp_path)
    video.stop()
    row = video.write(Frame(5, 1, 2, 3, np.zeros((48, 64), np.uint8), index_inferred=True))
    assert row == ExposureRow(5, 1, 2, 3, None, None, inferred=True)
    video.close()
    assert list(tmp_path.iterdir()) == []


def test_each_start_begins_a_new_segment(tmp_path):
    video = recorder(tmp_path)
    image = np.zeros((48, 64), np.uint8)
    places = []
    for index in range(6):
        if index == 2:
            video.stop()
            assert not video.recording
        if index == 4:
            video.start()
            video.start()
        row = video.write(frame(index, image))
        places.append((row.segment, row.position))
    video.close()
    first, second = "video_000.mkv", "video_001.mkv"
    assert places == [(first, 0), (first, 1), (None, None), (None, None), (second, 0), (second, 1)]
    assert [count_frames(tmp_path / name) for name in (first, second)] == [2, 2]


def test_the_file_keeps_the_time_between_frames_also_across_dropped_exposures(tmp_path):
    video = recorder(tmp_path)
    for index in (0, 1, 2, 50, 51):
        video.write(frame(index, np.zeros((48, 64), np.uint8)))
    video.close()
    with av.open(str(tmp_path / "video_000.mkv")) as container:
        times = [picture.pts * picture.time_base for picture in container.decode(video=0)]
    assert times == [Fraction(index * PERIOD_NS, 10**9) for index in (0, 1, 2, 50, 51)]


def test_a_clock_that_runs_backwards_costs_no_frame(tmp_path):
    video = recorder(tmp_path)
    for index, media_ns in enumerate((0, 30_000_000, 10_000_000, 10_000_000, 40_000_000)):
        video.write(Frame(index, media_ns, media_ns, media_ns, np.zeros((48, 64), np.uint8)))
    video.close()
    assert count_frames(tmp_path / "video_000.mkv") == 5


def test_there_is_a_keyframe_every_second_and_no_frame_is_reordered(tmp_path):
    video = recorder(tmp_path, fps=10.0)
    for index in range(35):
        video.write(Frame(index, index * 10**8, 0, 0, np.full((48, 64), index, np.uint8)))
    video.close()
    with av.open(str(tmp_path / "video_000.mkv")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [packet.pts for packet in packets] == sorted(packet.pts for packet in packets)
    assert [index for index, packet in enumerate(packets) if packet.is_keyframe] == [0, 10, 20, 30]


def test_every_frame_leaves_the_encoder_at_once(tmp_path):
    video = recorder(tmp_path, shape=(480, 640))
    noise = np.random.default_rng(0).integers(0, 256, (480, 640), np.uint8)
    for index in range(60):
        video.write(frame(index, noise))
    assert count_frames(tmp_path / "video_000.mkv") >= 60 - 21
    video.close()
    assert count_frames(tmp_path / "video_000.mkv") == 60


def test_a_picture_of_another_size_is_refused_by_name(tmp_path):
    video = recorder(tmp_path)
    video.write(frame(0, np.zeros((48, 64), np.uint8)))
    with pytest.raises(RecordingFailed, match=r"exposure 1 has shape \(48, 32\), expected \(48, 64\)"):
        video.write(frame(1, np.zeros((48, 32), np.uint8)))
    video.close()
    assert count_frames(tmp_path / "video_000.mkv") == 1


def test_a_segment_is_never_overwritten(tmp_path):
    (tmp_path / "video_000.mkv").write_bytes(b"somebody's")
    video = recorder(tmp_path)
    with pytest.raises(FolderError, match="exists"):
        video.write(frame(0, np.zeros((48, 64), np.uint8)))
    video.close()
    assert (tmp_path / "video_000.mkv").read_bytes() == b"somebody's"


def test_a_folder_that_is_not_there_is_a_failed_recording(tmp_path):
    with pytest.raises(RecordingFailed, match="cannot record to"):
        Segment(tmp_path / "absent" / "video_000.mkv", "h264", (48, 64), fps=30, crf=17)


def test_no_recorder_is_made_for_no_video(tmp_path):
    with pytest.raises(ValueError, match="none"):
        VideoRecorder(tmp_path, RecordConfig(video="none"), INFO)


def test_a_full_disk_fails_loudly_and_what_was_recorded_stays_readable(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=2) as disk:
        video = recorder(disk, shape=(240, 320), video="ffv1")
        random = np.random.default_rng(0)
        n_written = 0
        with pytest.raises(RecordingFailed, match="make space"):
            while True:
                video.write(frame(n_written, random.integers(0, 256, (240, 320), np.uint8)))
                n_written += 1
        video.close()
        video.close()
        assert n_written - 21 <= count_frames(disk / "video_000.mkv") <= n_written + 1
        assert n_written > 10
