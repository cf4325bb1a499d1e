"""Footage has the exposures of the pipeline, and each picture is exactly that of its exposure, whatever came before."""

import subprocess

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt import build
from selfee_rt.acquire.grey import Pictures
from selfee_rt.errors import SourceError
from tests.acquire import sessions, videos
from tests.acquire.test_awkward import TRUTHS
from tests.acquire.test_recorded import ARRIVED
from tests.acquire.test_recorded import replay as replay_session
from tests.acquire.videos import replay
from tests.support import need_data, need_tool

LOSSLESS = {"qp": "0", "g": "12", "bf": "2"}


def squares(count):
    """Pictures that tell their number."""
    return [videos.ramp(n) for n in range(count)]


def x264(path, pts_ms, **options):
    return videos.write(
        path, pts_ms, squares(len(pts_ms)), codec="libx264", pixels="yuv420p", tag=videos.FULL,
        options={**LOSSLESS, **options},
    )  # fmt: skip


def last_of(footage, number):
    """The picture that the way to an exposure ends with."""
    way = list(footage.towards(number))
    numbers = [each for each, _ in way]
    assert numbers == list(range(numbers[0], number + 1)), "every way rises by one, and ends where it should"
    return way[-1][1]()


def grey(footage, path):
    """Make the footage give grey, as the pipeline does."""
    footage._open(path)
    footage._pictures = Pictures(footage._seeker.first)


FILES = {
    "B-frames, a key frame every 12": lambda path: x264(path / "b.mp4", range(0, 2000, 40)),
    "one key frame": lambda path: x264(path / "one.mkv", range(0, 4000, 40), g="1000"),
    "open groups of pictures": lambda path: x264(
        path / "open.mp4", range(0, 2000, 40), **{"x264-params": "open-gop=1"}
    ),
    "variable": lambda path: x264(path / "v.mkv", [0, 10, 90, 100, 250, 260, 300, 410, 500, 510, 650, 700, 720, 950]),
    "dropped": lambda path: x264(path / "d.mkv", [0, 40, 80, 200, 240, 280, 320, 520, 560, 600, 640, 680, 720]),
    "begins late": lambda path: x264(path / "late.mkv", range(5000, 7000, 40)),
    "key frames only": lambda path: videos.write(path / "k.mkv", range(0, 800, 40), squares(20)),
}


@pytest.fixture(scope="module", params=FILES)
def opened(request, tmp_path_factory):
    """Footage of a file that has been read once, and what the pipeline makes of the file."""
    path = FILES[request.param](tmp_path_factory.mktemp("footage"))
    footage = build.footage(path)
    exposures = list(footage.exposures())
    grey(footage, path)
    yield footage, exposures, replay(path)
    footage.close()


def test_its_exposures_are_those_of_the_pipeline(opened):
    footage, exposures, (_, frames, ended) = opened
    assert exposures == [(frame.index, frame.media_ns) for frame in frames]
    assert footage.ended == ended


def test_every_picture_forwards_and_backwards_is_that_of_its_exposure(opened):
    footage, _, (_, frames, _) = opened
    for number in (*range(len(frames)), *reversed(range(len(frames)))):
        assert np.array_equal(last_of(footage, number), frames[number].image), number


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.booleans()), min_size=1, max_size=12))
def test_it_is_so_after_any_jumps_also_from_ways_that_were_left(opened, jumps):
    footage, _, (_, frames, _) = opened
    for part, is_left in jumps:
        number = int(part * len(frames))
        if is_left:
            next(iter(footage.towards(number)))
        else:
            assert np.array_equal(last_of(footage, number), frames[number].image), number


def test_a_far_picture_is_reached_from_a_key_frame_near_it(tmp_path):
    path = x264(tmp_path / "long.mp4", range(0, 20_000, 40))
    footage = build.footage(path)
    assert len(list(footage.exposures())) == 500
    assert len(list(footage.towards(400))) <= 12
    assert len(list(footage.towards(401))) == 1, "the next one is decoded on"
    footage.close()


def test_a_file_without_timestamps_is_counted_from_its_beginning(tmp_path):
    path = x264(tmp_path / "raw.h264", range(0, 2000, 40), bf="0")
    footage = build.footage(path)
    exposures = list(footage.exposures())
    _, frames, _ = replay(path)
    assert exposures == [(frame.index, frame.media_ns) for frame in frames]
    grey(footage, path)
    for number in (30, 31, 4, 49, 0):
        assert np.array_equal(last_of(footage, number), frames[number].image)
    footage.close()


@pytest.mark.parametrize("name", TRUTHS)
def test_an_awkward_recording_has_the_pipelines_exposures_and_pictures(name):
    path = need_data(f"awkward/{name}")
    footage = build.footage(path)
    exposures = list(footage.exposures())
    _, frames, _ = replay(path)
    assert exposures == [(frame.index, frame.media_ns) for frame in frames]
    grey(footage, path)
    for number in {len(frames) - 1, len(frames) // 2, len(frames) // 2 + 1, len(frames) // 3, 0}:
        assert np.array_equal(last_of(footage, number), frames[number].image), number
    footage.close()


@pytest.mark.parametrize("video", ["ffv1", "h264"])
def test_a_session_has_its_own_exposures_through_all_of_its_segments(tmp_path, video):
    folder = sessions.filmed(tmp_path / "s", sessions.exposures(ARRIVED), video=video, segment_s=0.1)
    footage = build.footage(folder)
    exposures = list(footage.exposures())
    _, frames, _ = replay_session(folder)
    assert exposures == [(frame.index, frame.media_ns) for frame in frames]
    for number in (29, 0, 14, 15, 13, 28):
        seen, wanted = last_of(footage, number).astype(int), frames[number].image.astype(int)
        assert np.abs((seen.mean(axis=2) if seen.ndim == 3 else seen) - wanted).max() <= 2
    footage.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty"), (b"hello, this is no video\n" * 50, "holds no video|cannot be read as a video")],
)
def test_what_is_no_video_is_refused(tmp_path, content, says):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=says):
        build.footage(path).look()


def test_a_recording_of_sound_alone_is_refused(tmp_path):
    command = [need_tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", "sine=d=1", str(tmp_path / "sound.mp4")]
    subprocess.run(command, check=True)
    with pytest.raises(SourceError, match="holds no video, only audio"):
        build.footage(tmp_path / "sound.mp4").look()


def test_pictures_are_made_no_wider_than_a_screen_needs(tmp_path):
    path = videos.write(tmp_path / "wide.mkv", [0, 40], [np.full((30, 2000), 99, np.uint8)] * 2)
    footage = build.footage(path)
    assert len(list(footage.exposures())) == 2
    picture = last_of(footage, 1)
    assert picture.shape == (19, 1280)
    assert (picture == 99).all()
    footage.close()


def test_a_file_that_is_gone_when_its_picture_is_wanted_is_named(tmp_path):
    path = videos.write(tmp_path / "gone.mkv", [0, 40])
    footage = build.footage(path)
    list(footage.exposures())
    path.unlink()
    with pytest.raises(SourceError, match=r"gone\.mkv does not exist"):
        last_of(footage, 0)
