"""Where the animal is among all that is known: a fixed map with the live point and its tail."""

from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QPolygonF, QResizeEvent

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
from selfee_rt.view.trail import READING
from selfee_rt.view.whereabouts import NO_PLACES, Whereabouts

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
        self.whereabouts: Whereabouts | None = None
        self.tail: Floats = NO_PLACES
        """Where the animal was in the seconds up to the moment that is looked at, (N, 2) on the chart."""
        self.why = ""
        """Why there is no point, as a sentence; empty: there is one, or it will come."""
        self._model: Model | None = None
        self._painted: tuple[Chart, QPixmap] | None = None

    def refresh(self) -> None:
        """Find the place of the moment that is looked at."""
        model, arena = self.link.model, self.acts.arena
        if model is not self._model:
            self._meet(model)
        if model is not None and arena is not None:
            self._look(model, arena)
        self.update()

    def _meet(self, model: Model | None) -> None:
        """Another session: begin its map."""
        self.close_files()
        self._model, self.whereabouts, self.tail = model, None, NO_PLACES
        self.charting = None if model is None else Charting(model, is_over=self.link.is_over)

    def _look(self, model: Model, arena: str) -> None:
        assert self.charting is not None
        message = self.link.embeddings.get(arena)
        found = None if message is None else decode_embedding(message)
        if found is not None:
            latest = model.latest(arena)
            self.charting.take(found[1], found[0], None if latest is None else latest.label)
        chart, at_ns = self.charting.chart, self.acts.sight.at_ns
        if chart is None:
            return
        if self.whereabouts is None:
            self.whereabouts = Whereabouts(model, chart, is_over=self.link.is_over)
        if found is not None:
            self.whereabouts.see(arena, *found)
        self._find(self.whereabouts, model, arena, at_ns)

    def _find(self, whereabouts: Whereabouts, model: Model, arena: str, at_ns: int | None) -> None:
        if at_ns is not None:
            places, why = whereabouts.at(arena, at_ns)
            self.tail = self.tail if why == READING and not len(places) else places
            self.why = "" if why == READING or len(places) else why
            return
        self.tail = whereabouts.now(arena)
        publishes = model.session.embeddings or self.link.is_over
        self.why = "" if publishes else "the session publishes no embeddings (publish.embeddings)"

    def close_files(self) -> None:
        """Wait for what is being read."""
        for each in (self.charting, self.whereabouts):
            if each is not None:
                each.close()

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
        colours = on_dark(chart.labels) | ({} if self._model is None else self._model.colours)
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
        """Where it was in the seconds up to the moment that is looked at; or why that is not known."""
        if not len(self.tail):
            self._say_why(painter)
            return
        places = [QPointF(*each) for each in self._on_screen(chart, self.tail).tolist()]
        painter.setPen(QColor(look.TEXT))
        painter.drawPolyline(QPolygonF(places))
        side = self.theme.px(9)
        point = places[-1]
        painter.fillRect(QRectF(point.x() - side / 2, point.y() - side / 2, side, side), QColor(look.BACKGROUND))
        inner = side - 2
        painter.fillRect(QRectF(point.x() - inner / 2, point.y() - inner / 2, inner, inner), QColor(look.TEXT))

    def _say_why(self, painter: QPainter) -> None:
        """Over the map, on a ground of its own."""
        if not self.why:
            return
        painter.setFont(self.theme.font(0.95))
        gap, flags = self.theme.px(8), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.rect().adjusted(2 * gap, 0, -2 * gap, 0)
        text = f"no point: {self.why}"
        place = painter.boundingRect(room, flags, text).adjusted(-gap, -gap, gap, gap)
        painter.fillRect(place, QColor(look.BACKGROUND))
        painter.setPen(QColor(look.TEXT))
        painter.drawText(place, flags, text)
