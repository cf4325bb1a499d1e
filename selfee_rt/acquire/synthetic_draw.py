"""How the animals of the synthetic arena look: bright flies seen from above on a dark ground."""

import math
from dataclasses import dataclass

import numpy as np

from selfee_rt.acquire.synthetic_fly import CHAMBER, Pose
from selfee_rt.acquire.synthetic_shapes import Canvas, ellipse, line, sphere

BODY_PX = 75.0
"""Length of an animal in a picture of 640x480; everything scales with the picture."""


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one animal from the other."""

    size: float
    """Length relative to a body length."""
    grey: float
    abdomen: tuple[float, float]
    """Half length and half width, in body lengths."""
    tip: float
    """Brightness of the abdomen's tip."""


MALE = Look(size=0.96, grey=205.0, abdomen=(0.21, 0.105), tip=0.45)
FEMALE = Look(size=1.06, grey=222.0, abdomen=(0.235, 0.135), tip=0.85)


@dataclass(frozen=True, slots=True)
class View:
    """Where the chamber lies in the picture, and how large."""

    centre_x: float
    centre_y: float
    body_px: float

    @staticmethod
    def of(width_px: int, height_px: int) -> "View":
        """The chamber in the middle, as large as fits."""
        scale = min(width_px / 640, height_px / 480)
        return View((width_px - 1) / 2, (height_px - 1) / 2, BODY_PX * scale)


class _Body:
    """The coordinates of one animal: along the body to the head, across to its right, in body lengths."""

    def __init__(self, canvas: Canvas, view: View, pose: Pose, size: float) -> None:
        self.canvas = canvas
        self.heading = pose.heading
        self.px = view.body_px * size
        self._x = view.centre_x + pose.x * view.body_px
        self._y = view.centre_y + pose.y * view.body_px
        self._c, self._s = math.cos(pose.heading), math.sin(pose.heading)

    def at(self, along: float, across: float) -> tuple[float, float]:
        """Place in the picture, (x, y) in pixels."""
        return (
            self._x + (along * self._c - across * self._s) * self.px,
            self._y + (along * self._s + across * self._c) * self.px,
        )


def draw_fly(canvas: Canvas, view: View, pose: Pose, look: Look) -> None:
    """Paint one fly: legs, abdomen, thorax, head, then the wings that let the body shine through."""
    body = _Body(canvas, view, pose, look.size)
    _legs(body, pose)
    _trunk(body, look)
    _wing(body, -1.0, pose.left_wing, pose.song < 0)
    _wing(body, 1.0, pose.right_wing, pose.song > 0)


def _trunk(body: _Body, look: Look) -> None:
    length, width = look.abdomen

    def banded(along: Canvas, across: Canvas) -> Canvas:
        bands = np.float32(0.86) + np.float32(0.14) * np.cos(along * np.float32(13))
        tip = np.clip((along + np.float32(0.85)) * np.float32(3), np.float32(look.tip), 1)
        shaded: Canvas = sphere(along, across) * bands * tip
        return shaded

    def paint(along: float, radii: tuple[float, float], grey: float) -> None:
        pixels = (radii[0] * body.px, radii[1] * body.px)
        ellipse(body.canvas, body.at(along, 0), body.heading, pixels, grey)

    abdomen_px = (length * body.px, width * body.px)
    ellipse(body.canvas, body.at(-0.20, 0), body.heading, abdomen_px, look.grey * 0.92, shade=banded)
    paint(0.13, (0.175, 0.125), look.grey * 1.05)
    paint(0.07, (0.06, 0.07), look.grey * 1.12)
    paint(0.275, (0.05, 0.075), look.grey * 0.9)
    paint(0.355, (0.08, 0.115), look.grey)
    for side in (-1.0, 1.0):
        eye_px = (0.068 * body.px, 0.045 * body.px)
        ellipse(body.canvas, body.at(0.365, side * 0.088), body.heading + side * 0.45, eye_px, look.grey * 0.66)
        line(body.canvas, body.at(0.41, side * 0.025), body.at(0.465, side * 0.04), 0.018 * body.px, 150.0, opacity=0.8)


def _wing(body: _Body, side: float, angle: float, blurred: bool) -> None:
    """A wing from its hinge, folded back at angle 0; a vibrating one is seen twice, fainter."""
    spread = (-0.11, 0.0, 0.11) if blurred else (0.0,)
    for offset in spread:
        turned = math.pi - side * (angle + offset)
        direction = (math.cos(turned), math.sin(turned))
        reach = 0.335
        centre = body.at(0.10 + reach * direction[0], side * 0.075 + reach * direction[1])
        radii = (0.35 * body.px, 0.125 * body.px)
        opacity = 0.42 if not blurred else 0.24
        ellipse(body.canvas, centre, body.heading + turned, radii, 190.0, opacity=opacity, shade=_veins)


def _veins(along: Canvas, across: Canvas) -> Canvas:
    """Veins fan out from the hinge; the front edge is strongest."""
    fan = across / (np.float32(1.25) + along * np.float32(0.5))
    veins = np.cos(fan * np.float32(15))
    veins *= veins
    veins *= veins
    return np.float32(0.74) + np.float32(0.26) * veins


_FEET = ((0.36, 0.24, 0.22), (0.06, 0.37, 0.13), (-0.26, 0.32, 0.02))
"""Front, middle, hind: rest position of the foot (along, across), and where along the thorax the leg begins."""


def _legs(body: _Body, pose: Pose) -> None:
    for side in (-1.0, 1.0):
        for number, (along, across, hip) in enumerate(_FEET):
            phase = pose.gait + math.pi * ((number + (side > 0)) % 2)
            step = 0.085 * pose.stride * math.sin(phase)
            lift = 0.03 * pose.stride * math.cos(phase)
            foot = _grooming(pose, number, side, along + step, across - lift)
            _leg(body, side, hip, foot)


def _grooming(pose: Pose, number: int, side: float, along: float, across: float) -> tuple[float, float]:
    """Move a front or hind foot to where it rubs."""
    rub = 0.05 * math.sin(pose.groom)
    if number == 0:
        return _mix((along, across), (0.52 + side * rub, 0.02), pose.groom_front)
    if number == 2:
        return _mix((along, across), (-0.52 + side * rub, 0.05 + rub * 0.5), pose.groom_hind)
    return along, across


def _mix(a: tuple[float, float], b: tuple[float, float], part: float) -> tuple[float, float]:
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


def _leg(body: _Body, side: float, hip: float, foot: tuple[float, float]) -> None:
    """Thigh and shank; the knee stands out."""
    knee = (hip + (foot[0] - hip) * 0.45, 0.06 + (foot[1] - 0.06) * 0.55 + 0.05)
    hip_px, knee_px = body.at(hip, side * 0.06), body.at(knee[0], side * knee[1])
    line(body.canvas, hip_px, knee_px, 0.034 * body.px, 150.0, opacity=0.85)
    line(body.canvas, knee_px, body.at(foot[0], side * foot[1]), 0.022 * body.px, 130.0, opacity=0.8)


def draw_intruder(canvas: Canvas, view: View, t_s: float) -> None:
    """Paint the third object: a beetle that walks through the chamber, `t_s` seconds after it came."""
    x, y = 0.95 * CHAMBER[0] * math.cos(0.35 * t_s), 0.9 * CHAMBER[1] * math.sin(0.47 * t_s)
    heading = math.atan2(
        0.9 * CHAMBER[1] * 0.47 * math.cos(0.47 * t_s), -0.95 * CHAMBER[0] * 0.35 * math.sin(0.35 * t_s)
    )
    pose = Pose(x, y, heading, 0, 0, 14.0 * t_s, 1.0, 0, 0, 0, 0)
    body = _Body(canvas, view, pose, 1.0)
    _legs(body, pose)

    def elytra(along: Canvas, across: Canvas) -> Canvas:
        seam = 1 - np.float32(0.6) * np.exp(-np.abs(across) * np.float32(14))
        return sphere(along, across) * seam

    ellipse(body.canvas, body.at(0.34, 0), heading, (0.13 * body.px, 0.17 * body.px), 120.0)
    ellipse(body.canvas, body.at(-0.06, 0), heading, (0.37 * body.px, 0.29 * body.px), 165.0, shade=elytra)


def draw_chamber(width_px: int, height_px: int, view: View, rng: np.random.Generator) -> Canvas:
    """Render the empty chamber, (H, W) float32: ground with meshes, wall, dust and fibres."""
    x = (np.arange(width_px, dtype=np.float32)[None, :] - np.float32(view.centre_x)) / np.float32(view.body_px)
    y = (np.arange(height_px, dtype=np.float32)[:, None] - np.float32(view.centre_y)) / np.float32(view.body_px)
    out = ((x / np.float32(CHAMBER[0] + 0.5)) ** 4 + (y / np.float32(CHAMBER[1] + 0.5)) ** 4) ** np.float32(0.25)
    canvas: Canvas = np.where(out < 1, np.float32(17), np.float32(9)) - np.float32(3) * np.minimum(out, 1) ** 2
    canvas += np.float32(16) * np.exp(-(((out - 1) * np.float32(40)) ** 2))
    canvas += np.float32(9) * _meshes(x, y)
    _dust(canvas, view, rng)
    return canvas


def _meshes(x: Canvas, y: Canvas) -> Canvas:
    """Patches of a grid, as in a floor with air holes."""
    patch = (np.abs(np.abs(x) - 2.1) < 0.62) & (np.abs(y) < 1.75)
    wires = np.maximum(np.cos(x * np.float32(2 * math.pi / 0.22)), np.cos(y * np.float32(2 * math.pi / 0.22)))
    return np.asarray(patch * np.clip(wires * 4 - 3, 0, 1), dtype=np.float32)


def _dust(canvas: Canvas, view: View, rng: np.random.Generator) -> None:
    height, width = canvas.shape
    for _ in range(60):
        centre = (float(rng.uniform(0, width)), float(rng.uniform(0, height)))
        size = float(rng.uniform(0.004, 0.016)) * view.body_px
        ellipse(canvas, centre, 0.0, (size, size), float(rng.uniform(40, 110)), shade=None)
    for _ in range(6):
        start = (float(rng.uniform(0, width)), float(rng.uniform(0, height)))
        angle = float(rng.uniform(0, 2 * math.pi))
        for _ in range(8):
            angle += float(rng.normal(0, 0.35))
            stop = (start[0] + 0.07 * view.body_px * math.cos(angle), start[1] + 0.07 * view.body_px * math.sin(angle))
            line(canvas, start, stop, 0.012 * view.body_px, 55.0, opacity=0.6)
            start = stop
