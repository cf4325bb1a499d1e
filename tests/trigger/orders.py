"""Orders and limits for the tests of devices."""

from itertools import count

from selfee_rt.stimuli import DeviceLimits, Order, Train, Trigger

ids = count(1)


def limits(arm_for_ms: int = 60_000, light_budget_us: int = 60_000_000, refractory_us: int = 0) -> DeviceLimits:
    return DeviceLimits(arm_for_ms, light_budget_us, refractory_us)


def pulse(ms: int) -> Train:
    """One pulse."""
    return Train(width_us=ms * 1000, period_us=ms * 1000, pulses=1)


def order(train: Train, *, withheld: bool = False, rule: str = "opto") -> Order:
    trigger_id = next(ids)
    trigger = Trigger(
        trigger_id=trigger_id,
        rule=rule,
        arena="left",
        device="led",
        frame_index=100,
        newest_index=102,
        media_ns=3_400_000_000,
        newest_captured_ns=5_000_000_000,
        decided_ns=5_010_000_000,
        verdict="sham" if withheld else "fired",
        why="",
        origin="when",
        trial=7,
        evidence={},
    )
    return Order(trigger, train, withheld=withheld, expires_ns=None)
