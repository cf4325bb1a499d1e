"""What the computer keeps for a device that cannot: whether it is armed, its limits, how long it is busy."""

from typing import Literal

from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.stimuli import Acknowledgement, DeviceLimits, Train, Tripped

NS_PER_US = 1000


class Guard:
    """Admits trains while armed and within the limits; what it admits counts, whether there was light or not.

    Its clock is the host's, and so is `Tripped.device_us`.
    """

    def __init__(self) -> None:
        self._limits: DeviceLimits | None = None
        self._armed_until_ns = 0
        self._light_us = 0
        self._started_ns: int | None = None
        self._busy_until_ns = 0

    def arm(self, limits: DeviceLimits) -> None:
        """Admit trains within `limits`, counted from now."""
        self._limits = limits
        self._armed_until_ns = now_ns() + limits.arm_for_ms * NS_PER_MS
        self._light_us = 0
        self._started_ns = None
        self._busy_until_ns = 0

    def release(self) -> None:
        """The train that runs is over; refractory time and light stay counted."""
        self._busy_until_ns = 0

    def disarm(self) -> None:
        """Admit nothing until `arm`."""
        self.release()
        self._limits = None

    def admit(self, train: Train) -> Acknowledgement | None:
        """Count `train` as started now and return None, or return the refusal."""
        at_ns = now_ns()
        why = self._why_not(train, at_ns)
        if why is not None:
            return refused(why)
        self._light_us += train.light_us
        self._started_ns = at_ns
        self._busy_until_ns = at_ns + train.length_us * NS_PER_US
        return None

    def _why_not(self, train: Train, at_ns: int) -> str | None:
        limits = self._limits
        if limits is None:
            return "not armed"
        if at_ns >= self._armed_until_ns:
            return f"armed for longer than {limits.arm_for_ms} ms"
        if at_ns < self._busy_until_ns:
            return "a train is running"
        if self._started_ns is not None and at_ns - self._started_ns < limits.refractory_us * NS_PER_US:
            return f"the last train began less than {limits.refractory_us} us ago"
        left_us = limits.light_budget_us - self._light_us
        if train.light_us > left_us:
            return f"{train.light_us} us of light, and {left_us} us are left until it is armed again"
        return None

    def trip(self, lease_ms: int) -> Tripped | None:
        """Say once that the light must end now: no lease left while a train runs, or armed for too long.

        After "lease" it stays armed, after "arming" it is disarmed; switching off is up to the caller.
        """
        at_ns = now_ns()
        if self._limits is not None and at_ns >= self._armed_until_ns:
            self.disarm()
            return _tripped("arming", at_ns)
        if lease_ms <= 0 and at_ns < self._busy_until_ns:
            self.release()
            return _tripped("lease", at_ns)
        return None


def refused(why: str) -> Acknowledgement:
    """Nothing was sent; `sent_ns` is when that was decided."""
    return Acknowledgement("refused", why, sent_ns=now_ns(), acknowledged_ns=None, device_us=None)


def _tripped(why: Literal["lease", "arming"], at_ns: int) -> Tripped:
    return Tripped(why, at_ns // NS_PER_US)
