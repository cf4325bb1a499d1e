"""Plots over time, as quiet and as cheap as can be: fixed axes, thin lines, nothing that moves by itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from selfee_rt.clock import NS_PER_S
from selfee_rt.view import theme as look
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.sight import Sight
from selfee_rt.view.theme import Theme

MINUTES_FROM_S = 120.0
POINTS = 600
"""Points of a line, and columns of a raster: about as many as there are pixels."""
LEFT_PX = 92
"""Room for the left axis, the same in every plot, so that they line up."""

FloatArray = NDArray[np.float64]


def pen(colour: str, *, dashed: bool = False, width_px: int = 1) -> QPen:
    """A pen of one pixel; wider ones cost five times as much, and are for single straight lines."""
    made = QPen(QColor(colour), width_px)
    made.setCosmetic(True)
    if dashed:
        made.setStyle(Qt.PenStyle.DashLine)
    return made


class TimeBox(pyqtgraph.ViewBox):  # type: ignore[misc]
    """What the mouse does to time."""

    def __init__(self, sight: Sight) -> None:
        super().__init__()
        self._sight = sight

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:  # noqa: N802 - pyqtgraph's names
        """Scroll."""
        event.accept()
        moved = self.mapToView(event.lastPos()).x() - self.mapToView(event.pos()).x()
        self._sight.scroll(moved)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:  # noqa: N802 - pyqtgraph's names
        """Zoom."""
        event.accept()
        self._sight.zoom(-1 if event.delta() > 0 else 1)


class Strip(pyqtgraph.PlotWidget):  # type: ignore[misc]
    """A plot whose time axis goes back from the right edge, which is at 0; it moves only when told to.

    Dragging it scrolls through the past, the wheel zooms.
    """

    _left = ""
    """Words of the left axis; pyqtgraph sizes its widget while it makes it."""

    def __init__(self, theme: Theme, left: str, sight: Sight, *, shows_time: bool) -> None:
        super().__init__(background=look.PANEL, viewBox=TimeBox(sight))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAntialiasing(False)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.disableAutoRange()
        self._shows_time = shows_time
        self._axis: tuple[object, ...] = ()
        self._middle = pyqtgraph.InfiniteLine(
            angle=90, movable=False, pen=pen(look.TEXT, dashed=True, width_px=theme.px(1))
        )
        self._middle.setVisible(False)
        self.jump = pyqtgraph.InfiniteLine(
            angle=90,
            movable=False,
            pen=pen(look.WARNING, dashed=True, width_px=theme.px(1)),
            label="the camera's clock jumped back",
            labelOpts={"rotateAxis": (1, 0), "position": 0.5, "color": look.WARNING, "anchors": [(0.5, 0), (0.5, 0)]},
        )
        self.jump.label.setFont(theme.font(0.8))
        self.jump.setVisible(False)
        item = self.getPlotItem()
        item.layout.setContentsMargins(0, theme.px(4), theme.px(16), theme.px(2))
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(pen(look.LINE))
            axis.setTextPen(pen(look.DIM))
            axis.setStyle(
                tickFont=theme.font(0.85), tickLength=0, autoExpandTextSpace=False, hideOverlappingLabels=False
            )
            axis.enableAutoSIPrefix(False)
            axis.label.setFont(theme.font(0.85))
        item.getAxis("left").setWidth(theme.px(LEFT_PX))
        item.setLabel("left", left)
        self._left = left
        if shows_time:
            item.getAxis("bottom").setHeight(theme.px(34))
        else:
            item.getAxis("bottom").setStyle(showValues=False)
            item.getAxis("bottom").setHeight(theme.px(4))
        item.getAxis("left").setTicks([])
        self.set_time(sight, 0, lambda _media_ns: 0.0)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """The words of the left axis are there where they fit."""
        super().resizeEvent(event)
        if self._left:
            item = self.getPlotItem()
            axis, room = item.getAxis("left"), self.height() - item.getAxis("bottom").maximumHeight()
            axis.showLabel(axis.label.boundingRect().width() <= room)

    def set_time(self, sight: Sight, right_ns: int, clock_s: Callable[[int], float]) -> None:
        """Show the time that is looked at; `clock_s` turns an instant into seconds since the session started."""
        axis = sight.span_s, sight.at_ns, right_ns if sight.at_ns is not None else None
        if axis == self._axis:
            return
        if axis[0] != (self._axis or (None,))[0]:
            self.setXRange(-sight.span_s, 0, padding=0.002)  # so that the first and the last tick lie inside
        self._axis = axis
        if sight.at_ns is not None:
            self._middle.setValue((sight.at_ns - right_ns) / NS_PER_S)
        self.setBackground(look.PANEL if sight.at_ns is None else look.LOOKING_BACK)
        self._middle.setVisible(sight.at_ns is not None)
        self._have(self._middle)
        if self._shows_time:
            words, ticks = _before(sight.span_s) if sight.at_ns is None else _clocks(sight.span_s, clock_s(right_ns))
            bottom = self.getPlotItem().getAxis("bottom")
            bottom.setLabel(words)
            bottom.resizeEvent()  # or its words stand where shorter ones were in the middle
            bottom.setTicks([ticks])

    def mark_jump(self, at_s: float | None) -> None:
        """Mark where the camera's clock jumped back, in seconds from the right edge; None: nowhere."""
        self._have(self.jump)
        self.jump.setVisible(at_s is not None)
        if at_s is not None:
            self.jump.setValue(at_s)

    def _have(self, line: Any) -> None:
        """Put a line into the plot, unless it is there; `clear` takes it out."""
        if line.scene() is None:
            self.addItem(line)

    def add_line(self, colour: str) -> Any:
        """A line of one pixel."""
        line = pyqtgraph.PlotCurveItem(pen=pen(colour), antialias=False, skipFiniteCheck=True)
        self.addItem(line)
        return line

    def add_raster(self, colours: list[QColor]) -> Any:
        """A raster whose values 0, 1, … have these colours."""
        image = pyqtgraph.ImageItem(autoDownsample=False)
        table = np.array([[c.red(), c.green(), c.blue(), c.alpha()] for c in colours], np.uint8)
        image.setLookupTable(np.vstack([table, np.zeros((256 - len(table), 4), np.uint8)]))
        image.setLevels((0, 255))
        self.addItem(image)
        return image


def _before(span_s: float) -> tuple[str, list[tuple[float, str]]]:
    """Words and ticks of an axis that ends now."""
    unit, words, parts = (60, "minutes", 5) if span_s > MINUTES_FROM_S else (1, "seconds", 6)
    ticks = [
        (-span_s * part / parts, f"{-span_s * part / parts / unit:.3g}" if part else "0") for part in range(parts + 1)
    ]
    return f"{words} before the newest exposure", ticks


def _clocks(span_s: float, right_s: float) -> tuple[str, list[tuple[float, str]]]:
    """Words and ticks of an axis of a time that is over; ticks at whole steps."""
    step_s = span_s / 5
    last = int(right_s // step_s)
    ticks = [(each * step_s - right_s, clock_of(each * step_s)) for each in range(last, last - 5, -1)]
    return "time since the session started", ticks


def draw(line: Any, seconds: FloatArray, values: NDArray[np.floating[Any]]) -> None:
    """Set a line's points; where a value is not known there is a gap."""
    connect = "all" if np.isfinite(values).all() else "finite"
    line.setData(seconds, values, connect=connect, skipFiniteCheck=connect == "all")


def fill(raster: Any, values: NDArray[np.uint8], place: tuple[float, float, float, float]) -> None:
    """Set a raster's values, (columns, rows) uint8, and its place: left, bottom, width, height.

    A single row is doubled: pyqtgraph 0.14 paints nothing of a picture that is one pixel high.
    """
    raster.setImage(np.repeat(values, 2, axis=1) if values.shape[1] == 1 else values, autoLevels=False)
    raster.setRect(*place)


def seconds_before(times_ns: NDArray[np.int64], newest_ns: int) -> FloatArray:
    """(N,) float64, seconds, 0 at the newest and negative before."""
    return (times_ns - newest_ns) / NS_PER_S


def thinned(first: int, count: int) -> tuple[NDArray[np.int64], int]:
    """Where groups of neighbours begin that leave about POINTS of `count` rows, and how many rows a group has.

    `first` is the number of the first row: groups begin at multiples of their size, so that they stay the same while
    the rows move on. The group at the left edge is left out where it is not whole.

    >>> thinned(5, 10)
    (array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 1)
    >>> begins, size = thinned(100, 1200)
    >>> size, int(begins[0]), len(begins)
    (2, 0, 600)
    """
    size = max(1, -(-count // POINTS))
    return np.arange(-first % size, count, size), size


def in_columns(
    times_ns: NDArray[np.int64], right_ns: int, period_ns: float, span_s: float
) -> tuple[NDArray[np.uint8], float]:
    """For each of POINTS columns of a span: 1 where any of the instants, each of which lasts a period, lies in it.

    Columns and the right edge are those of `at_columns`; however short an instant is, its column says so.
    """
    column_ns = round(span_s * NS_PER_S / POINTS)
    last = right_ns // column_ns
    begin, end = times_ns // column_ns - last + POINTS - 1, (times_ns + round(period_ns)) // column_ns - last + POINTS
    begins, ends = (np.bincount(np.clip(each, 0, POINTS), minlength=POINTS + 1) for each in (begin, end))
    marks = np.cumsum(begins - ends)[:POINTS] > 0
    return marks.astype(np.uint8), float(((last + 1) * column_ns - right_ns) / NS_PER_S)


def at_columns(
    times_ns: NDArray[np.int64], right_ns: int, period_ns: float, span_s: float
) -> tuple[NDArray[np.int64], float]:
    """For each of POINTS columns of a span: position of the row that holds there, or -1; and the right edge.

    Columns are steps of the stream's own time, so that a column stays the same while it moves to the left; the right
    edge, in seconds, says how far the last column reaches. A row holds for one and a half periods.
    """
    column_ns = round(span_s * NS_PER_S / POINTS)
    last = right_ns // column_ns
    middles = (np.arange(last - POINTS + 1, last + 1) * column_ns) + column_ns // 2
    if not times_ns.size:
        return np.full(POINTS, -1), 0.0
    rows = np.searchsorted(times_ns, middles, side="right") - 1
    held_ns = middles - times_ns[np.maximum(rows, 0)]
    rows = np.where((rows >= 0) & (held_ns <= 1.5 * period_ns + column_ns), rows, -1)
    return rows, float(((last + 1) * column_ns - right_ns) / NS_PER_S)
