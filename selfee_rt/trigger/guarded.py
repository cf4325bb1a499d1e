"""A device for which the computer keeps arming, limits and the length of trains."""

from abc import ABC, abstractmethod
from contextlib import suppress

from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceEvent, DeviceInfo, DeviceLimits, Order
from selfee_rt.trigger.guard import Guard, refused


class Guarded(ABC):
    """An `Actuator` whose protocol has no arming, no limits and no lease; a driver says how to connect and to switch.

    The device does not notice when the computer dies (`DeviceInfo.keeps_alive` is False). While the computer lives, the
    light ends with the lease: at the first `keep_alive` that finds none left.
    """

    def __init__(self) -> None:
        self._guard = Guard()
        self._is_open = False

    @abstractmethod
    def _connect(self) -> DeviceInfo:
        """Open the device and leave its output off; if it raises, `_disconnect` follows."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Release everything, whatever there is of it; raises nothing."""

    @abstractmethod
    def _begin(self, order: Order) -> Acknowledgement:
        """Start the order's train, which the guard has admitted; if it loses the device, `_off` follows."""

    @abstractmethod
    def _off(self) -> None:
        """Switch the output off and forget the train that runs."""

    def _go_on(self, lease_ms: int) -> None:  # noqa: B027
        """Do what falls due during a train; nothing, where the device times its trains."""

    def _cannot(self, order: Order) -> str | None:
        """Why the protocol has no words for the order's train; None: it has."""
        return None

    def open(self) -> DeviceInfo:
        """Open the device, off and disarmed; see `Actuator.open`."""
        try:
            info = self._connect()
        except BaseException:
            self._disconnect()
            raise
        self._is_open = True
        return info

    def arm(self, limits: DeviceLimits) -> None:
        """Switch off and allow trains within `limits`; see `Actuator.arm`."""
        if not self._is_open:
            raise DeviceError("a device that is not open cannot be armed; open it")
        self.disarm()
        self._guard.arm(limits)

    def fire(self, order: Order) -> Acknowledgement:
        """Start the order's train if it is admitted; see `Actuator.fire`."""
        why = self._cannot(order)
        refusal = self._guard.admit(order.train) if why is None else refused(why)
        if refusal is not None:
            return refusal
        try:
            return self._begin(order)
        except DeviceLost:
            with suppress(DeviceLost):
                self.disarm()
            raise

    def release(self) -> None:
        """Switch off now and stay armed; see `Actuator.release`."""
        self._guard.release()
        if self._is_open:
            self._off()

    def disarm(self) -> None:
        """Switch off now and refuse trains; see `Actuator.disarm`."""
        self._guard.disarm()
        if self._is_open:
            self._off()

    def keep_alive(self, lease_ms: int) -> tuple[DeviceEvent, ...]:
        """Do what is due; say when the light had to end early; see `Actuator.keep_alive`."""
        tripped = self._guard.trip(lease_ms)
        if tripped is not None:
            self._off()
            return (tripped,)
        self._go_on(lease_ms)
        return ()

    def close(self) -> None:
        """Switch off as well as it goes, and release everything; see `Actuator.close`."""
        try:
            with suppress(DeviceLost):
                self.disarm()
        finally:
            self._is_open = False
            self._disconnect()
