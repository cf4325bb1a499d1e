"""A pulse becomes a train of whole microseconds."""

from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import PulseConfig
from selfee_rt.stimuli import Train
from selfee_rt.trigger.train import train_of


@st.composite
def pulses(draw):
    on_ms = draw(st.floats(0.001, 5_000))
    if draw(st.booleans()):
        return PulseConfig(on_ms=on_ms)
    frequency_hz = draw(st.floats(0.1, 5_000))
    longest_ms = min(on_ms, 1000 / frequency_hz - 0.002)
    width_ms = draw(st.floats(0.001, max(0.001, longest_ms)))
    return PulseConfig(on_ms=on_ms, frequency_hz=frequency_hz, width_ms=width_ms)


@given(pulses())
def test_every_pulse_lies_within_on_ms_and_one_more_would_not(pulse):
    train, on_us = train_of(pulse), round(pulse.on_ms * 1000)
    assert train.pulses >= 1
    assert train.length_us <= on_us
    assert train.light_us == round(pulse.light_s * 1e6) <= on_us
    if pulse.frequency_hz is not None:
        assert train.length_us + round(1e6 / pulse.frequency_hz) > on_us


@given(pulses())
def test_pulses_of_a_train_do_not_touch_and_a_single_one_is_its_own_period(pulse):
    train = train_of(pulse)
    if train.pulses == 1:
        assert train.period_us == train.width_us
    else:
        assert train.period_us > train.width_us


def test_a_train_that_just_fits_is_whole():
    assert train_of(PulseConfig(on_ms=105, frequency_hz=10, width_ms=5)) == Train(5_000, 100_000, 2)
    assert train_of(PulseConfig(on_ms=104.999, frequency_hz=10, width_ms=5)) == Train(5_000, 5_000, 1)
