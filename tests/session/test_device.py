"""One device and its thread: every order has one delivery, disarming wins, and nobody fires for a dead decider."""

import threading
import time
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.errors import ControlError
from selfee_rt.session.device import DeviceStage, Lost
from selfee_rt.session.stage import Stage
from selfee_rt.stimuli import ClockSample, Delivery, DeviceClock, DeviceLimits, Order, Train, Trigger, Tripped
from tests.session.board import Board

LIMITS = DeviceLimits(arm_for_ms=60_000, light_budget_us=10_000_000, refractory_us=0)


def order(trigger_id, expires_ns=None):
    trigger = Trigger(trigger_id, "rule", "arena", "board", 1, 2, 0, 0, 0, "fired", "", "when", trigger_id, {})
    return Order(trigger, Train(1000, 1000, 1), False, expires_ns)


class Rig:
    """A board, its stage, and what that reports."""

    def __init__(self):
        self.board = Board()
        self.reports = []
        self.stopping = threading.Event()
        self.stuck_since_ns = None
        self.stage = DeviceStage(
            "board",
            self.board,
            came_round_ns=lambda: self.stuck_since_ns or now_ns(),
            stopping=self.stopping,
            report=lambda _, report: self.reports.append(report),
        )

    @property
    def outcomes(self):
        return {each.trigger_id: each.outcome for each in self.reports if isinstance(each, Delivery)}

    def until(self, condition, timeout_s=10):
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.005)


@contextmanager
def rig():
    made = Rig()
    stage = Stage("device board", made.stage.run, lambda *_: None)
    stage.start()
    try:
        yield made
    finally:
        made.board.held_up.set()
        made.stage.close()
        assert stage.join(10)
        assert stage.error is None
        assert not made.board.is_open
        assert not made.board.armed


def test_an_armed_device_carries_out_its_orders_and_says_when():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.stage.fire(order(1))
        r.until(lambda: 1 in r.outcomes)
        (delivery,) = [each for each in r.reports if isinstance(each, Delivery)]
        assert delivery.outcome == "acknowledged"
        assert delivery.sent_ns <= delivery.acknowledged_ns <= delivery.at_ns
        assert delivery.device_us == 1000


def test_nothing_is_fired_before_it_is_armed():
    with rig() as r:
        r.stage.fire(order(1))
        r.until(lambda: r.outcomes == {1: "disarmed"})
        assert 1 not in r.board.did


def test_an_order_whose_time_is_over_is_late_and_never_fired():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.stage.fire(order(1, expires_ns=now_ns() - 1))
        r.stage.fire(order(2, expires_ns=now_ns() + 60 * NS_PER_S))
        r.until(lambda: r.outcomes == {1: "late", 2: "acknowledged"})
        assert 1 not in r.board.did


def test_an_order_that_waits_behind_a_slow_board_until_it_is_too_old_is_late():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.board.held_up.clear()
        r.stage.fire(order(1))
        r.until(lambda: 1 in r.board.did)
        expires_ns = now_ns() + NS_PER_S // 20
        r.stage.fire(order(2, expires_ns))
        r.until(lambda: now_ns() > expires_ns)
        r.board.held_up.set()
        r.until(lambda: r.outcomes == {1: "acknowledged", 2: "late"})


def test_an_order_that_gets_too_old_while_the_lease_is_renewed_is_late():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.stuck_since_ns = now_ns() - NS_PER_S
        r.until(lambda: "release" in r.board.did)
        expires_ns = now_ns() + NS_PER_S // 4
        keep_alive = r.board.keep_alive

        def slowly(lease_ms):
            r.until(lambda: now_ns() > expires_ns)
            return keep_alive(lease_ms)

        r.board.keep_alive = slowly
        r.stage.fire(order(1, expires_ns))
        r.stuck_since_ns = None
        r.until(lambda: r.outcomes == {1: "late"})
        assert 1 not in r.board.did


@pytest.mark.parametrize("call", ["fire", "keep_alive", "disarm"])
def test_a_thread_that_breaks_leaves_the_device_off_and_every_order_accounted_for(call):
    r = Rig()
    stage = Stage("device board", r.stage.run, lambda *_: None)
    stage.start()
    r.stage.arm(LIMITS).result(5)
    r.board.held_up.clear()
    r.stage.fire(order(1))
    r.until(lambda: 1 in r.board.did)

    def broken(*_):
        raise ZeroDivisionError("the driver has a bug")

    setattr(r.board, call, broken)
    for trigger_id in (2, 3):
        r.stage.fire(order(trigger_id))
    again = r.stage.arm(LIMITS)
    if call == "disarm":
        r.stopping.set()
    r.board.held_up.set()
    assert stage.join(10)
    assert isinstance(stage.error, ZeroDivisionError)
    assert not r.board.is_open
    with pytest.raises(ControlError, match=r"not armed|disarming wins"):
        again.result(0)
    r.stage.fire(order(4))
    assert sorted(r.outcomes) == [1, 2, 3, 4]
    assert r.outcomes[4] == "disarmed"
    assert len([each for each in r.reports if isinstance(each, Delivery)]) == 4


def test_disarming_wins_over_orders_and_arming_that_wait():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.board.held_up.clear()
        r.stage.fire(order(1))
        r.until(lambda: 1 in r.board.did)
        r.stage.fire(order(2))
        again = r.stage.arm(LIMITS)
        r.stage.disarm()
        r.board.held_up.set()
        with pytest.raises(ControlError, match="disarming wins"):
            again.result(5)
        r.until(lambda: r.outcomes == {1: "acknowledged", 2: "disarmed"})
        r.until(lambda: r.board.did[-1] == "disarm")
        assert not r.board.armed


def test_disarming_while_the_board_is_being_armed_leaves_it_disarmed():
    with rig() as r:
        r.board.held_up.clear()
        arming = r.stage.arm(LIMITS)
        r.until(lambda: "arm" in r.board.did)
        r.stage.disarm()
        r.board.held_up.set()
        with pytest.raises(ControlError, match="disarming wins"):
            arming.result(5)
        r.until(lambda: r.board.did[-1] == "disarm")
        assert r.stage.state == "disarmed"


def test_a_session_that_stops_switches_off_without_being_told():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.stopping.set()
        r.until(lambda: r.board.did[-1] == "disarm")
        r.stage.fire(order(1))
        r.until(lambda: r.outcomes == {1: "disarmed"})
        with pytest.raises(ControlError, match="disarming wins"):
            r.stage.arm(LIMITS).result(5)


def test_a_decider_that_no_longer_comes_round_costs_the_lease():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.until(lambda: len(r.board.leases_ms) > 2)
        r.stuck_since_ns = now_ns()
        r.until(lambda: "release" in r.board.did)
        assert [each for each in r.reports if isinstance(each, Tripped)] == [Tripped("lease", None)]
        leases = len(r.board.leases_ms)
        time.sleep(0.1)
        assert len(r.board.leases_ms) == leases, "it was kept alive for a decider that hangs"
        assert all(0 < lease <= 100 for lease in r.board.leases_ms)
        assert r.board.did.count("release") == 1
        r.stuck_since_ns = None
        r.until(lambda: len(r.board.leases_ms) > leases)
        r.stage.fire(order(1))
        r.until(lambda: r.outcomes == {1: "acknowledged"})


def test_a_lease_never_lasts_beyond_a_hundred_ms_after_the_decider_came_round():
    with rig() as r:
        came = r.stuck_since_ns = now_ns() - 40_000_000
        before = len(r.board.leases_ms) + 1  # one may be under way
        r.until(lambda: now_ns() - came > 120_000_000)
        assert all(lease <= 60 for lease in r.board.leases_ms[before:])


def test_a_board_that_stops_answering_is_lost_and_found_again_by_arming():
    with rig() as r:
        r.stage.arm(LIMITS).result(5)
        r.board.silent = True
        r.stage.fire(order(1))
        r.until(lambda: r.outcomes == {1: "failed"} or 1 in r.outcomes)
        r.stage.fire(order(2))
        r.until(lambda: 2 in r.outcomes)
        assert r.outcomes[2] == "failed"
        assert sum(isinstance(each, Lost) for each in r.reports) == 1
        assert r.stage.state.startswith("lost")
        r.board.silent = False
        r.stage.arm(LIMITS).result(5)
        assert r.board.did[-3:] == ["close", "open", "arm"]
        r.stage.fire(order(3))
        r.until(lambda: r.outcomes.get(3) == "acknowledged")


def test_what_the_board_reports_is_handed_on_and_its_clock_once_a_second():
    with rig() as r:
        now = now_ns()
        r.board.events += [ClockSample(now, now + 1, 7), ClockSample(now + 2, now + 3, 8), Tripped("budget", 9)]
        r.until(lambda: Tripped("budget", 9) in r.reports)
        assert [each.sample.device_us for each in r.reports if isinstance(each, DeviceClock)] == [7]


def test_orders_after_the_end_and_beyond_the_room_are_accounted_for():
    r = Rig()
    stage = Stage("device board", r.stage.run, lambda *_: None)
    stage.start()
    r.stage.arm(LIMITS).result(5)
    r.board.held_up.clear()
    for trigger_id in range(1, 100):
        r.stage.fire(order(trigger_id))
    r.board.held_up.set()
    r.stage.close()
    assert stage.join(10)
    r.stage.fire(order(100))
    assert sorted(r.outcomes) == list(range(1, 101))
    assert {"failed", "disarmed"} <= set(r.outcomes.values())
    assert len([each for each in r.reports if isinstance(each, Delivery)]) == 100


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["arm", "fire", "disarm", "silent", "speaks"]), max_size=30))
def test_every_order_has_exactly_one_delivery_whatever_happens(steps):
    fired = 0
    with rig() as r:
        for step in steps:
            match step:
                case "arm":
                    r.stage.arm(LIMITS)
                case "fire":
                    fired += 1
                    r.stage.fire(order(fired))
                case "disarm":
                    r.stage.disarm()
                case _:
                    r.board.silent = step == "silent"
        r.board.silent = False
    deliveries = [each.trigger_id for each in r.reports if isinstance(each, Delivery)]
    assert sorted(deliveries) == list(range(1, fired + 1))
