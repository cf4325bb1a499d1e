"""Which exposure a frame is, from nothing but timestamps."""

from itertools import accumulate, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.acquire.timing import FileClock, Stamps, Timing, settle_timing
from selfee_rt.clock import NS_PER_S


def stamps(*pts_ns: int | None, backwards: int = 0, stated_fps: float | None = 25.0) -> Stamps:
    return Stamps(pts_ns, backwards, tick_ns=1000.0, stated_fps=stated_fps)


@st.composite
def recordings(draw: st.DrawFn) -> tuple[float, list[int], list[int]]:
    """Frame rate, exposures that arrived (0 first), and their times with up to 10 % of jitter, ms at the least."""
    fps = draw(st.floats(1, 300))
    steps = draw(st.lists(st.sampled_from([1] * 12 + [2, 3, 7, 100]), min_size=40, max_size=60))
    exposures = [0, *accumulate(steps)]
    jitter = np.random.default_rng(draw(st.integers(0, 1000))).uniform(-0.05, 0.05, len(exposures))
    times = (np.array(exposures) + jitter) * NS_PER_S / fps
    return fps, exposures, [round(time) for time in times.tolist()]


@given(recordings())
def test_the_index_of_every_exposure_is_found_from_jittered_times_with_gaps(
    recording: tuple[float, list[int], list[int]],
) -> None:
    fps, exposures, times = recording
    timing = Timing("regular", fps, 1.0, "")
    clock = FileClock(timing)
    found = [clock.stamp(time) for time in times]
    assert [stamp.index for stamp in found] == exposures
    assert [stamp.inferred for stamp in found[1:]] == [b - a > 1 for a, b in pairwise(exposures)]
    assert clock.repaired == 0


@given(recordings())
def test_the_frame_rate_of_a_jittered_recording_with_gaps_is_measured(
    recording: tuple[float, list[int], list[int]],
) -> None:
    fps, exposures, times = recording
    timing = settle_timing(stamps(*times, stated_fps=None))
    dropped = sum(b - a > 1 for a, b in pairwise(exposures)) / (len(exposures) - 1)
    if dropped <= 0.2:
        assert timing.kind == "regular"
        assert abs(timing.fps / fps - 1) < 0.02
    else:
        assert timing.kind == "variable"


@given(
    st.lists(st.none() | st.integers(-(10**12), 10**12), min_size=1, max_size=60),
    st.sampled_from(["regular", "variable", "rate"]),
    st.floats(0.1, 1000),
    st.floats(0.1, 10),
)
def test_whatever_the_timestamps_index_and_time_rise_strictly(pts, kind, fps, scale) -> None:
    clock = FileClock(Timing(kind, fps, scale, ""))
    found = [clock.stamp(value) for value in pts]
    assert found[0].index == 0
    assert all(a.index < b.index and a.media_ns < b.media_ns for a, b in pairwise(found))
    if kind != "regular":
        assert [stamp.index for stamp in found] == list(range(len(pts)))
        assert not any(stamp.inferred for stamp in found)


def test_a_step_of_one_and_a_half_periods_is_late_and_a_longer_one_a_gap() -> None:
    clock = FileClock(Timing("regular", 1.0, 1.0, ""))
    assert [clock.stamp(round(t * NS_PER_S)).index for t in (0, 1.5, 3.01, 5.51)] == [0, 1, 3, 6]


def test_a_frame_without_a_time_of_its_own_is_placed_between_and_counted() -> None:
    clock = FileClock(Timing("regular", 1.0, 1.0, ""))
    found = [clock.stamp(None if t is None else t * NS_PER_S) for t in (0, 1, None, 3, 3, 4, 4, 7)]
    assert [stamp.media_ns / NS_PER_S for stamp in found] == [0, 1, 2, 3, 3.5, 4, 4.5, 7]
    assert [stamp.index for stamp in found] == [0, 1, 2, 3, 4, 5, 6, 8]
    assert [stamp.inferred for stamp in found] == [False] * 7 + [True]
    assert clock.repaired == 3


def test_times_that_are_missing_repeated_or_backwards_give_way_to_the_frame_rate() -> None:
    for broken, what in [
        (stamps(0, None, 80), "1 are missing"),
        (stamps(0, 0, 0, 0), "3 repeat"),
        (stamps(0, 40, 80, backwards=2), "2 run backwards"),
    ]:
        timing = settle_timing(broken)
        assert (timing.kind, timing.fps) == ("rate", 25.0)
        assert what in timing.note


def test_a_configured_rate_stretches_the_files_times_and_keeps_its_gaps() -> None:
    times = [40_000_000 * n for n in (0, 1, 2, 3, 6, 7, 8, 9, 10, 11)]
    timing = settle_timing(stamps(*times), fps=100.0)
    clock = FileClock(timing)
    found = [clock.stamp(time) for time in times]
    assert [stamp.index for stamp in found] == [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]
    assert [stamp.media_ns for stamp in found] == [10_000_000 * stamp.index for stamp in found]


def test_a_fast_recording_in_whole_milliseconds_is_regular() -> None:
    times = tuple(round(2.5 * n) * 1_000_000 for n in range(400))
    timing = settle_timing(Stamps(times, backwards=0, tick_ns=1e6, stated_fps=None))
    assert timing.kind == "regular"
    assert abs(timing.fps - 400) < 1


def test_a_stated_rate_that_the_rounded_times_confirm_is_taken_and_another_is_not() -> None:
    times = tuple(round(1000 * n / 30) * 1_000_000 for n in range(90))
    confirmed = settle_timing(Stamps(times, backwards=0, tick_ns=1e6, stated_fps=30.0))
    measured = settle_timing(Stamps(times, backwards=0, tick_ns=1e6, stated_fps=25.0))
    assert confirmed.fps == 30.0
    assert measured.fps != 30.0
    assert abs(measured.fps - 30) < 0.05
