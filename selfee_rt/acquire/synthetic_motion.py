"""How the two animals of the synthetic arena move together, in fixed steps of media time."""

import math
import random

from selfee_rt.acquire.synthetic_fly import STEP_S, WING_FOLDED, Fly, Pose, wrapped
from selfee_rt.acquire.synthetic_script import APPROACH_S, Script, Segment

WING_MOUNTED = math.radians(26)
"""The female spreads her wings this far under the male."""
WING_OUT = math.radians(80)
WING_VIBRATION = math.radians(7)
WING_VIBRATION_HZ = 27.0
WING_MOVES_S = 0.15
"""Time to open or fold a wing; both lie inside the bout."""
_CHASE_DISTANCE = 1.45
_SONG_DISTANCE = 1.2
_MOUNT_OFFSET = 0.40
_PERSONAL_SPACE = 1.02


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
        male.turn(wrapped(self._bearing() - self._side * 0.45))
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
        male.turn(wrapped(female.heading - male.heading), 9.0)
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
        return wrapped(direction - self.male.heading)

    def _keep_apart(self) -> None:
        """Animals that touch push each other away."""
        distance = self._distance()
        if 0 < distance < _PERSONAL_SPACE:
            push = (_PERSONAL_SPACE - distance) / distance * STEP_S / 0.12
            dx, dy = (self.male.x - self.female.x) * push, (self.male.y - self.female.y) * push
            self.male.x, self.male.y = self.male.x + dx, self.male.y + dy
            self.female.x, self.female.y = self.female.x - dx, self.female.y - dy


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
