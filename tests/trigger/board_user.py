"""How the tests of the firmware use a board: the driver, kept alive on the board's own clock."""

from collections.abc import Iterator
from contextlib import contextmanager

from selfee_rt.config.device import MicrocontrollerConfig
from selfee_rt.stimuli import (
    Acknowledgement,
    ClockSample,
    DeviceEvent,
    DeviceLimits,
    Order,
    SyncEdge,
    Train,
    Trigger,
    Tripped,
)
from selfee_rt.trigger.microcontroller import Microcontroller

LEASE_MS = 100
GENEROUS = DeviceLimits(arm_for_ms=3_600_000, light_budget_us=3_600_000_000, refractory_us=0)
_TRIGGER = Trigger(1, "opto", "left", "led", 1, 2, 3, 4, 5, "fired", "", "when", 1, {})


def order(train: Train, *, withheld: bool = False, expires_ns: int | None = None) -> Order:
    return Order(_TRIGGER, train, withheld, expires_ns)


def pulse(width_us: int) -> Train:
    return Train(width_us, width_us, 1)


def config(port: str, **settings: object) -> MicrocontrollerConfig:
    return MicrocontrollerConfig(name="led", port=port, **{"answer_within_ms": 1000, "boot_s": 20, **settings})


class User:
    """A driver that remembers what the board reported."""

    def __init__(self, driver: Microcontroller) -> None:
        self.driver = driver
        self.events: list[DeviceEvent] = []

    def keep(self, lease_ms: int = LEASE_MS) -> int:
        """Keep it alive; return its time in microseconds."""
        events = self.driver.keep_alive(lease_ms)
        self.events += events
        (sample,) = (each for each in events if isinstance(each, ClockSample))
        return sample.device_us

    def keep_until(self, device_us: int) -> None:
        while self.keep() < device_us:
            pass

    def watch_until(self, device_us: int) -> None:
        """The same without a lease."""
        while self.keep(0) < device_us:
            pass

    def arm(self, limits: DeviceLimits = GENEROUS) -> None:
        self.driver.arm(limits)
        self.keep()

    def fire(self, train: Train, *, withheld: bool = False) -> Acknowledgement:
        return self.driver.fire(order(train, withheld=withheld))

    def play(self, train: Train, *, withheld: bool = False) -> int:
        """Fire, and wait for the end; return when the first pulse began."""
        self.keep()
        said = self.fire(train, withheld=withheld)
        assert said.device_us is not None, said
        self.keep_until(said.device_us + train.length_us + 100)
        return said.device_us

    def trips(self) -> list[Tripped]:
        return [each for each in self.events if isinstance(each, Tripped)]

    def sync_edges(self) -> list[SyncEdge]:
        return [each for each in self.events if isinstance(each, SyncEdge)]


@contextmanager
def user_of(port: str) -> Iterator[User]:
    driver = Microcontroller(config(port))
    driver.open()
    try:
        yield User(driver)
    finally:
        driver.close()
