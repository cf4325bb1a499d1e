"""One animal of the synthetic arena: its pose, and the ways it moves by one step."""

import math
import random
from typing import NamedTuple

STEP_S = 0.02
"""The motion advances in steps of this length whatever the frame rate; exposures between are interpolated."""

CHAMBER = (3.55, 2.5)
"""Half width and half height of the ground the animals walk on, in body lengths."""

WING_FOLDED = math.radians(9)
"""Angle of a resting wing from the body axis."""

_STRIDE_LENGTH = 0.55
"""Body lengths walked in one cycle of the legs."""


class Pose(NamedTuple):
    """One animal at one instant: body lengths from the chamber's centre, x to the right, y down; angles in rad."""

    x: float
    y: float
    heading: float
    """Not wrapped, so that it can be interpolated; 0 is right, pi / 2 is down."""
    left_wing: float
    right_wing: float
    """Angle from the body axis, 0 = folded back."""
    gait: float
    """Phase of the legs, not wrapped."""
    stride: float
    """How far the legs swing, 0..1."""
    groom_front: float
    groom_hind: float
    """How far the legs are lifted to groom, 0..1."""
    groom: float
    """Phase of the grooming legs, not wrapped."""
    song: float
    """How strongly the extended wing vibrates: 0..1 the right one, 0..-1 the left one."""


class Fly:
    """One animal: where it is, and the ways it can move by one step."""

    def __init__(self, rng: random.Random, x: float, y: float) -> None:
        self.x, self.y = x, y
        self.heading = rng.uniform(-math.pi, math.pi)
        self.speed = 0.0
        self.left_wing = self.right_wing = WING_FOLDED
        self.gait = rng.uniform(0, 2 * math.pi)
        self.stride = self.groom_front = self.groom_hind = self.groom = self.song = 0.0
        self._rng = rng
        self._doing = "stand"
        self._left_s = rng.uniform(0.2, 0.6)
        self._goal = (x, y)
        self._pace = 1.0

    def pose(self) -> Pose:
        """The pose as it is drawn."""
        return Pose(
            self.x,
            self.y,
            self.heading,
            self.left_wing,
            self.right_wing,
            self.gait,
            self.stride,
            self.groom_front,
            self.groom_hind,
            self.groom,
            self.song,
        )

    def wander(self, *, busy: bool = False) -> None:
        """Walk, stand, groom, each for a while; `busy`: without walking."""
        self._left_s -= STEP_S
        if self._left_s <= 0 or (busy and self._doing == "walk"):
            self._choose(busy)
        if self._doing == "walk":
            self.walk_to(*self._goal, speed=self._pace)
            if math.hypot(self._goal[0] - self.x, self._goal[1] - self.y) < 0.35:
                self._left_s = 0.0
        else:
            self.stand()
            self._groom_with(self._doing)

    def set_off(self) -> None:
        """Walk away to some other place, at once."""
        self._doing = "walk"
        self._left_s = self._rng.uniform(1.5, 3.0)
        self._goal = max([self.somewhere() for _ in range(3)], key=lambda place: math.dist(place, (self.x, self.y)))
        self._pace = self._rng.uniform(0.8, 1.5)

    def _choose(self, busy: bool) -> None:
        weights = (0.0 if busy else 0.6, 0.25, 0.2, 0.1)
        self._doing = self._rng.choices(("walk", "front", "hind", "stand"), weights)[0]
        self._left_s = self._rng.uniform(0.3, 0.8) if self._doing == "stand" else self._rng.uniform(1.0, 3.0)
        self._goal = self.somewhere()
        self._pace = self._rng.uniform(0.7, 1.5)

    def somewhere(self) -> tuple[float, float]:
        """Any place on the ground."""
        angle, radius = self._rng.uniform(-math.pi, math.pi), math.sqrt(self._rng.uniform(0.02, 0.92))
        return CHAMBER[0] * radius * math.cos(angle), CHAMBER[1] * radius * math.sin(angle)

    def walk_to(self, x: float, y: float, *, speed: float, turn: float = 5.0) -> None:
        """Turn towards a place and walk; slower while the place is not ahead."""
        off = wrapped(math.atan2(y - self.y, x - self.x) - self.heading)
        self.turn(off, turn)
        self.move(speed * max(0.25, math.cos(off)))

    def turn(self, off: float, most: float = 5.0) -> None:
        """Turn by at most `most` rad/s against the error `off`."""
        self.heading += max(-most, min(most, 7.0 * off)) * STEP_S

    def move(self, speed: float) -> None:
        """Walk straight ahead at about `speed` body lengths per second."""
        self.speed += (speed - self.speed) * STEP_S / 0.08
        self.x += self.speed * math.cos(self.heading) * STEP_S
        self.y += self.speed * math.sin(self.heading) * STEP_S
        self.swing(abs(self.speed))
        self._groom_with("")

    def swing(self, speed: float) -> None:
        """Move the legs as at `speed`."""
        self.gait += 2 * math.pi * speed / _STRIDE_LENGTH * STEP_S
        self.stride += (min(1.0, speed / 0.5) - self.stride) * STEP_S / 0.06

    def stand(self) -> None:
        """Come to rest."""
        self.move(0.0)

    def _groom_with(self, legs: str) -> None:
        self.groom_front += ((legs == "front") - self.groom_front) * STEP_S / 0.12
        self.groom_hind += ((legs == "hind") - self.groom_hind) * STEP_S / 0.12
        self.groom += 2 * math.pi * 5.0 * STEP_S

    def stagger(self, t_s: float) -> None:
        """An odd gait: circling and slipping sideways, the body swinging, the wings askew."""
        swing = math.cos(2 * math.pi * 2.5 * t_s)
        self.turn(1.0, 3.0)
        self.heading += 9.0 * swing * STEP_S
        self.move(0.9)
        self.x -= 0.9 * swing * math.sin(self.heading) * STEP_S
        self.y += 0.9 * swing * math.cos(self.heading) * STEP_S
        self.wings(math.radians(24 + 7 * swing), math.radians(6))

    def wings(self, left: float, right: float) -> None:
        """Move both wings towards two angles."""
        self.left_wing += (left - self.left_wing) * STEP_S / 0.06
        self.right_wing += (right - self.right_wing) * STEP_S / 0.06

    def keep_inside(self) -> None:
        """Stop at the wall."""
        out = ((self.x / CHAMBER[0]) ** 4 + (self.y / CHAMBER[1]) ** 4) ** 0.25
        if out > 1:
            self.x, self.y = self.x / out, self.y / out


def wrapped(angle: float) -> float:
    """The same angle within -pi..pi."""
    return math.remainder(angle, 2 * math.pi)
