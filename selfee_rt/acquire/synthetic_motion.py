"""How the two animals of the synthetic arena move: steering, gait and wings, in fixed steps of media time."""

import math
import random
from typing import NamedTuple

from selfee_rt.acquire.synthetic_script import APPROACH_S, Script, Segment

STEP_S = 0.02
"""The motion advances in steps of this length whatever the frame rate; exposures between are interpolated."""

CHAMBER = (3.55, 2.5)
"""Half width and half height of the ground the animals walk on, in body lengths."""

WING_FOLDED = math.radians(9)
WING_MOUNTED = math.radians(26)
"""The female spreads her wings this far under the male."""
WING_OUT = math.radians(80)
WING_VIBRATION = math.radians(7)
WING_VIBRATION_HZ = 27.0
WING_MOVES_S = 0.15
"""Time to open or fold a wing; both lie inside the bout."""

_STRIDE_LENGTH = 0.55
_CHASE_DISTANCE = 1.45
_SONG_DISTANCE = 1.2
_MOUNT_OFFSET = 0.40
_PERSONAL_SPACE = 1.02


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
    """How strongly the extended wing vibrates, 0..1."""


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
        off = _wrapped(math.atan2(y - self.y, x - self.x) - self.heading)
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


class Motion:
    """The male and the female, moved along the script; media time only goes forward."""

    def __init__(self, script: Script, seed: int) -> None:
        self._script = script
        self._rng = random.Random(f"motion {seed}")
        self.male = Fly(self._rng, self._rng.uniform(-2.5, -1.0), self._rng.uniform(-1.5, 1.5))
        self.female = Fly(self._rng, self._rng.uniform(1.0, 2.5), self._rng.uniform(-1.5, 1.5))
        self._step = 0
        self._side = 1.0
        self._circling = 0.3
        self._creeping = False
        self._flight = (0.0, 0.0)
        self._segment: Segment | None = None
        self._before = self._after = (self.male.pose(), self.female.pose())

    def poses(self, t_s: float) -> tuple[Pose, Pose]:
        """Pose of the male and of the female at media time `t_s`."""
        while self._step * STEP_S <= t_s:
            self._advance(self._step * STEP_S)
            self._step += 1
        part = 1.0 - (self._step * STEP_S - t_s) / STEP_S
        male, female = (_between(a, b, part) for a, b in zip(self._before, self._after, strict=True))
        return _singing(male, t_s), female

    def _advance(self, t_s: float) -> None:
        self._before = self._after
        anomalies = {event.what for event in self._script.events(t_s)}
        if "freezing" in anomalies:
            return
        segment = self._script.at(t_s)
        if segment != self._segment:
            self._begin(segment)
        if "odd_gait" in anomalies:
            self._stagger(t_s)
        else:
            self._behave(segment, t_s)
        if segment.label != "copulation":
            self._keep_apart()
        self.male.keep_inside()
        self.female.keep_inside()
        self._after = (self.male.pose(), self.female.pose())

    def _begin(self, segment: Segment) -> None:
        self._segment = segment
        self._side = self._rng.choice((-1.0, 1.0))
        self._circling = self._rng.choice((-1.0, 1.0)) * self._rng.uniform(0.2, 0.7)
        self._creeping = self._rng.random() < 0.5
        self._flight = self._away()
        if segment.label == "nothing":
            self.male.set_off()

    def _behave(self, segment: Segment, t_s: float) -> None:
        match segment.label:
            case "chasing":
                self._chase()
            case "winging":
                self._sing(segment, t_s)
            case "copulation":
                self._mount(t_s)
            case _:
                self._go_about(segment, t_s)

    def _go_about(self, segment: Segment, t_s: float) -> None:
        """Both mind their own business, until the male walks up to the female."""
        left_s = segment.stop_s - t_s
        self._fold()
        if left_s > APPROACH_S or self._script.at(segment.stop_s).label == "nothing":
            self.male.wander()
            self.female.wander()
            return
        self.female.wander(busy=True)
        distance = self._distance() - _CHASE_DISTANCE
        if distance > 0.05:
            self.male.walk_to(self.female.x, self.female.y, speed=max(1.0, distance / max(left_s - 0.3, 0.1)))
        else:
            self.male.turn(self._bearing())
            self.male.stand()

    def _chase(self) -> None:
        """The female runs from place to place, the male keeps behind her with folded wings."""
        self._fold()
        female, male = self.female, self.male
        if math.hypot(self._flight[0] - female.x, self._flight[1] - female.y) < 0.7:
            self._flight = self._away()
        female.walk_to(*self._flight, speed=2.4, turn=4.0)
        speed = max(0.6, 2.3 + 2.2 * (self._distance() - _CHASE_DISTANCE))
        male.walk_to(female.x, female.y, speed=min(speed, 4.5), turn=8.0)

    def _away(self) -> tuple[float, float]:
        """Of a few places the one that takes the female least towards the male, and least out of her way."""

        def ease(place: tuple[float, float]) -> float:
            direction = math.atan2(place[1] - self.female.y, place[0] - self.female.x)
            male = math.atan2(self.male.y - self.female.y, self.male.x - self.female.x)
            near = math.hypot(place[0] - self.female.x, place[1] - self.female.y) < 1.5
            return math.cos(direction - self.female.heading) - 2 * math.cos(direction - male) - 2 * near

        return max([self.female.somewhere() for _ in range(5)], key=ease)

    def _sing(self, segment: Segment, t_s: float) -> None:
        """The male circles the female slowly, the wing on her side out and vibrating."""
        female, male = self.female, self.male
        if self._creeping:
            female.walk_to(*self._flight, speed=0.45, turn=1.0)
        else:
            female.wander(busy=True)
        pull = STEP_S / 0.25
        around = math.atan2(male.y - female.y, male.x - female.x) + self._circling * 0.25
        male.x += (female.x + _SONG_DISTANCE * math.cos(around) - male.x) * pull
        male.y += (female.y + _SONG_DISTANCE * math.sin(around) - male.y) * pull
        male.turn(_wrapped(self._bearing() - self._side * 0.45))
        male.stand()
        male.swing(0.35 + abs(self._circling))
        out = min(1.0, (t_s - segment.start_s) / WING_MOVES_S, (segment.stop_s - t_s) / WING_MOVES_S)
        angle = WING_FOLDED + max(0.0, out) * (WING_OUT - WING_FOLDED)
        male.song = self._side * max(0.0, out)
        male.left_wing, male.right_wing = (WING_FOLDED, angle) if self._side > 0 else (angle, WING_FOLDED)
        female.wings(WING_FOLDED, WING_FOLDED)

    def _mount(self, t_s: float) -> None:
        """The male sits on the female's back, in line with her; both nearly still."""
        female, male = self.female, self.male
        female.walk_to(*self._flight, speed=0.12, turn=0.4)
        female.wings(WING_MOUNTED, WING_MOUNTED)
        male.song = 0.0
        male.wings(WING_FOLDED, WING_FOLDED)
        offset = _MOUNT_OFFSET + 0.02 * math.sin(2 * math.pi * 1.6 * t_s)
        pull = STEP_S / 0.2
        male.x += (female.x - offset * math.cos(female.heading) - male.x) * pull
        male.y += (female.y - offset * math.sin(female.heading) - male.y) * pull
        male.turn(_wrapped(female.heading - male.heading), 9.0)
        male.stand()

    def _stagger(self, t_s: float) -> None:
        self.male.song = 0.0
        self.male.stagger(t_s)
        self.female.stagger(t_s + 0.17)

    def _fold(self) -> None:
        self.male.song = 0.0
        self.male.wings(WING_FOLDED, WING_FOLDED)
        self.female.wings(WING_FOLDED, WING_FOLDED)

    def _distance(self) -> float:
        return math.hypot(self.female.x - self.male.x, self.female.y - self.male.y)

    def _bearing(self) -> float:
        """Direction of the female as the male sees it, 0 = straight ahead."""
        direction = math.atan2(self.female.y - self.male.y, self.female.x - self.male.x)
        return _wrapped(direction - self.male.heading)

    def _keep_apart(self) -> None:
        """Animals that touch push each other away."""
        distance = self._distance()
        if 0 < distance < _PERSONAL_SPACE:
            push = (_PERSONAL_SPACE - distance) / distance * STEP_S / 0.12
            dx, dy = (self.male.x - self.female.x) * push, (self.male.y - self.female.y) * push
            self.male.x, self.male.y = self.male.x + dx, self.male.y + dy
            self.female.x, self.female.y = self.female.x - dx, self.female.y - dy


def _wrapped(angle: float) -> float:
    return math.remainder(angle, 2 * math.pi)


def _between(before: Pose, after: Pose, part: float) -> Pose:
    return Pose(*(a + (b - a) * part for a, b in zip(before, after, strict=True)))


def _singing(pose: Pose, t_s: float) -> Pose:
    """Let the extended wing vibrate."""
    if pose.song == 0:
        return pose
    shake = abs(pose.song) * WING_VIBRATION * math.sin(2 * math.pi * WING_VIBRATION_HZ * t_s)
    if pose.song > 0:
        return pose._replace(right_wing=pose.right_wing + shake)
    return pose._replace(left_wing=pose.left_wing + shake)
