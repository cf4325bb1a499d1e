"""What is said between the computer and a board with this project's firmware: the bodies of the frames.

docs/device_protocol.md describes every byte. Numbers are little-endian.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Literal

from selfee_rt.stimuli import DeviceEvent, DeviceLimits, SyncEdge, Train, Tripped

PROTOCOL = 1
MAGIC = b"selfeeRT"
UNASKED = 0
"""The sequence number of what a board says of itself after a reset; requests count from 1."""

_REQUEST = Struct("<BH")
_ANSWER = Struct("<BHBBHQ")
_HELLO = Struct("<8sBBBBBIII")
_PROTOCOL_AT = len(MAGIC)
_ARM = Struct("<IQQ")
_FIRE = Struct("<IIIB")
_KEEP_ALIVE = Struct("<H")
_EVENT = Struct("<BIQ")
_IS_ANSWER = 0x80
_SYNC_EDGE = 1
_TRIPS: dict[int, Literal["lease", "arming", "budget"]] = {2: "lease", 3: "arming", 4: "budget"}


class Kind(IntEnum):
    """What a request asks."""

    HELLO = 1
    ARM = 2
    FIRE = 3
    RELEASE = 4
    DISARM = 5
    KEEP_ALIVE = 6
    MARK = 7


class Status(IntEnum):
    """What a board answers; everything but DONE is a refusal."""

    DONE = 0
    UNKNOWN = 1
    DISARMED = 2
    NO_LEASE = 3
    RUNNING = 4
    REFRACTORY = 5
    BUDGET = 6
    PULSE = 7
    TRAIN = 8
    DUTY = 9
    LEASE = 10
    ARMING = 11


@dataclass(frozen=True, slots=True)
class Answer:
    """What every answer says."""

    kind: int
    number: int
    """Of the request; `UNASKED` for what was not asked."""
    status: int
    resets: int
    """How many resets the board has counted, modulo 65536: another number means that it was reset."""
    device_us: int
    """When it did what was asked; of a train, when its first pulse begins."""
    more: bytes


@dataclass(frozen=True, slots=True)
class Hello:
    """What a board says of itself; its limits are compiled in."""

    protocol: int
    firmware: str
    longest_lease_ms: int
    most_duty_percent: int
    shortest_pulse_us: int
    longest_pulse_us: int
    longest_train_us: int


def request(kind: Kind, number: int, payload: bytes = b"") -> bytes:
    """The body of a request."""
    return _REQUEST.pack(kind, number) + payload


def answer(body: bytes) -> Answer | None:
    """Read the body of an answer; None: it is not one."""
    if len(body) < _ANSWER.size:
        return None
    kind, number, status, _, resets, device_us = _ANSWER.unpack_from(body)
    if not kind & _IS_ANSWER:
        return None
    return Answer(kind & ~_IS_ANSWER, number, status, resets, device_us, body[_ANSWER.size :])


def hello(more: bytes) -> Hello | None:
    """Read what follows in the answer to a hello; None: it is not this project's firmware.

    Of another protocol, nothing but its number is known.
    """
    if not more.startswith(MAGIC) or len(more) <= _PROTOCOL_AT:
        return None
    protocol = more[_PROTOCOL_AT]
    if protocol != PROTOCOL or len(more) != _HELLO.size:
        return Hello(protocol, "", 0, 0, 0, 0, 0)
    _, _, major, minor, lease_ms, duty, shortest_us, longest_us, train_us = _HELLO.unpack(more)
    return Hello(protocol, f"{major}.{minor}", lease_ms, duty, shortest_us, longest_us, train_us)


def arm(limits: DeviceLimits) -> bytes | None:
    """The payload; None: there is no room for numbers so large."""
    if not (0 <= limits.arm_for_ms < 1 << 32 and _fits(limits.light_budget_us) and _fits(limits.refractory_us)):
        return None
    return _ARM.pack(limits.arm_for_ms, limits.light_budget_us, limits.refractory_us)


def _fits(number: int) -> bool:
    """Into 64 bits, with room for a sum."""
    return 0 <= number < 1 << 62


def fire(train: Train, *, withheld: bool) -> bytes | None:
    """The payload; None: there is no room for numbers so large."""
    numbers = (train.width_us, train.period_us, train.pulses)
    if not all(0 <= number < 1 << 32 for number in numbers):
        return None
    return _FIRE.pack(*numbers, withheld)


def keep_alive(lease_ms: int) -> bytes:
    """The payload."""
    return _KEEP_ALIVE.pack(lease_ms)


def events(more: bytes) -> Iterator[DeviceEvent]:
    """What follows in the answer to a keep-alive."""
    for kind, number, device_us in _EVENT.iter_unpack(more[1 : 1 + more[0] * _EVENT.size] if more else b""):
        if kind == _SYNC_EDGE:
            yield SyncEdge(number, device_us)
        elif kind in _TRIPS:
            yield Tripped(_TRIPS[kind], device_us)
