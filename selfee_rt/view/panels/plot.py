"""Plots over the last minute, as quiet and as cheap as can be: fixed axes, thin lines, nothing that moves by itself."""

from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from selfee_rt.clock import NS_PER_S
from selfee_rt.view import theme as look
from selfee_rt.view.theme import Theme

SPAN_S = 60.0
"""How much of the past is shown."""
TICKS_S = (60, 50, 40, 30, 20, 10, 0)
POINTS = 600
"""Points of a line, and columns of a raster: about as many as there are pixels."""
LEFT_PX = 92
"""Room for the left axis, the same in every plot, so that they line up."""

FloatArray = NDArray[np.float64]


def pen(colour: str, *, dashed: bool = False) -> QPen:
    """A pen of one pixel; wider ones cost five times as much."""
    made = QPen(QColor(colour), 1)
    made.setCosmetic(True)
    if dashed:
        made.setStyle(Qt.PenStyle.DashLine)
    return made


class Strip(pyqtgraph.PlotWidget):  # type: ignore[misc]
    """A plot whose time axis goes from a minute ago to the newest exposure, at 0, and stays as it is."""

    def __init__(self, theme: Theme, left: str, *, shows_time: bool) -> None:
        super().__init__(background=look.PANEL)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAntialiasing(False)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.disableAutoRange()
        self.setXRange(-SPAN_S, 0, padding=0)
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
        if shows_time:
            item.setLabel("bottom", "seconds before the newest exposure")
            item.getAxis("bottom").setHeight(theme.px(34))
            item.getAxis("bottom").setTicks([[(-second, f"-{second}" if second else "0") for second in TICKS_S]])
        else:
            item.getAxis("bottom").setStyle(showValues=False)
            item.getAxis("bottom").setHeight(theme.px(4))

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


def draw(line: Any, seconds: FloatArray, values: NDArray[np.floating[Any]]) -> None:
    """Set a line's points; where a value is not known there is a gap."""
    connect = "all" if np.isfinite(values).all() else "finite"
    line.setData(seconds, values, connect=connect, skipFiniteCheck=connect == "all")


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


def at_columns(times_ns: NDArray[np.int64], newest_ns: int, period_ns: float) -> tuple[NDArray[np.int64], float]:
    """For each of POINTS columns of the last SPAN_S: position of the row that holds there, or -1; and the right edge.

    Columns are steps of the stream's own time, so that a column stays the same while it moves to the left; the right
    edge, in seconds, says how far the newest column reaches. A row holds for one and a half periods.
    """
    column_ns = round(SPAN_S * NS_PER_S / POINTS)
    last = newest_ns // column_ns
    middles = (np.arange(last - POINTS + 1, last + 1) * column_ns) + column_ns // 2
    if not times_ns.size:
        return np.full(POINTS, -1), 0.0
    rows = np.searchsorted(times_ns, middles, side="right") - 1
    held_ns = middles - times_ns[np.maximum(rows, 0)]
    rows = np.where((rows >= 0) & (held_ns <= 1.5 * period_ns + column_ns), rows, -1)
    return rows, float(((last + 1) * column_ns - newest_ns) / NS_PER_S)
