"""What travels between rules, devices and the log: frozen values. Times of a pulse train are whole microseconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["fired", "sham", "blinded", "limited", "refractory", "late", "disarmed"]
"""What one onset led to. fired and sham are trials; in a blinded session both are called blinded.
limited: a limit, or outside its window; late: the exposure was too old; the rest say what they mean."""

TRIALS: tuple[Verdict, ...] = ("fired", "sham", "blinded")

Origin = Literal["when", "schedule", "yoked", "test"]
"""What made the onset: the rule's condition, its times, another session's times, or a person's test."""

Outcome = Literal["acknowledged", "sent", "late", "refused", "failed", "disarmed"]
"""What became of a trial at its device. acknowledged: the device confirmed it; sent: the device never confirms
anything; late: too old when its turn came; refused: by the device's own limits; failed: no confirmation came;
disarmed: disarmed between decision and device. Only the first two may have made light."""


@dataclass(frozen=True, slots=True)
class Train:
    """A train of equal pulses."""

    width_us: int
    period_us: int
    """From the start of one pulse to that of the next; equal to the width for a single pulse."""
    pulses: int

    @property
    def length_us(self) -> int:
        """From the start of the first pulse to the end of the last."""
        return (self.pulses - 1) * self.period_us + self.width_us

    @property
    def light_us(self) -> int:
        """Sum of the pulses' widths: the dose."""
        return self.pulses * self.width_us


@dataclass(frozen=True, slots=True)
class Trigger:
    """One decision of a rule, also not to fire; every onset leads to exactly one."""

    trigger_id: int
    """Counts from 1 in the session."""
    rule: str
    arena: str
    device: str
    frame_index: int
    """The exposure whose observation was decisive."""
    newest_index: int
    media_ns: int
    """Of the newest exposure that it needed, on the stream's own clock."""
    newest_captured_ns: int
    decided_ns: int
    verdict: Verdict
    why: str
    """Why not, in a sentence; empty for a trial."""
    origin: Origin
    trial: int | None
    """Counts the rule's trials from 1; None: not a trial."""
    evidence: Mapping[str, Any]
    """What the rule looked at, by the words of its condition, and since when it held."""


@dataclass(frozen=True, slots=True)
class Order:
    """A trial on its way to its device. Nothing but the device may see whether it is withheld."""

    trigger: Trigger
    train: Train
    withheld: bool
    """True: sham; everything is done as for a real one, but no light is made."""
    expires_ns: int | None
    """Host clock: never fire later than this; None: the input is not paced, only devices without light take it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one trial at its device; every trial has exactly one."""

    trigger_id: int
    device: str
    outcome: Outcome
    why: str
    at_ns: int
    sent_ns: int | None
    """When the command left; None: it never did."""
    acknowledged_ns: int | None
    """When the device's confirmation arrived."""
    device_us: int | None
    """The device's own clock when the first pulse began (or would have, of a sham)."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What an actuator says of one order that it has carried out."""

    outcome: Literal["acknowledged", "sent", "refused"]
    why: str
    sent_ns: int
    acknowledged_ns: int | None
    device_us: int | None


@dataclass(frozen=True, slots=True)
class DeviceLimits:
    """What a device is to enforce by itself while armed, beyond what is built into it."""

    arm_for_ms: int
    """It disarms itself after so long."""
    light_budget_us: int
    """Light that it may make until it is armed again."""
    refractory_us: int
    """Between the starts of two trains."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a device says of itself once it is open."""

    name: str
    """For people: kind, port, version of the firmware."""
    acknowledges: bool
    makes_light: bool
    """False: a rehearsal; it may be used with input that is not paced."""
    keeps_alive: bool
    """True: it switches off by itself when `keep_alive` is not called."""
    longest_lease_ms: int | None
    """The longest lease that `keep_alive` may ask for; None where it keeps nothing alive."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockSample:
    """The device's clock between two instants of the host's."""

    sent_ns: int
    received_ns: int
    device_us: int
    """Does not wrap."""


@dataclass(frozen=True, slots=True)
class SyncEdge:
    """An edge of the device's sync output, for alignment with another recorder."""

    number: int
    """Counts rising edges from 0 since the device was reset."""
    device_us: int


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """One sample of one device's clock, on its way to the log."""

    device: str
    sample: ClockSample


@dataclass(frozen=True, slots=True)
class DeviceSync:
    """One edge of one device's sync output, on its way to the log."""

    device: str
    edge: SyncEdge


@dataclass(frozen=True, slots=True)
class Tripped:
    """The device has switched off by itself."""

    why: Literal["lease", "arming", "budget"]
    """lease: nobody kept it alive; arming: armed for too long; budget: it has made the light it may make."""
    device_us: int | None
    """None: the host switched it off."""


DeviceEvent = ClockSample | SyncEdge | Tripped
