"""One stimulus device, and the thread that alone touches it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from selfee_rt.channels import Channel
from selfee_rt.clock import NS_PER_MS, NS_PER_S, now_ns
from selfee_rt.errors import ChannelClosed, ControlError, DeviceError, DeviceLost, Overrun
from selfee_rt.protocols import Actuator
from selfee_rt.session.stage import Ready
from selfee_rt.stimuli import (
    ClockSample,
    Delivery,
    DeviceClock,
    DeviceInfo,
    DeviceLimits,
    DeviceSync,
    Order,
    Outcome,
    SyncEdge,
    Tripped,
)

LEASE_MS = 100
"""A device is off at the latest so long after the deciding thread last came round."""
BEAT_S = 0.02
"""How often a device is kept alive."""
MOST_WAITING = 64
"""Orders that may wait for a device; one that finds no room has failed."""
CLOCK_PERIOD_NS = NS_PER_S
"""How often a sample of the device's clock is logged."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A device stopped answering."""

    why: str


Report = Delivery | DeviceClock | DeviceSync | Tripped | Lost
"""What a device's thread tells the session."""


@dataclass(frozen=True, slots=True)
class _Arm:
    limits: DeviceLimits
    epoch: int
    done: Future[None]


@dataclass(frozen=True, slots=True)
class _Fire:
    order: Order
    epoch: int


class DeviceStage:
    """Carries out orders in turn, keeps the device alive while the deciding thread comes round, and reports.

    Every order is reported as exactly one `Delivery`. To disarm counts an epoch up: whatever was asked for in an
    earlier epoch, also an `arm` that still waits, is not done any more. Once `stopping` is set nothing is fired.
    """

    def __init__(
        self,
        name: str,
        actuator: Actuator,
        *,
        came_round_ns: Callable[[], int],
        stopping: threading.Event,
        report: Callable[[str, Report], None],
    ) -> None:
        self.name = name
        self.info: DeviceInfo
        """What it says of itself, once the stage runs."""
        self.state = "disarmed"
        """disarmed, armed, or lost and why."""
        self._actuator = actuator
        self._came_round_ns = came_round_ns
        self._stopping = stopping
        self._report = report
        self._commands = Channel[_Arm | _Fire](f"device:{name}", capacity=MOST_WAITING, when_full="fail")
        self._lock = threading.Lock()
        self.epoch = 0
        """How often it was disarmed."""
        self._heeded_epoch = 0
        self._stalled = False
        self._clock_due_ns = 0

    # --- from any thread -----------------------------------------------------------------------------------------

    def arm(self, limits: DeviceLimits) -> Future[None]:
        """Ask to arm; done when the device has confirmed it, else with the ControlError that says why not."""
        done: Future[None] = Future()
        try:
            self._commands.put(_Arm(limits, self.epoch, done))
        except (Overrun, ChannelClosed) as error:
            done.set_exception(ControlError(f"device {self.name!r} takes no commands: {error}"))
        return done

    def fire(self, order: Order) -> None:
        """Hand over an order; never blocks."""
        try:
            self._commands.put(_Fire(order, self.epoch))
        except Overrun as error:
            self._deliver(order, "failed", str(error))
        except ChannelClosed:
            self._deliver(order, "disarmed", "the session is ending")

    def disarm(self) -> None:
        """Switch off and refuse everything that was asked for until now; returns at once."""
        with self._lock:
            self.epoch += 1
        self._commands.wake()

    def close(self) -> None:
        """Disarm, and end the stage when every order has been reported."""
        self.disarm()
        self._commands.close()

    # --- in the device's thread ----------------------------------------------------------------------------------

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        self.info = self._actuator.open()
        with ExitStack() as in_the_end:  # the last one first, whatever any of them raises
            in_the_end.callback(self._give_up)
            in_the_end.callback(self._actuator.close)
            in_the_end.callback(self._switch_off)
            ready()
            self._serve()

    def _switch_off(self) -> None:
        with suppress(DeviceError):
            self._actuator.disarm()

    def _give_up(self) -> None:
        """Take no more commands; those that a thread which has failed left behind are answered."""
        self._commands.close()
        for command in self._commands.drain():
            match command:
                case _Arm():
                    command.done.set_exception(ControlError(f"device {self.name!r} was not armed: its thread failed"))
                case _Fire():
                    self._deliver(command.order, "failed", "the device's thread failed before its turn came")

    def _serve(self) -> None:
        due_ns = now_ns()
        while True:
            try:
                command = self._commands.get(max(0.0, (due_ns - now_ns()) / NS_PER_S))
            except ChannelClosed:
                return
            if command is None:
                self._heed()
            else:
                self._carry_out(command)
            if now_ns() >= due_ns:
                self._keep_alive()
                due_ns = now_ns() + round(BEAT_S * NS_PER_S)

    def _heed(self) -> None:
        """Disarm if that was asked for, or the session is stopping."""
        asked = self.epoch
        if asked == self._heeded_epoch and not (self._stopping.is_set() and self.state == "armed"):
            return
        self._heeded_epoch = asked
        if self.state == "armed":
            self.state = "disarmed"
            try:
                self._actuator.disarm()
            except DeviceError as error:
                self._lost(error)

    def _carry_out(self, command: _Arm | _Fire) -> None:
        """Do what is asked, unless it was disarmed since, and answer it whatever goes wrong."""
        match command:
            case _Arm():
                self._arm(command)
            case _Fire():
                try:
                    delivery = self._fired(command)
                except BaseException as error:
                    self._deliver(command.order, "failed", f"the device's thread failed: {error!r}")
                    raise
                self._report(self.name, delivery)

    def _arm(self, command: _Arm) -> None:
        try:
            self._heed()
            self._check_wanted(command)
            if self.state.startswith("lost"):
                self._actuator.close()
                self.info = self._actuator.open()
                self.state = "disarmed"
            self._actuator.arm(command.limits)
            self.state = "armed"
            self._check_wanted(command)
            self._keep_alive()
        except ControlError as refusal:
            self._heed()
            command.done.set_exception(refusal)
        except DeviceError as error:
            if isinstance(error, DeviceLost):
                self._lost(error)
            command.done.set_exception(ControlError(f"device {self.name!r} was not armed: {error}"))
        except BaseException as error:
            command.done.set_exception(ControlError(f"device {self.name!r} was not armed: {error!r}"))
            raise
        else:
            command.done.set_result(None)

    def _check_wanted(self, command: _Arm) -> None:
        if command.epoch != self.epoch or self._stopping.is_set():
            raise ControlError(f"device {self.name!r} was disarmed meanwhile, and disarming wins; arm it again")

    def _fired(self, command: _Fire) -> Delivery:
        """What becomes of an order whose turn has come."""
        self._heed()
        if self._stalled and self.state == "armed":
            self._keep_alive()  # before it is asked how old the order is: an answer takes its time
        order = command.order
        if command.epoch != self.epoch or self._stopping.is_set():
            return self._delivery(order, "disarmed", "disarmed between the decision and the device")
        if self.state != "armed":
            outcome: Outcome = "failed" if self.state.startswith("lost") else "disarmed"
            return self._delivery(order, outcome, f"it is {self.state}")
        if order.expires_ns is not None and (late_ns := now_ns() - order.expires_ns) > 0:
            return self._delivery(order, "late", f"{late_ns / NS_PER_MS:.1f} ms too old when its turn came")
        return self._sent(order)

    def _sent(self, order: Order) -> Delivery:
        try:
            said = self._actuator.fire(order)
        except DeviceError as error:
            self._lost(error)
            return self._delivery(order, "failed", str(error))
        sent_ns = None if said.outcome == "refused" else said.sent_ns
        return self._delivery(order, said.outcome, said.why, sent_ns, said.acknowledged_ns, said.device_us)

    def _deliver(self, order: Order, outcome: Outcome, why: str) -> None:
        self._report(self.name, self._delivery(order, outcome, why))

    def _delivery(
        self,
        order: Order,
        outcome: Outcome,
        why: str,
        sent_ns: int | None = None,
        acknowledged_ns: int | None = None,
        device_us: int | None = None,
    ) -> Delivery:
        number = order.trigger.trigger_id
        return Delivery(number, self.name, outcome, why, now_ns(), sent_ns, acknowledged_ns, device_us)

    def _keep_alive(self) -> None:
        """Let it go on for what is left of the lease; release it if the deciding thread no longer comes round."""
        if self.state.startswith("lost"):
            return
        left_ms = LEASE_MS - (now_ns() - self._came_round_ns()) // NS_PER_MS
        try:
            if left_ms <= 0:
                self._stall()
                return
            self._stalled = False
            for event in self._actuator.keep_alive(min(left_ms, self.info.longest_lease_ms or LEASE_MS)):
                self._tell(event)
        except DeviceError as error:
            self._lost(error)

    def _stall(self) -> None:
        if not self._stalled:
            self._stalled = True
            if self.state == "armed":
                self._actuator.release()
                self._report(self.name, Tripped("lease", None))

    def _tell(self, event: ClockSample | SyncEdge | Tripped) -> None:
        match event:
            case ClockSample():
                if event.received_ns >= self._clock_due_ns:
                    self._clock_due_ns = event.received_ns + CLOCK_PERIOD_NS
                    self._report(self.name, DeviceClock(self.name, event))
            case SyncEdge():
                self._report(self.name, DeviceSync(self.name, event))
            case Tripped():
                self._report(self.name, event)

    def _lost(self, error: DeviceError) -> None:
        if not self.state.startswith("lost"):
            self.state = f"lost: {error}"
            self._report(self.name, Lost(str(error)))
