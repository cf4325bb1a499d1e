"""Where the animal is among all that is known: a fixed map with the live point and its tail."""

from collections import deque
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QPolygonF, QResizeEvent

from selfee_rt.clock import NS_PER_S
from selfee_rt.palette import GREY, on_dark
from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.chart import Chart, Floats
from selfee_rt.view.charting import Charting
from selfee_rt.view.decode import decode_embedding
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

TAIL_S = 3.0
KEPT = 1200
"""Places that are remembered: two minutes and more."""
FOOT_PX = 22
OPACITY = 0.55
"""Of the points of the map, so that what is live stands out."""


class Map(Panel):
    """The map is painted once for a size; over it go one point and a line."""

    name: ClassVar[str] = "map"
    title: ClassVar[str] = "Map"
    every: ClassVar[int] = 3

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__(theme, link, acts)
        self.charting: Charting | None = None
        self.tail: deque[tuple[int, float, float]] = deque(maxlen=KEPT)
        """Times, media_ns, and places of the chosen arena, newest last."""
        self._of: tuple[Model | None, str | None] = (None, None)
        self._painted: tuple[Chart, QPixmap] | None = None

    def refresh(self) -> None:
        """Find the newest embedding's place."""
        model, arena = self.link.model, self.acts.arena
        if model is not self._of[0]:
            self.close_panel()
            self.charting = None if model is None else Charting(model)
        if (model, arena) != self._of:
            self._of = model, arena
            self.tail.clear()
        message = self.link.embeddings.get(arena or "")
        found = None if message is None else decode_embedding(message)
        if found is not None and model is not None and arena is not None and self.charting is not None:
            latest = model.latest(arena)
            self.charting.take(found[1], found[0], None if latest is None else latest.label)
            self._go(self.charting.chart, *found)
        self.update()

    def close_panel(self) -> None:
        """Wait for what is being read."""
        if self.charting is not None:
            self.charting.close()

    def _go(self, chart: Chart | None, media_ns: int, vector: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> None:
        newer = not self.tail or media_ns > self.tail[-1][0]
        if chart is not None and len(vector) == len(chart.mean) and newer:
            self.tail.append((media_ns, *chart.place(vector)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The map is painted anew."""
        self._painted = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The map, the tail, the point; or what is waited for."""
        painter = QPainter(self)
        chart = None if self.charting is None else self.charting.chart
        if chart is None:
            text = self.waiting_for() if self.charting is None else self.charting.why
            painter.setFont(self.theme.font())
            painter.setPen(QColor(look.DIM))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            return
        if self._painted is None or self._painted[0] is not chart:
            self._painted = chart, self._paint(chart)
        painter.drawPixmap(0, 0, self._painted[1])
        self._draw_tail(painter, chart)

    def _paint(self, chart: Chart) -> QPixmap:
        """All that does not move."""
        pixmap = QPixmap(self.size())
        pixmap.fill(QColor(look.PANEL))
        painter = QPainter(pixmap)
        colours = on_dark(chart.labels)
        side = self.theme.px(3)
        painter.setOpacity(OPACITY)
        brushes = [*(QColor(colours[name]) for name in chart.labels), QColor(GREY)]
        for (x, y), label in zip(self._on_screen(chart, chart.points).tolist(), chart.label_of, strict=True):
            painter.fillRect(QRectF(x - side / 2, y - side / 2, side, side), brushes[label])
        painter.setOpacity(1.0)
        self._write(painter, chart, colours)
        painter.end()
        return pixmap

    def _write(self, painter: QPainter, chart: Chart, colours: dict[str, str]) -> None:
        """Labels in their colours along the top, and below what the map is."""
        gap = self.theme.px(6)
        painter.setFont(self.theme.font(0.85))
        metrics = painter.fontMetrics()
        x, y = gap, metrics.height()
        for name in chart.labels:
            width = metrics.horizontalAdvance(name)
            if x + width > self.width() and x > gap:
                x, y = gap, y + metrics.height()
            painter.setPen(QColor(colours[name]))
            painter.drawText(QPointF(x, y), name)
            x += width + 2 * gap
        words = f"{chart.share:.0%} of the variance of {chart.says}"
        foot = self.rect().adjusted(gap, self.height() - self.theme.px(FOOT_PX), -gap, 0)
        painter.setPen(QColor(look.DIM))
        text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, foot.width())
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, text)

    def _on_screen(self, chart: Chart, points: Floats) -> Floats:
        """(N, 2) pixels, of points (N, 2) of the chart."""
        low, high = chart.limits
        part = (points - low) / (high - low)
        part[:, 1] = 1 - part[:, 1]
        top = self.theme.px(FOOT_PX)
        places = part * (self.width(), self.height() - 2 * top) + (0, top)
        return places.astype(np.float32)

    def _draw_tail(self, painter: QPainter, chart: Chart) -> None:
        """Where it was in the seconds up to the moment that is looked at."""
        at_ns = self.acts.sight.at_ns
        newest_ns = at_ns if at_ns is not None else self.tail[-1][0] if self.tail else 0
        tail = [each for each in self.tail if newest_ns - TAIL_S * NS_PER_S <= each[0] <= newest_ns]
        if not tail:
            return
        places = [QPointF(*each) for each in self._on_screen(chart, np.array([each[1:] for each in tail])).tolist()]
        painter.setPen(QColor(look.TEXT))
        painter.drawPolyline(QPolygonF(places))
        side = self.theme.px(9)
        point = places[-1]
        painter.fillRect(QRectF(point.x() - side / 2, point.y() - side / 2, side, side), QColor(look.BACKGROUND))
        inner = side - 2
        painter.fillRect(QRectF(point.x() - inner / 2, point.y() - inner / 2, inner, inner), QColor(look.TEXT))
