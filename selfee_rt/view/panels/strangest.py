"""The strangest moments: the highest alarms with their pictures; a click shows the seconds around one."""

from typing import ClassVar

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap

from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.source import ASKING, Moments, Source
from selfee_rt.view.strangest import Moment
from selfee_rt.view.theme import Theme

MOST = 12
AROUND_S = 6.0
"""So many seconds are shown of a moment."""
CELL_PX = 118
WORDS_PX = 20


class Strangest(Panel):
    """Thumbnails, the strangest first, as many as there is room for."""

    name: ClassVar[str] = "strangest"
    title: ClassVar[str] = "Strangest moments"
    every: ClassVar[int] = 15

    def __init__(self, theme: Theme, link: Source, acts: Acts, clips: Moments) -> None:
        super().__init__(theme, link, acts)
        self.moments: list[Moment] = []
        """Those that are shown."""
        self._clips = clips
        self._painted: list[tuple[int, int, bool, bool]] = []
        self._pixmaps: dict[int, QPixmap] = {}
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def refresh(self) -> None:
        """Look for stranger moments, and for pictures of those that have none."""
        model = self.link.model
        self.moments = [] if model is None else model.strangest.best(MOST)
        if model is not None:
            self._find_pictures(model)
        shown = [(id(each), each.index, each.picture is not None, each.refused) for each in self.moments]
        if shown != self._painted or not shown:
            self._painted, self._pixmaps = shown, {}
            self.update()

    def _find_pictures(self, model: Model) -> None:
        for moment in self.moments:
            if moment.picture is None and not moment.refused:
                moment.picture, why = self._clips.at(model, moment.arena, moment.media_ns)
                moment.refused = moment.picture is None and why != ASKING
                if why == ASKING:
                    return

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the thumbnails, or say what is waited for."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.PANEL))
        model = self.link.model
        if model is None or not self.moments:
            self._say_why(painter, model)
            return
        for place, moment in zip(self._places(), self.moments, strict=False):
            self._draw(painter, place, model, moment)

    def _say_why(self, painter: QPainter, model: Model | None) -> None:
        text = self.waiting_for() if model is None else "no alarm so far"
        if model is not None and not any(value is not None for value in model.thresholds.values()):
            text = "no detector has a threshold, so there are no alarms"
        painter.setFont(self.theme.font())
        painter.setPen(QColor(look.DIM))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _places(self) -> list[QRect]:
        """Cells that fit, row by row."""
        gap = self.theme.px(6)
        columns = max(1, (self.width() - gap) // (self.theme.px(CELL_PX) + gap))
        width = (self.width() - gap) // columns - gap
        height = width * 3 // 4 + self.theme.px(WORDS_PX)
        rows = max(1, (self.height() - gap) // (height + gap))
        return [
            QRect(gap + column * (width + gap), gap + row * (height + gap), width, height)
            for row in range(rows)
            for column in range(columns)
        ]

    def _draw(self, painter: QPainter, place: QRect, model: Model, moment: Moment) -> None:
        room = place.adjusted(0, 0, 0, -self.theme.px(WORDS_PX))
        painter.fillRect(room, QColor(look.BACKGROUND))
        pixmap = self._pixmap(model, moment)
        painter.setFont(self.theme.font(0.85))
        if pixmap is None:
            painter.setPen(QColor(look.DIM))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "no picture" if moment.refused else "…")
        else:
            size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(room.topLeft(), size)
            target.moveCenter(room.center())
            painter.drawPixmap(target, pixmap)
        words = place.adjusted(0, place.height() - self.theme.px(WORDS_PX), 0, 0)
        painter.setPen(QColor(look.TEXT))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, clock_of(model.clock_s(moment.media_ns)))
        painter.setPen(QColor(look.ALARM))
        height = f"+{model.strangest.height(moment):.1f} sd"
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, height)

    def _pixmap(self, model: Model, moment: Moment) -> QPixmap | None:
        """The arena's part of the picture."""
        picture = moment.picture
        if picture is None:
            return None
        if moment.index not in self._pixmaps:
            (arena,) = [each for each in model.session.arenas if each.name == moment.arena]
            scale = picture.header.scale
            sides = [round(each * scale) for each in (arena.x_px, arena.y_px, arena.width_px, arena.height_px)]
            whole = QPixmap.fromImage(QImage.fromData(picture.jpeg))
            self._pixmaps[moment.index] = whole.copy(QRect(*sides))
        return self._pixmaps[moment.index]

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the seconds around the moment that was clicked."""
        for place, moment in zip(self._places(), self.moments, strict=False):
            if QRectF(place).contains(event.position()):
                self.acts.choose("arena", moment.arena)
                self.acts.sight.play_around(moment.media_ns, AROUND_S)
