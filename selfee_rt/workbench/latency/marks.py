"""The response of the camera loop: a mark, as soon as the device's own light is seen."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from selfee_rt.clock import now_ns
from selfee_rt.decide import Rules, Seen
from selfee_rt.errors import ConfigError
from selfee_rt.protocols import Actuator
from selfee_rt.stimuli import (
    Acknowledgement,
    ClockSample,
    DeviceEvent,
    DeviceInfo,
    DeviceLimits,
    Order,
    Train,
    Trigger,
)
from selfee_rt.types import Exposure, Stimulus

FIRST_MARK_ID = 1_000_000_001
"""Marks count from here, lights from 1."""
LEAST_CONTRAST = 1.0
"""Grey values between the brightest picture without light and the darkest with it."""
MARK = Train(width_us=1000, period_us=1000, pulses=1)


@runtime_checkable
class CanMark(Actuator, Protocol):
    """A device that can say at once that something was seen."""

    def mark(self) -> ClockSample:
        """Make an edge that is no light; return when it was.

        Raises:
            DeviceError: a train runs.
            DeviceLost: it does not answer.
        """


class Brightness:
    """Learns how bright an arena is without and with the light, then tells when the light comes on.

    The pictures before the first light and the brightest after each of the first `learn_from` lights set the threshold,
    midway between them; until then nothing is told.
    """

    def __init__(self, arena: str, learn_from: int) -> None:
        self._arena = arena
        self._learn_from = learn_from
        self._dark: list[float] = []
        self._peaks: list[float] = []
        self._was_bright = False
        self.threshold: float | None = None

    def light_was_ordered(self) -> None:
        """What comes now may show the light.

        Raises:
            ConfigError: all the lights to learn from were there, and cannot be told from darkness.
        """
        if self.threshold is None and len(self._peaks) == self._learn_from:
            self._learn()
        self._peaks.append(0.0)

    def comes_on(self, brightness: float) -> bool:
        """Take the mean grey value of the next exposure; True where the light is seen, and was not before."""
        if self.threshold is None:
            self._remember(brightness)
            return False
        was_bright, self._was_bright = self._was_bright, brightness > self.threshold
        return self._was_bright and not was_bright

    def _remember(self, brightness: float) -> None:
        if self._peaks:
            self._peaks[-1] = max(self._peaks[-1], brightness)
        else:
            self._dark.append(brightness)

    def _learn(self) -> None:
        if not self._dark:
            raise ConfigError([f"no exposure of arena {self._arena!r} was observed before the first light; try again"])
        dark, spread, lit = max(self._dark), max(self._dark) - min(self._dark), min(self._peaks)
        if lit - dark < max(LEAST_CONTRAST, spread):
            raise ConfigError(
                [
                    f"the light cannot be told from darkness in arena {self._arena!r}: its mean grey value is "
                    f"{statistics.mean(self._dark):.1f} (varying by {spread:.1f}) without light and reaches {lit:.1f} "
                    f"with it, expected at least {max(LEAST_CONTRAST, spread):.1f} more than the brightest without; "
                    "give the pixels around the LED with --region, make it brighter, or its pulse longer with --on-ms"
                ]
            )
        self.threshold = (dark + lit) / 2


class MarkWhenSeen:
    """Rules that order their lights, and a mark from the same device as soon as a light is seen.

    Args:
        rules: those that order the lights, at given times.
        arena: where the light is looked for.
        learn_from: so many lights show how bright they are, and get no mark.
    """

    def __init__(self, rules: Rules, arena: str, learn_from: int) -> None:
        self._rules = rules
        self._arena = arena
        self._brightness = Brightness(arena, learn_from)
        self._light: Trigger | None = None
        self._n_marks = 0

    def stimulus(self, arena: str, exposure: Exposure) -> Stimulus:
        """As the rules say."""
        return self._rules.stimulus(arena, exposure)

    def decide(self, seen: Sequence[Seen]) -> tuple[Trigger | Order, ...]:
        """What the rules decide, and the mark."""
        marks = tuple(
            self._mark(each, self._light)
            for each in seen
            if each.observation.arena == self._arena
            and each.brightness is not None
            and self._brightness.comes_on(each.brightness)
            and self._light is not None
        )
        said = self._rules.decide(seen)
        for each in said:
            if isinstance(each, Order):
                self._light = each.trigger
                self._brightness.light_was_ordered()
        return (*marks, *said)

    def _mark(self, seen: Seen, light: Trigger) -> Order:
        exposure = seen.observation.exposure
        trigger = dataclasses.replace(
            light,
            trigger_id=FIRST_MARK_ID + self._n_marks,
            frame_index=exposure.index,
            newest_index=exposure.newest_index,
            media_ns=exposure.newest_media_ns,
            newest_captured_ns=exposure.newest_captured_ns,
            decided_ns=now_ns(),
            origin="when",
            evidence={"brightness": seen.brightness, "threshold": self._brightness.threshold},
        )
        self._n_marks += 1
        return Order(trigger, MARK, withheld=False, expires_ns=None)


class Marking:
    """A device that carries out `MarkWhenSeen`'s orders: lights as ever, marks by its command for that."""

    def __init__(self, device: CanMark) -> None:
        self._device = device
        self._light_until_ns = 0

    def open(self) -> DeviceInfo:
        """As the device does."""
        return self._device.open()

    def arm(self, limits: DeviceLimits) -> None:
        """As the device does."""
        self._device.arm(limits)

    def fire(self, order: Order) -> Acknowledgement:
        """Light, or mark; a mark while the light is on is refused, as the device would."""
        if order.trigger.origin != "when":
            said = self._device.fire(order)
            self._light_until_ns = now_ns() + order.train.length_us * 1000
            return said
        if now_ns() < self._light_until_ns:
            return Acknowledgement("refused", "the light was still on; shorten it with --on-ms", now_ns(), None, None)
        mark = self._device.mark()
        return Acknowledgement("acknowledged", "", mark.sent_ns, mark.received_ns, mark.device_us)

    def release(self) -> None:
        """As the device does."""
        self._device.release()

    def disarm(self) -> None:
        """As the device does."""
        self._device.disarm()

    def keep_alive(self, lease_ms: int) -> tuple[DeviceEvent, ...]:
        """As the device does."""
        return self._device.keep_alive(lease_ms)

    def close(self) -> None:
        """As the device does."""
        self._device.close()
