"""Streams from a real ffmpeg over loopback, killed and started again; and what cannot be opened."""

import socket
import sys
import threading
import time
from itertools import pairwise

import numpy as np
import pytest

from selfee_rt.acquire.stream import HAND_OVER_FRAMES, Stream
from selfee_rt.config import StreamConfig
from selfee_rt.errors import SourceError, SourceLost
from tests.acquire.senders import FPS, free_port, http, rtsp, sending, udp

PERIOD_NS = 1_000_000_000 / FPS
PATIENCE_S = 15


def settings(address, **changed):
    quick = {"fps": FPS, "lost_after_s": 0.6, "longest_pause_s": 0.5}
    return StreamConfig(**{"address": address, **quick, **changed})


def opened(stream):
    """Open a stream whose sender may not be up yet."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return stream.open()
        except SourceError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def frames_until(stream, enough):
    """Frames until `enough(frames)`."""
    frames, until = [], time.monotonic() + PATIENCE_S
    while not enough(frames):
        assert time.monotonic() < until, f"waited {PATIENCE_S} s in vain, got {len(frames)} frames"
        frame = stream.read(0.1)
        if frame is not None:
            frames.append(frame)
    return frames


def until_lost(stream):
    """Frames until the stream counts as lost."""
    return frames_until(stream, lambda _: bool(stream.outages))


@pytest.fixture(params=[udp, http])
def sender(request):
    with sending(request.param()) as sender:
        yield sender


@pytest.fixture
def stream(sender):
    stream = Stream(settings(sender.address))
    yield stream
    stream.close()


def sender_says_late(info):
    return any("captured_ns is up to two frame periods late" in note for note in info.notes)


@pytest.mark.parametrize("sender", [udp, http], indirect=True)
def test_frames_are_counted_from_zero_after_the_frame_rate_was_measured(sender):
    stream = Stream(settings(sender.address, fps=None))
    try:
        info = opened(stream)
        frames = frames_until(stream, lambda frames: len(frames) == 10)
    finally:
        stream.close()
    assert (info.width_px, info.height_px, info.colour, info.time_quality) == (320, 240, False, "arrival")
    assert info.fps == pytest.approx(FPS, rel=0.1)
    assert (frames[0].index, frames[0].media_ns) == (0, 0)
    assert frames[0].image.std() > 20
    assert sender_says_late(info) == sender.address.startswith("udp")


def test_a_killed_and_restarted_sender_leaves_a_gap_as_long_as_the_outage(stream, sender):
    opened(stream)
    before = frames_until(stream, lambda frames: len(frames) == 10)
    sender.kill()
    before += until_lost(stream)
    sender.start()
    after = frames_until(stream, lambda frames: len(frames) == 10)

    assert [frame.index_inferred for frame in after[:1]] == [True]
    frames = before + after
    assert all(a.index < b.index and a.media_ns < b.media_ns for a, b in pairwise(frames))
    assert all(a.captured_ns <= b.captured_ns for a, b in pairwise(frames))
    jump, media_ns = after[0].index - before[-1].index, after[0].media_ns - before[-1].media_ns
    assert jump == round(media_ns / PERIOD_NS)
    away_ns = after[0].captured_ns - before[9].captured_ns - (before[-1].media_ns - before[9].media_ns)
    assert media_ns == pytest.approx(away_ns, abs=5 * PERIOD_NS)
    (outage,) = stream.outages
    assert outage.missed == jump - 1
    assert outage.lost_ns < outage.back_ns == after[0].captured_ns
    assert sender.address.startswith("http") or outage.why.endswith("nothing arrived for 0.6 s")


def test_reading_never_waits_for_ffmpeg_while_the_sender_is_dead(stream, sender):
    opened(stream)
    sender.kill()
    until_lost(stream)
    begin = time.monotonic()
    assert [stream.read(0.01) for _ in range(20)] == [None] * 20
    assert time.monotonic() - begin < 5  # FFmpeg's own waits are far longer in sum


def test_closing_while_the_sender_is_dead_ends_the_thread(stream, sender):
    opened(stream)
    sender.kill()
    until_lost(stream)
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("stream")]


def test_a_stream_that_stays_away_is_lost_for_good():
    with sending(udp()) as sender:
        stream = Stream(settings(sender.address, give_up_after_s=1.0))
        try:
            opened(stream)
            sender.kill()
            with pytest.raises(SourceLost, match=r"did not come back within 1 s .*give_up_after_s"):
                frames_until(stream, lambda _: False)
            with pytest.raises(SourceLost):
                stream.read(0.01)
        finally:
            stream.close()


def test_another_picture_size_after_an_outage_ends_the_session():
    with sending(udp()) as sender:
        stream = Stream(settings(sender.address))
        try:
            opened(stream)
            sender.kill()
            until_lost(stream)
            sender.start(size="160x120")
            with pytest.raises(SourceLost, match="160x120 pixels, expected 320x240"):
                frames_until(stream, lambda _: False)
        finally:
            stream.close()


def test_a_slow_reader_gets_the_newest_frames_and_a_jump():
    with sending(udp(fps=100)) as sender:
        stream = Stream(settings(sender.address, fps=100))
        try:
            opened(stream)
            first = frames_until(stream, lambda frames: frames)[-1]
            time.sleep(0.5)
            frames = frames_until(stream, lambda frames: len(frames) == HAND_OVER_FRAMES)
            assert frames[0].index > first.index + HAND_OVER_FRAMES
            assert [frame.index - frames[0].index for frame in frames] == list(range(HAND_OVER_FRAMES))
        finally:
            stream.close()


def test_mjpeg_over_http_is_timed_by_arrival_and_full_range():
    with sending(http()) as sender:
        stream = Stream(settings(sender.address))
        try:
            info = opened(stream)
            assert any("arrival times" in note for note in info.notes)
            frames = frames_until(stream, lambda frames: len(frames) == 5)
            assert [f.media_ns for f in frames] == [f.captured_ns - frames[0].captured_ns for f in frames]
            assert frames[0].image.min() < 16
        finally:
            stream.close()


def test_rtsp_runs_on_its_own_timestamps_though_the_first_frames_have_none():
    sender = rtsp()
    stream = Stream(settings(sender.address, fps=None, options={"rtsp_flags": "listen", "listen_timeout": "10"}))
    later = threading.Timer(1.0, sender.start)
    later.start()
    try:
        info = stream.open()
        assert info.fps == pytest.approx(FPS, rel=0.02)
        assert any("the stream's timestamps" in note for note in info.notes)
        frames = frames_until(stream, lambda frames: len(frames) == 5)
        assert [frame.media_ns for frame in frames] == [round(n * PERIOD_NS) for n in range(5)]
    finally:
        later.join()
        stream.close()
        sender.kill()


def test_colour_is_kept_where_it_is_asked_for():
    with sending(udp()) as sender:
        stream = Stream(settings(sender.address, colour=True))
        try:
            assert opened(stream).colour
            (frame,) = frames_until(stream, lambda frames: frames)
            assert frame.image.shape == (240, 320, 3)
            assert np.abs(frame.image[..., 0].astype(int) - frame.image[..., 2]).max() > 100
        finally:
            stream.close()


@pytest.mark.skipif(sys.platform != "linux", reason="v4l2 is Linux's")
def test_a_device_that_does_not_exist_is_refused():
    with pytest.raises(SourceError, match=r"cannot open /dev/video97: No such file.*selfee-rt cameras"):
        Stream(StreamConfig(address="/dev/video97")).open()


def test_a_format_that_this_system_does_not_have_is_refused():
    with pytest.raises(SourceError, match=r"no input format 'nonsense' on this system"):
        Stream(StreamConfig(address="camera", format="nonsense")).open()


def test_a_server_that_is_not_there_is_refused_without_showing_the_password():
    address = f"http://fly:secret@127.0.0.1:{free_port(socket.SOCK_STREAM)}/"
    with pytest.raises(SourceError, match=r"http://fly:\*\*\*@127.*refused") as caught:
        Stream(StreamConfig(address=address)).open()
    assert "secret" not in str(caught.value)


def test_a_server_that_never_answers_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(SourceError, match=r"open_timeout_s = 1\); check that it is sending"):
            Stream(StreamConfig(address=address, open_timeout_s=1)).open()


def test_a_stream_slower_than_its_own_timeout_is_refused():
    with sending(udp(fps=4)) as sender:
        stream = Stream(settings(sender.address, lost_after_s=0.3, fps=None))
        with pytest.raises(SourceError, match=r"lost_after_s|nothing arrived for 0\.3 s"):
            stream.open()
