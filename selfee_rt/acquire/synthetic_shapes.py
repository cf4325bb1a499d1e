"""Shapes painted into a picture, each only inside its own small box, with smooth edges."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Canvas = NDArray[np.float32]
"""(H, W) float32 grey values of the scene, before lamp and sensor."""

Shade = Callable[[Canvas, Canvas], Canvas]
"""(h, w) positions along and across a shape, -1..1 inside it, to brightness as a fraction."""


def sphere(along: Canvas, across: Canvas) -> Canvas:
    """Lit from above: bright in the middle, darker to the edge."""
    inside = np.maximum(np.float32(0), 1 - along * along - across * across)
    return np.float32(0.5) + np.float32(0.5) * np.sqrt(inside)


def ellipse(
    canvas: Canvas,
    centre: tuple[float, float],
    angle: float,
    radii: tuple[float, float],
    grey: float,
    *,
    opacity: float = 1.0,
    shade: Shade | None = sphere,
) -> None:
    """Paint an ellipse: centre (x, y) and radii (along, across) in pixels, angle in rad from x towards y (down)."""
    a, b = max(radii[0], 0.5), max(radii[1], 0.5)
    c, s = math.cos(angle), math.sin(angle)
    reach_x = math.hypot(a * c, b * s) + 1.5
    reach_y = math.hypot(a * s, b * c) + 1.5
    box = _box(canvas, centre[0] - reach_x, centre[1] - reach_y, centre[0] + reach_x, centre[1] + reach_y)
    if box is None:
        return
    part, x, y = _grid(canvas, box, centre)
    along = x * np.float32(c / a) + y * np.float32(s / a)
    across = y * np.float32(c / b) - x * np.float32(s / b)
    radius = np.sqrt(along * along + across * across)
    cover = np.float32(opacity) * np.clip((1 - radius) * np.float32(min(a, b)) + np.float32(0.5), 0, 1)
    value = np.float32(grey) if shade is None else np.float32(grey) * shade(along, across)
    part += cover * (value - part)


def line(
    canvas: Canvas, start: tuple[float, float], stop: tuple[float, float], width: float, grey: float, *, opacity: float
) -> None:
    """Paint a straight limb with round ends; coordinates (x, y) and width in pixels."""
    half = max(width / 2, 0.4)
    edge = half + 1.0
    (x0, y0), (x1, y1) = start, stop
    box = _box(canvas, min(x0, x1) - edge, min(y0, y1) - edge, max(x0, x1) + edge, max(y0, y1) + edge)
    if box is None:
        return
    part, x, y = _grid(canvas, box, start)
    dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
    length = max(float(dx * dx + dy * dy), 1e-6)
    at = np.clip((x * dx + y * dy) / np.float32(length), 0, 1)
    off_x, off_y = x - at * dx, y - at * dy
    distance = np.sqrt(off_x * off_x + off_y * off_y)
    cover = np.float32(opacity) * np.clip(np.float32(half + 0.5) - distance, 0, 1)
    part += cover * (np.float32(grey) - part)


def _box(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int] | None:
    """The box in whole pixels inside the picture; None where it is outside."""
    height, width = canvas.shape
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(width, math.ceil(right) + 1), min(height, math.ceil(bottom) + 1)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _grid(canvas: Canvas, box: tuple[int, int, int, int], origin: tuple[float, float]) -> tuple[Canvas, Canvas, Canvas]:
    """A view of the box, and its columns' x (1, w) and rows' y (h, 1) from `origin`."""
    x0, y0, x1, y1 = box
    x = np.arange(x0, x1, dtype=np.float32)[None, :] - np.float32(origin[0])
    y = np.arange(y0, y1, dtype=np.float32)[:, None] - np.float32(origin[1])
    return canvas[y0:y1, x0:x1], x, y
