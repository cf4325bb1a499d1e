"""What the computer keeps for a device that cannot: whether it is armed, its limits, how long it is busy."""

from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.stimuli import Acknowledgement, DeviceLimits, Train, Tripped

NS_PER_US = 1000


class Guard:
    """Admits trains while armed and within the limits; what it admits counts, whether there was light or not.

    Its clock is the host's.
    """

    def __init__(self) -> None:
        self._limits: DeviceLimits | None = None
        self._armed_until_ns = 0
        self._light_us = 0
        self._busy_until_ns = 0
        self._refractory_until_ns = 0

    def arm(self, limits: DeviceLimits) -> None:
        """Admit trains within `limits`, light counted from now; the refractory time of the last train goes on."""
        self._limits = limits
        self._armed_until_ns = now_ns() + limits.arm_for_ms * NS_PER_MS
        self._light_us = 0
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
        at_ns, limits = now_ns(), self._limits
        if limits is None:
            return refused("not armed")
        why = self._why_not(train, limits, at_ns)
        if why is not None:
            return refused(why)
        self._light_us += train.light_us
        self._busy_until_ns = at_ns + train.length_us * NS_PER_US
        self._refractory_until_ns = at_ns + limits.refractory_us * NS_PER_US
        return None

    def _why_not(self, train: Train, limits: DeviceLimits, at_ns: int) -> str | None:
        if at_ns >= self._armed_until_ns:
            return f"armed for longer than {limits.arm_for_ms} ms"
        if at_ns < self._busy_until_ns:
            return "a train is running"
        if at_ns < self._refractory_until_ns:
            return f"within the refractory time of the last train, {limits.refractory_us} us"
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
            return Tripped("arming", None)
        if lease_ms <= 0 and at_ns < self._busy_until_ns:
            self.release()
            return Tripped("lease", None)
        return None


def refused(why: str) -> Acknowledgement:
    """Nothing was sent; `sent_ns` is when that was decided."""
    return Acknowledgement("refused", why, sent_ns=now_ns(), acknowledged_ns=None, device_us=None)
