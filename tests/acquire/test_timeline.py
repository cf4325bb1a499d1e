"""Times and indices of streams whose timestamps are missing, out of order, or begin anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.acquire.backoff import Backoff
from selfee_rt.acquire.timeline import AHEAD_NS, Timeline, frame_rate

PERIOD = 40_000_000


def places(timeline, steps):
    """Place frames at (timestamp, arrival) in periods."""
    return [
        timeline.place(None if stamp is None else round(stamp * PERIOD), round(arrival * PERIOD))
        for stamp, arrival in steps
    ]


def indices(placed):
    return [None if place is None else place.index for place in placed]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(10**12), 10**12)),
            st.integers(0, 10**10),
            st.booleans(),
        ),
        max_size=60,
    ),
    st.booleans(),
)
def test_whatever_the_timestamps_do_times_and_indices_rise_strictly(steps, use_timestamps):
    timeline, arrival, last = Timeline(period_ns=PERIOD, use_timestamps=use_timestamps), 0, None
    for timestamp, waited, interrupted in steps:
        arrival += waited
        if interrupted:
            timeline.interrupted()
        place = timeline.place(timestamp, arrival)
        if place is None:
            continue
        if last is None:
            assert (place.index, place.media_ns) == (0, 0)
        else:
            assert place.index > last.index
            assert place.media_ns > last.media_ns
            assert place.inferred == (place.index > last.index + 1)
            assert place.inferred or not interrupted
        last = place


@given(st.sets(st.integers(1, 200)), st.floats(-0.3, 0.3))
def test_exposures_that_are_missing_are_counted_whatever_their_number(missing, wobble):
    timeline = Timeline(period_ns=PERIOD, use_timestamps=True)
    came = [number for number in range(202) if number not in missing]
    shifted = [(number + (wobble if number % 2 else 0), number + 3) for number in came]
    assert indices(places(timeline, shifted)) == came


def test_a_frame_out_of_order_is_not_placed_since_it_counts_as_missing_already():
    timeline = Timeline(period_ns=PERIOD, use_timestamps=True)
    assert indices(places(timeline, [(0, 0), (3, 3), (1, 3.1), (2, 3.2), (4, 4)])) == [0, 3, None, None, 4]


@pytest.mark.parametrize("restart", [0, -1000, 10**9])
def test_a_clock_that_restarts_unnoticed_leaves_a_gap_and_is_followed_from_there(restart):
    timeline = Timeline(period_ns=PERIOD, use_timestamps=True)
    before = places(timeline, [(500, 500), (501, 501)])
    after = places(timeline, [(restart, 503.9), (restart + 1, 505.5)])
    assert indices(before + after) == [0, 1, 4, 5]
    assert after[0].inferred
    assert after[1].media_ns - after[0].media_ns == PERIOD


def test_timestamps_may_run_ahead_of_arrivals_for_a_while():
    timeline = Timeline(period_ns=PERIOD, use_timestamps=True)
    buffered = [(number, 0.01 * number) for number in range(AHEAD_NS // PERIOD)]
    assert indices(places(timeline, buffered)) == list(range(len(buffered)))


@pytest.mark.parametrize("first", [None, 700])
def test_after_an_interruption_timestamps_may_come_only_with_the_second_frame(first):
    timeline = Timeline(period_ns=PERIOD, use_timestamps=True)
    steps = [(None, 0), (100, 1), (101, 2)]
    assert indices(places(timeline, steps)) == [0, 1, 2]
    timeline.interrupted()
    placed = places(timeline, [(first, 10), (701, 11), (702, 12)])
    assert indices(placed) == [10, 11, 12]
    assert [place.inferred for place in placed] == [True, False, False]


def test_frames_delivered_late_before_an_outage_do_not_shorten_it():
    timeline = Timeline(period_ns=PERIOD, use_timestamps=True)
    places(timeline, [(0, 0), (1, 1), (2, 20)])  # the last one came out of the demultiplexer when the stream was lost
    timeline.interrupted()
    assert indices(places(timeline, [(0, 50)])) == [50]


def test_an_interruption_shorter_than_a_period_still_breaks_the_stream():
    timeline = Timeline(period_ns=PERIOD, use_timestamps=True)
    places(timeline, [(0, 0), (1, 1)])
    timeline.interrupted()
    (place,) = places(timeline, [(0, 1.2)])
    assert (place.index, place.inferred) == (3, True)


def test_without_timestamps_time_is_arrival():
    timeline = Timeline(period_ns=PERIOD, use_timestamps=False)
    placed = places(timeline, [(7, 100), (7, 101.2), (7, 104.2)])
    assert indices(placed) == [0, 1, 4]
    assert [place.media_ns for place in placed] == [0, 1.2 * PERIOD, 4.2 * PERIOD]


@given(st.floats(1, 500), st.sets(st.integers(2, 60), max_size=20))
def test_the_frame_rate_is_found_although_frames_are_missing_and_times_are_rounded_to_milliseconds(fps, missing):
    times = [round(1000 * number / fps) * 1_000_000 for number in range(200) if number not in missing]
    if 1000 / fps < 4:  # rounding to milliseconds leaves nothing to see
        return
    assert frame_rate(times) == pytest.approx(fps, rel=0.02)


@pytest.mark.parametrize("times", [[], [1], [1, 2], [5, 5, 5]])
def test_too_few_times_give_no_frame_rate(times):
    assert frame_rate(times) is None


@given(st.floats(0.01, 100), st.floats(0, 100), st.lists(st.floats(0, 10), max_size=30))
def test_pauses_never_exceed_the_longest_or_what_is_left(longest_s, give_up_s, waits):
    backoff, now_s = Backoff(longest_s=longest_s, give_up_s=give_up_s, since_ns=0), 0.0
    for wait_s in waits:
        now_s += wait_s
        pause_s = backoff.pause_s(round(now_s * 1e9))
        if pause_s is None:
            assert now_s >= give_up_s - 1e-6
            return
        assert 0 < pause_s <= min(longest_s, give_up_s - now_s) + 1e-6
