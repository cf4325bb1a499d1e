"""Recorded frames played at a pace, to readers fast and slow."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.acquire.pacing import Pace
from selfee_rt.acquire.playback import Opened, Playback, Player, Shot
from selfee_rt.acquire.timing import Stamp
from selfee_rt.errors import EndOfStream
from selfee_rt.types import SourceInfo

MS = 1_000_000
PERIOD_NS = 10 * MS


class Host:
    """A clock that only advances when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now_ns = 7

    def now(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += max(1, round(seconds * 1e9))


class Film:
    """A recording at 100 frames/s that counts how many of its pictures were made."""

    def __init__(self, n: int, inferred: frozenset[int] = frozenset()) -> None:
        self.n = n
        self.inferred = inferred
        self.made: list[int] = []

    def shots(self) -> Iterator[Shot]:
        for index in range(self.n):
            yield Shot(Stamp(index, index * PERIOD_NS, index in self.inferred), lambda index=index: self.picture(index))
        raise EndOfStream(f"all {self.n} frames read")

    def picture(self, index: int) -> np.ndarray:
        self.made.append(index)
        return np.full((2, 2), index % 256, np.uint8)


def playback(film: Film, host: Host, speed: float | str = 1.0, tolerance_ms: int = 20) -> Playback:
    pace = Pace(speed, tolerance_ns=tolerance_ms * MS, now=host.now, sleep=host.sleep)  # type: ignore[arg-type]
    return Playback(film.shots(), pace)


def test_a_reader_in_time_gets_every_frame_when_it_is_due() -> None:
    host = Host()
    played = playback(Film(20), host, speed=2.0)
    frames = [played.read(1.0) for _ in range(20)]
    assert [frame.captured_ns - 7 for frame in frames if frame] == [n * PERIOD_NS // 2 for n in range(20)]
    assert host.now_ns == 7 + 19 * PERIOD_NS // 2
    with pytest.raises(EndOfStream, match="all 20 frames"):
        played.read(1.0)
    with pytest.raises(EndOfStream, match="all 20 frames"):
        played.read(1.0)


def test_a_frame_that_is_not_due_within_the_timeout_is_not_lost() -> None:
    film, host = Film(3), Host()
    played = playback(film, host)
    first = played.read(0.001)
    assert first is not None
    assert first.index == 0
    assert [played.read(0.004), played.read(0.004)] == [None, None]
    second = played.read(0.004)
    assert second is not None
    assert second.index == 1
    assert film.made == [0, 1]


def test_a_picture_made_ahead_is_not_shown_for_a_later_exposure() -> None:
    film, host = Film(30), Host()
    played = playback(film, host)
    played.read(1.0)
    assert played.read(0.004) is None
    host.now_ns += 80 * MS
    frame = played.read(1.0)
    assert frame is not None
    assert frame.index == frame.image[0, 0] == 8


@given(st.lists(st.integers(0, 120), min_size=1, max_size=40))
def test_a_slow_reader_loses_frames_and_never_falls_further_behind(work_ms: list[int]) -> None:
    film, host = Film(500), Host()
    played = playback(film, host)
    frames = []
    for milliseconds in work_ms:
        frame = played.read(1.0)
        assert frame is not None
        frames.append(frame)
        assert host.now_ns - frame.captured_ns <= 20 * MS
        host.now_ns += milliseconds * MS
    assert all(a.index < b.index for a, b in pairwise(frames))
    assert all(frame.image[0, 0] == frame.index % 256 for frame in frames)
    assert all(frame.captured_ns == 7 + frame.media_ns for frame in frames)
    assert film.made == [frame.index for frame in frames]
    if max(work_ms, default=0) <= 10:
        assert [frame.index for frame in frames] == list(range(len(frames)))


def test_a_slow_reader_at_speed_max_loses_nothing() -> None:
    host = Host()
    played = playback(Film(30), host, speed="max")
    indices = []
    for _ in range(30):
        frame = played.read(0.0)
        assert frame is not None
        indices.append(frame.index)
        host.now_ns += 1000 * MS
    assert indices == list(range(30))


def test_what_was_inferred_of_a_frame_that_is_dropped_holds_for_the_next_one_shown() -> None:
    host = Host()
    played = playback(Film(30, inferred=frozenset({3})), host)
    played.read(1.0)
    host.now_ns += 80 * MS
    late, next_one = played.read(1.0), played.read(1.0)
    assert late is not None
    assert next_one is not None
    assert (late.index, late.index_inferred) == (8, True)
    assert (next_one.index, next_one.index_inferred) == (9, False)


def test_a_reader_that_comes_after_the_end_gets_the_last_frame_and_then_the_end() -> None:
    host = Host()
    played = playback(Film(5), host)
    played.read(1.0)
    host.now_ns += 10_000 * MS
    last = played.read(1.0)
    assert last is not None
    assert last.index == 4
    with pytest.raises(EndOfStream):
        played.read(1.0)


def test_catching_up_takes_no_longer_than_the_reader_waits() -> None:
    host = Host()
    played = playback(Film(10_000), host)
    played.read(1.0)
    host.now_ns += 90_000 * MS
    frame = played.read(0.0)
    assert frame is not None
    assert frame.index < 9_000


def test_a_player_releases_its_recording_when_closed_and_when_opened_again() -> None:
    released: list[str] = []
    info = SourceInfo("a recording", 2, 2, False, 100.0, 5, "arrival", paced=False, can_wait=True)
    player = Player(lambda: Opened(info, Film(5).shots(), lambda: released.append("released")), "max")
    player.open()
    player.open()
    assert released == ["released"]
    player.close()
    player.close()
    assert released == ["released", "released"]
