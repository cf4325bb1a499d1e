"""What the computer keeps for devices that cannot: arming, limits, and how long a train runs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.stimuli import Train
from selfee_rt.trigger import guard as guard_module
from selfee_rt.trigger.guard import Guard
from tests.trigger.orders import limits, pulse


class Clock:
    """A host clock that stands still until it is set."""

    now_us = 1_000_000

    def __call__(self) -> int:
        return self.now_us * 1000


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(guard_module, "now_ns", clock)
    return clock


def armed(**settings):
    guard = Guard()
    guard.arm(limits(**settings))
    return guard


def test_a_refusal_says_why(clock):
    assert Guard().admit(pulse(1)).why == "not armed"
    guard = armed(refractory_us=50_000, light_budget_us=15_000, arm_for_ms=1000)
    assert guard.admit(pulse(10)) is None
    assert guard.admit(pulse(1)).why == "a train is running"
    clock.now_us += 10_000
    assert guard.admit(pulse(1)).why == "within the refractory time of the last train, 50000 us"
    clock.now_us += 40_000
    assert guard.admit(pulse(10)).why == "10000 us of light, and 5000 us are left until it is armed again"
    clock.now_us += 950_000
    assert guard.admit(pulse(1)).why == "armed for longer than 1000 ms"


def test_a_refused_train_costs_nothing(clock):
    guard = armed(light_budget_us=15_000)
    assert guard.admit(pulse(16)).outcome == "refused"
    assert guard.admit(pulse(15)) is None


def test_release_ends_the_train_and_not_the_refractory_time_and_the_light_stays_counted(clock):
    guard = armed(refractory_us=5_000, light_budget_us=30_000)
    assert guard.admit(pulse(20)) is None
    guard.release()
    assert guard.admit(pulse(10)).outcome == "refused"
    clock.now_us += 5_000
    assert guard.admit(pulse(11)).outcome == "refused"
    assert guard.admit(pulse(10)) is None


def test_only_a_train_that_runs_can_lose_its_lease_and_it_says_so_once(clock):
    guard = armed()
    assert guard.trip(0) is None
    assert guard.admit(pulse(20)) is None
    assert guard.trip(1) is None
    tripped = guard.trip(0)
    assert (tripped.why, tripped.device_us) == ("lease", None)
    assert guard.trip(0) is None
    assert guard.admit(pulse(20)) is None


def test_arming_ends_once_and_whatever_is_left_of_the_lease(clock):
    guard = armed(arm_for_ms=10)
    clock.now_us += 9_999
    assert guard.trip(100) is None
    clock.now_us += 1
    assert guard.trip(100).why == "arming"
    assert guard.trip(100) is None
    assert guard.admit(pulse(1)).why == "not armed"


@given(
    trains=st.lists(
        st.tuples(st.integers(1, 5_000), st.integers(1, 20_000), st.integers(1, 20), st.integers(0, 300_000)),
        max_size=30,
    ),
    budget_us=st.integers(0, 200_000),
    refractory_us=st.integers(0, 200_000),
)
def test_whatever_is_asked_trains_keep_apart_and_light_within_the_budget(trains, budget_us, refractory_us):
    with pytest.MonkeyPatch.context() as patched:
        clock = Clock()
        patched.setattr(guard_module, "now_ns", clock)
        guard = armed(light_budget_us=budget_us, refractory_us=refractory_us)
        admitted = []
        for width_us, pause_us, n_pulses, wait_us in trains:
            clock.now_us += wait_us
            train = Train(width_us, width_us + pause_us, n_pulses)
            if guard.admit(train) is None:
                admitted.append((clock.now_us, train))
    assert sum(train.light_us for _, train in admitted) <= budget_us
    for (at_us, train), (next_us, _) in pairwise(admitted):
        assert next_us - at_us >= max(refractory_us, train.length_us)
