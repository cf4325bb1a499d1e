"""From the configured pulse to the train that a device makes."""

from selfee_rt.config import PulseConfig
from selfee_rt.stimuli import Train


def train_of(pulse: PulseConfig) -> Train:
    """The train of `pulse` in whole microseconds; its last pulse ends no later than `on_ms` after the first begins.

    >>> train_of(PulseConfig(on_ms=500, frequency_hz=40, width_ms=5))
    Train(width_us=5000, period_us=25000, pulses=20)
    >>> train_of(PulseConfig(on_ms=500))
    Train(width_us=500000, period_us=500000, pulses=1)
    """
    period_us = pulse.width_us if pulse.pulses == 1 else pulse.period_us
    return Train(pulse.width_us, period_us, pulse.pulses)
