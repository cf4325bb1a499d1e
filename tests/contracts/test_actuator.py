"""What every stimulus device promises, run over every implementation."""

import time
from contextlib import ExitStack, suppress

import pytest

from selfee_rt.clock import now_ns
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import ClockSample, SyncEdge, Tripped
from tests.contracts.actuators import RIGS, Rig
from tests.trigger.orders import limits, order, pulse
from tests.trigger.waiting import eventually

LEASE_MS = 100

CAN_BE_ABSENT = [name for name, kind in RIGS.items() if kind.absent is not Rig.absent]


@pytest.fixture(params=RIGS)
def rig(request):
    with ExitStack() as stack:
        yield RIGS[request.param](stack)


@pytest.fixture
def actuator(rig):
    """Not open."""
    made = rig.actuator()
    yield made
    made.close()


@pytest.fixture
def info(rig, actuator):
    """What it said when it was opened."""
    said = actuator.open()
    rig.opened()
    return said


@pytest.fixture
def opened(info, actuator):
    return actuator


def arm(actuator, **settings):
    actuator.arm(limits(**settings))
    actuator.keep_alive(LEASE_MS)


def fire(actuator, train, **kinds):
    """Fire with a lease."""
    actuator.keep_alive(LEASE_MS)
    return actuator.fire(order(train, **kinds))


def is_taken(acknowledgement):
    return acknowledgement.outcome in ("acknowledged", "sent")


def over(rig, actuator):
    """Wait until the short train is over, for whoever counts."""
    time.sleep(rig.short.length_us / 1e6 + 0.05)
    return eventually(lambda: not rig.is_on(), lambda: actuator.keep_alive(LEASE_MS))


def saw(rig, n):
    """Whether the other side saw `n` trains begin."""
    return rig.begun() is None or (eventually(lambda: rig.begun() >= n) and rig.begun() == n)


def light_goes_on(rig, actuator, info):
    """Start the long train and wait until the other side sees it, where it can."""
    assert is_taken(fire(actuator, rig.long))
    return eventually(rig.is_on, lambda: actuator.keep_alive(LEASE_MS)) if shows_light(rig, info) else True


def shows_light(rig, info):
    return info.makes_light and rig.begun() is not None


def light_is_off(rig):
    return eventually(lambda: not rig.is_on())


def test_it_opens_disarmed_with_its_output_off_and_refuses_to_fire(rig, opened):
    acknowledgement = opened.fire(order(rig.short))
    assert acknowledgement.outcome == "refused"
    assert acknowledgement.why
    assert not rig.is_on()
    assert not rig.begun()


def test_it_says_what_it_is(info):
    assert info.name
    assert info.keeps_alive == (info.longest_lease_ms is not None)


def test_an_armed_fire_is_confirmed_as_promised_with_monotone_stamps(rig, opened, info):
    arm(opened)
    before_ns = now_ns()
    acknowledgement = fire(opened, rig.short)
    assert acknowledgement.outcome == ("acknowledged" if info.acknowledges else "sent")
    assert before_ns <= acknowledgement.sent_ns
    if info.acknowledges:
        assert acknowledgement.sent_ns <= acknowledgement.acknowledged_ns <= now_ns()
    else:
        assert acknowledgement.acknowledged_ns is None
    assert saw(rig, 1)


def test_a_sham_is_reported_as_a_real_one_is_and_nothing_begins(rig, opened):
    arm(opened)
    said = []
    for withheld in (True, False):
        said.append(fire(opened, rig.short, withheld=withheld))
        assert over(rig, opened)
    sham, real = said
    assert sham.outcome == real.outcome
    assert sham.why == real.why
    assert sham.sent_ns <= real.sent_ns
    assert (sham.acknowledged_ns is None) == (real.acknowledged_ns is None)
    assert (sham.device_us is None) == (real.device_us is None)
    assert saw(rig, 1)


def test_during_a_sham_the_output_stays_off_and_it_is_busy_as_in_a_real_one(rig, opened):
    arm(opened)
    assert is_taken(fire(opened, rig.long, withheld=True))
    for _ in range(10):
        opened.keep_alive(LEASE_MS)
        assert not rig.is_on()
        time.sleep(0.005)
    assert fire(opened, rig.short).outcome == "refused"
    assert not rig.begun()


def test_the_light_goes_off_by_itself_when_the_train_is_over(rig, opened):
    arm(opened)
    assert is_taken(fire(opened, pulse(200)))
    assert saw(rig, 1)
    assert eventually(lambda: not rig.is_on(), lambda: opened.keep_alive(LEASE_MS))
    assert eventually(lambda: is_taken(fire(opened, rig.short)))


def test_release_switches_off_at_once_and_it_stays_armed(rig, opened, info):
    arm(opened)
    for n in (1, 2):
        assert light_goes_on(rig, opened, info)
        opened.release()
        opened.release()
        assert light_is_off(rig)
        assert saw(rig, n)


@pytest.mark.parametrize("end", ["release", "disarm"])
def test_of_a_train_that_was_ended_nothing_comes_later(rig, opened, end):
    arm(opened)
    assert is_taken(fire(opened, rig.several))
    getattr(opened, end)()
    assert light_is_off(rig)
    begun = rig.begun()
    until = time.monotonic() + rig.several.length_us / 1e6
    while time.monotonic() < until:
        opened.keep_alive(LEASE_MS)
        assert not rig.is_on()
        time.sleep(0.01)
    assert begun is None or rig.begun() <= max(begun, 1)


def test_disarm_switches_off_at_once_and_nothing_fires_until_it_is_armed_again(rig, opened, info):
    arm(opened)
    assert light_goes_on(rig, opened, info)
    opened.disarm()
    opened.disarm()
    assert light_is_off(rig)
    assert fire(opened, rig.short).outcome == "refused"
    assert saw(rig, 1)
    arm(opened)
    assert is_taken(fire(opened, rig.short))
    assert saw(rig, 2)


def test_release_and_disarm_are_allowed_when_nothing_is_running_or_armed(opened):
    opened.release()
    opened.disarm()
    arm(opened)
    opened.release()
    opened.disarm()
    opened.release()


def test_a_train_that_runs_refuses_another_and_goes_on(rig, opened, info):
    arm(opened)
    assert light_goes_on(rig, opened, info)
    assert fire(opened, rig.short).outcome == "refused"
    assert rig.is_on() or not shows_light(rig, info)
    assert saw(rig, 1)


@pytest.mark.parametrize("withheld", [False, True])
def test_within_the_refractory_time_it_refuses_after_a_sham_as_after_a_real_one(rig, opened, withheld):
    arm(opened, refractory_us=60_000_000)
    assert is_taken(fire(opened, rig.short, withheld=withheld))
    assert over(rig, opened)
    assert fire(opened, rig.short).outcome == "refused"
    assert saw(rig, 0 if withheld else 1)


def test_the_refractory_time_of_a_train_goes_on_when_it_is_armed_again(rig, opened):
    arm(opened, refractory_us=60_000_000)
    assert is_taken(fire(opened, rig.short))
    opened.disarm()
    arm(opened, refractory_us=60_000_000)
    assert fire(opened, rig.short).outcome == "refused"
    assert saw(rig, 1)


def test_beyond_its_light_budget_it_refuses_and_shams_use_it_up_too(rig, opened):
    for withheld in (False, True):
        arm(opened, light_budget_us=rig.short.light_us * 3 // 2)
        assert is_taken(fire(opened, rig.short, withheld=withheld))
        assert over(rig, opened)
        assert fire(opened, rig.short).outcome == "refused"
        assert saw(rig, 1)


def test_arming_again_ends_the_train_that_runs_and_gives_the_light_anew(rig, opened, info):
    arm(opened, light_budget_us=rig.long.light_us)
    assert light_goes_on(rig, opened, info)
    arm(opened, light_budget_us=rig.long.light_us)
    assert light_is_off(rig)
    assert is_taken(fire(opened, rig.long))


def test_arming_lasts_only_so_long(rig, opened):
    arm(opened, arm_for_ms=100)
    time.sleep(0.2)
    assert fire(opened, rig.short).outcome == "refused"
    assert not rig.begun()


def test_the_end_of_arming_ends_the_train_that_runs_and_is_reported(rig, opened):
    arm(opened, arm_for_ms=1000)
    assert is_taken(fire(opened, rig.long))
    events = []
    assert eventually(lambda: Tripped in map(type, events), lambda: events.extend(opened.keep_alive(LEASE_MS)))
    assert [each.why for each in events if isinstance(each, Tripped)] == ["arming"]
    assert light_is_off(rig)
    assert fire(opened, rig.short).outcome == "refused"


def test_without_a_lease_the_light_goes_off_and_that_is_reported_and_it_stays_armed(rig, opened, info):
    arm(opened)
    assert light_goes_on(rig, opened, info)
    events = []
    assert eventually(lambda: Tripped in map(type, events), lambda: events.extend(opened.keep_alive(0)))
    assert [each.why for each in events if isinstance(each, Tripped)] == ["lease"]
    assert light_is_off(rig)
    assert is_taken(fire(opened, rig.short))


def test_keep_alive_may_be_called_at_any_time_and_returns_events(rig, opened):
    events = list(opened.keep_alive(LEASE_MS))
    arm(opened)
    fire(opened, rig.short)
    for _ in range(5):
        events.extend(opened.keep_alive(LEASE_MS))
        time.sleep(0.02)
    opened.disarm()
    events.extend(opened.keep_alive(LEASE_MS))
    assert all(isinstance(each, ClockSample | SyncEdge) for each in events)


def test_closing_switches_off_and_is_allowed_twice_and_before_it_is_opened(rig, actuator):
    actuator.close()
    info = actuator.open()
    rig.opened()
    arm(actuator)
    assert light_goes_on(rig, actuator, info)
    actuator.close()
    assert light_is_off(rig)
    actuator.close()


def test_it_may_be_opened_again_and_is_disarmed_then(rig, actuator):
    for _ in range(2):
        actuator.open()
        assert actuator.fire(order(rig.short)).outcome == "refused"
        arm(actuator)
        actuator.close()


@pytest.mark.parametrize("rig", CAN_BE_ABSENT, indirect=True)
def test_a_device_that_is_not_there_cannot_be_opened_and_nothing_is_left_open(rig):
    absent = rig.absent()
    for _ in range(2):
        with pytest.raises(DeviceError):
            absent.open()
    absent.close()


def test_what_is_not_open_cannot_be_armed(actuator):
    with pytest.raises(DeviceError):
        actuator.arm(limits())


def test_a_peer_that_vanishes_is_device_lost_where_that_can_be_told_and_never_anything_else(rig, opened):
    arm(opened)
    rig.vanish()
    n_lost = 0
    for call in (
        lambda: fire(opened, rig.short),
        opened.release,
        lambda: opened.arm(limits()),
        lambda: fire(opened, rig.short, withheld=True),
        opened.disarm,
    ):
        try:
            call()
        except DeviceLost:
            n_lost += 1
    assert bool(n_lost) == rig.tells_loss
    with suppress(DeviceLost):
        opened.keep_alive(LEASE_MS)
    opened.close()
