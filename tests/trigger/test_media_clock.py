"""Rules go by media time since the first observed exposure, which never goes back."""

from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.trigger.media_clock import MediaClock
from selfee_rt.types import Exposure

PERIOD_NS = 10


def at(media_ns):
    return Exposure(1, media_ns - 10, 0, 0, 2, media_ns, 0, 0)


def test_time_counts_from_the_first_exposure_wherever_the_stream_began():
    clock = MediaClock(PERIOD_NS)
    moments = [clock.advance(at(media_ns)) for media_ns in (500, 510, 525, 541)]
    assert [moment.now_ns for moment in moments] == [0, 10, 25, 41]
    assert [moment.missed for moment in moments] == [True, False, False, True]
    assert {moment.back_ns for moment in moments} == {0}


def test_time_goes_on_from_where_an_earlier_session_ended():
    clock = MediaClock(PERIOD_NS, start_ns=7000)
    assert clock.times_ns(at(500)) == (6980, 6990, 7000)
    assert [clock.advance(at(media_ns)).now_ns for media_ns in (500, 510)] == [7000, 7010]


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_it_never_goes_back_and_says_beforehand_what_it_will_be(media):
    clock, last_ns, last_media_ns = MediaClock(PERIOD_NS), 0, None
    for media_ns in media:
        three = clock.times_ns(at(media_ns))
        moment = clock.advance(at(media_ns))
        assert three == (moment.now_ns - 20, moment.now_ns - 10, moment.now_ns)
        assert moment.now_ns >= last_ns
        went_back = last_media_ns is not None and media_ns < last_media_ns
        assert (moment.back_ns > 0) == went_back
        if went_back:
            assert (moment.now_ns - last_ns, moment.back_ns) == (PERIOD_NS, last_media_ns - media_ns)
        last_ns, last_media_ns = moment.now_ns, media_ns
