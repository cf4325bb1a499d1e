"""When a simulated LED shines."""

import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.light import MOST_TRAINS, Light
from selfee_rt.stimuli import Train

ONE = Train(width_us=1000, period_us=1000, pulses=1)
TRAIN = Train(width_us=5000, period_us=25_000, pulses=3)

trains = st.builds(
    lambda width, pause, pulses: Train(width, width + pause, pulses),
    st.integers(1, 50),
    st.integers(0, 50),
    st.integers(1, 5),
)


def shining(train, start_us):
    """Every microsecond in which the train has light, written out pulse by pulse."""
    pulses = (start_us + number * train.period_us for number in range(train.pulses))
    return {at_us for pulse in pulses for at_us in range(pulse, pulse + train.width_us)}


def lit(light, until_us=1500):
    return {at_us for at_us in range(until_us) if light.is_on(at_us * 1000)}


def test_it_is_dark_until_it_is_told_to_shine():
    assert not lit(Light())


@given(st.lists(st.tuples(trains, st.integers(0, 600)), max_size=4))
def test_it_shines_during_the_pulses_of_every_train_and_at_no_other_instant(played):
    light = Light()
    for train, start_us in played:
        light.shine(train, start_us * 1000)
    assert lit(light) == set().union(*(shining(train, start_us) for train, start_us in played))


@given(st.lists(st.tuples(trains, st.integers(0, 600)), max_size=4), st.integers(0, 1200))
def test_switched_off_it_keeps_what_shone_before_and_loses_what_would_have_come(played, off_us):
    light = Light()
    for train, start_us in played:
        light.shine(train, start_us * 1000)
    before = lit(light)
    light.off(off_us * 1000)
    assert lit(light) == {at_us for at_us in before if at_us < off_us}


def test_it_shines_again_after_it_was_switched_off():
    light = Light()
    light.shine(TRAIN, 0)
    light.off(6_000_000)
    light.shine(ONE, 30_000_000)
    assert [light.is_on(ms * 1_000_000) for ms in (4, 26, 30, 31)] == [True, False, True, False]


@pytest.mark.parametrize("nanoseconds", [-1, 1_000_000])
def test_the_end_of_a_pulse_is_dark_to_the_nanosecond(nanoseconds):
    light = Light()
    light.shine(ONE, 7_000_000)
    assert not light.is_on(7_000_000 + nanoseconds)
    assert light.is_on(7_000_000) and light.is_on(7_999_999)


def test_it_forgets_the_oldest_trains_and_never_grows():
    light = Light()
    for number in range(MOST_TRAINS + 1):
        light.shine(ONE, number * 2_000_000)
    assert not light.is_on(0)
    assert all(light.is_on(number * 2_000_000) for number in range(1, MOST_TRAINS + 1))


def test_two_threads_may_tell_it_while_a_third_asks():
    light = Light()
    ended = threading.Event()

    def play():
        for number in range(2000):
            light.shine(ONE, number * 2_000_000)
            light.off(number * 2_000_000 + 500_000)
        ended.set()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=play) for _ in range(2)]
    try:
        for thread in threads:
            thread.start()
        while not ended.is_set():
            light.is_on(0)
    finally:
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert light.is_on(1999 * 2_000_000) and not light.is_on(1999 * 2_000_000 + 500_000)
