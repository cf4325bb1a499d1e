"""What every source promises, run over every implementation."""

import time
from contextlib import ExitStack
from itertools import pairwise

import numpy as np
import pytest

from selfee_rt import clock
from selfee_rt.errors import EndOfStream, SourceError
from tests.contracts.sources import SOURCES

PATIENCE_S = 20
"""A test that waits longer for a source fails; no source comes near it."""


@pytest.fixture(params=SOURCES)
def source(request, tmp_path):
    with ExitStack() as stack:
        made = SOURCES[request.param](tmp_path, stack)
        stack.callback(made.close)
        yield made


def read_frames(source, n):
    """Up to `n` frames; fewer only if the stream ends."""
    frames, until = [], time.monotonic() + PATIENCE_S
    while len(frames) < n:
        assert time.monotonic() < until, f"only {len(frames)} frames within {PATIENCE_S} s"
        try:
            frame = source.read(0.5)
        except EndOfStream:
            break
        if frame is not None:
            frames.append(frame)
    return frames


def test_it_says_what_its_frames_will_be(source):
    info = source.open()
    assert info.name
    assert info.fps > 0
    shape = (info.height_px, info.width_px, 3) if info.colour else (info.height_px, info.width_px)
    for frame in read_frames(source, 5):
        assert frame.image.shape == shape
        assert frame.image.dtype == np.uint8


def test_only_a_source_that_is_not_paced_can_wait(source):
    info = source.open()
    assert not (info.can_wait and info.paced)
    assert info.paced or info.time_quality != "due"


def test_indices_and_media_times_rise_strictly_from_zero_or_later(source):
    source.open()
    frames = read_frames(source, 40)
    assert len(frames) >= 10
    assert frames[0].index >= 0
    assert all(a.index < b.index for a, b in pairwise(frames))
    assert all(a.media_ns < b.media_ns for a, b in pairwise(frames))


def test_a_frame_is_captured_before_it_is_received_and_received_before_it_is_returned(source):
    source.open()
    for _ in range(5):
        (frame,) = read_frames(source, 1)
        assert frame.captured_ns <= frame.received_ns <= clock.now_ns()


def test_images_are_read_only_and_stay_as_they_were(source):
    source.open()
    frames = read_frames(source, 1)
    with pytest.raises(ValueError, match="read-only"):
        frames[0].image[0] = 0
    before = frames[0].image.copy()
    read_frames(source, 5)
    assert np.array_equal(frames[0].image, before)


def test_a_source_that_promises_an_end_ends_with_end_of_stream_and_stays_ended_and_others_go_on(source):
    info = source.open()
    if info.frames is None:
        assert len(read_frames(source, 100)) == 100
        return
    frames = read_frames(source, info.frames + 1)
    assert len(frames) == info.frames if info.can_wait else len(frames) <= info.frames
    for _ in range(2):
        with pytest.raises(EndOfStream, match=r"\d+ frames"):
            source.read(0.5)


def test_it_may_be_closed_before_it_is_opened_and_twice_after(source):
    source.close()
    source.open()
    read_frames(source, 1)
    source.close()
    source.close()


def test_reading_what_is_not_open_is_an_error(source):
    with pytest.raises(SourceError):
        source.read(0.01)
    source.open()
    source.close()
    with pytest.raises(SourceError):
        source.read(0.01)
