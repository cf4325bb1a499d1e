"""The device that is none, and the light that a simulated camera sees of it."""

import pytest

from selfee_rt import build
from selfee_rt.clock import now_ns
from selfee_rt.config import NullConfig
from selfee_rt.light import Light
from tests.trigger.orders import limits, order, pulse

CONFIG = NullConfig(name="led")
LONG = pulse(60_000)


@pytest.fixture
def light():
    return Light()


@pytest.fixture
def device(light):
    made = build.actuator(CONFIG, light)
    made.open()
    made.arm(limits(light_budget_us=10**10))
    yield made
    made.close()


def test_its_light_shines_from_when_the_command_was_sent_for_the_length_of_the_train(device, light):
    said = device.fire(order(LONG))
    assert not light.is_on(said.sent_ns - 1)
    assert light.is_on(said.sent_ns) and light.is_on(said.sent_ns + LONG.length_us * 1000 - 1)
    assert not light.is_on(said.sent_ns + LONG.length_us * 1000)


def test_a_sham_makes_no_light(device, light):
    said = device.fire(order(LONG, withheld=True))
    assert said.outcome == "sent" and not light.is_on(said.sent_ns)


def test_a_refused_order_makes_no_light(device, light):
    device.disarm()
    said = device.fire(order(LONG))
    assert said.outcome == "refused" and not light.is_on(now_ns())


@pytest.mark.parametrize("how", ["release", "disarm", "close"])
def test_switched_off_it_is_dark_at_once_and_what_shone_stays_true(device, light, how):
    said = device.fire(order(LONG))
    getattr(device, how)()
    assert not light.is_on(now_ns())
    assert light.is_on(said.sent_ns)


def test_a_lease_that_ends_takes_the_light_with_it(device, light):
    device.fire(order(LONG))
    assert device.keep_alive(0)
    assert not light.is_on(now_ns())


def test_without_a_camera_that_sees_it_it_does_the_same():
    device = build.actuator(CONFIG)
    device.open()
    device.arm(limits(light_budget_us=10**10))
    assert device.fire(order(LONG)).outcome == "sent"
    device.close()
