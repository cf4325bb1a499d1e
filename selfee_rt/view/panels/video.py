"""The camera's picture with its arenas, what the animals do in them, and where it is strange."""

from typing import ClassVar

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap

from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.view import theme as look
from selfee_rt.view.decode import Preview
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel
from selfee_rt.wire import Arena, ObservationMessage

FADED = 0.35
"""Opacity of a picture that is no longer live."""
STALE_MS = 2000


class Video(Panel):
    """Blits the newest picture; everything on it is drawn with filled rectangles and text."""

    name: ClassVar[str] = "video"
    title: ClassVar[str] = "Video"
    every: ClassVar[int] = 1

    shown: Preview | None = None
    """The picture that is on the screen."""
    _pixmap: QPixmap | None = None

    def refresh(self) -> None:
        """Decode the newest picture if it is another; paint it with what is known now."""
        preview = self.link.preview
        if preview is not self.shown:
            self.shown = preview
            self._pixmap = None if preview is None else QPixmap.fromImage(QImage.fromData(preview.jpeg))
            self.update()
        elif preview is None or self._age_ms(preview) > STALE_MS:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw picture, arenas and the line below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.PANEL))
        model, preview, pixmap = self.link.model, self.shown, self._pixmap
        if model is None or preview is None or pixmap is None or pixmap.isNull():
            self._say_why(painter, model)
            return
        target = self._target(pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(FADED if self._age_ms(preview) > STALE_MS else 1.0)
        painter.drawPixmap(target, pixmap)
        painter.setOpacity(1.0)
        live = self._age_ms(preview) <= STALE_MS
        for arena in model.session.arenas:
            latest = model.latest(arena.name) if live else None
            self._draw_arena(painter, model, arena, latest, self._on_screen(arena, preview, target))
        self._draw_foot(painter, preview, target)

    def _say_why(self, painter: QPainter, model: Model | None) -> None:
        text = self.waiting_for()
        if model is not None:
            text = "waiting for a picture" if model.session.preview else "the session publishes no preview"
        painter.setFont(self.theme.font())
        painter.setPen(QColor(look.DIM))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _target(self, pixmap: QPixmap) -> QRect:
        """Where the picture goes: as large as it fits above the line of text, its proportions kept."""
        room = self.rect().adjusted(0, 0, 0, -self.theme.px(22))
        size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(room.topLeft(), size)
        place.moveCenter(room.center())
        return place

    def _on_screen(self, arena: Arena, preview: Preview, target: QRect) -> QRectF:
        factor = preview.header.scale * target.width() / preview.header.width_px
        x, y = target.x() + arena.x_px * factor, target.y() + arena.y_px * factor
        return QRectF(x, y, arena.width_px * factor, arena.height_px * factor)

    def _draw_arena(
        self, painter: QPainter, model: Model, arena: Arena, latest: ObservationMessage | None, place: QRectF
    ) -> None:
        """Its border and its words; `latest` is None where nothing is known of what happens in it now."""
        alarmed = latest is not None and bool(latest.alarm)
        chosen = arena.name == self.acts.arena and len(model.arenas) > 1
        colour = look.ALARM if alarmed else look.ACCENT if chosen else look.DIM
        _frame(painter, place, self.theme.px(5 if alarmed else 2 if chosen else 1), colour)
        tags = [] if len(model.arenas) == 1 else [(arena.name, look.TEXT)]
        if latest is not None and latest.label is not None:
            tags.append((latest.label, model.colours.get(latest.label, look.TEXT)))
        if alarmed:
            tags.append(("ALARM", look.ALARM))
        if latest is not None and latest.stimulus != "off":
            tags.append((f"stimulus {latest.stimulus}", look.ARMED))
        self._draw_tags(painter, place, tags)

    def _draw_tags(self, painter: QPainter, place: QRectF, tags: list[tuple[str, str]]) -> None:
        """Words in the upper left corner of an arena, each with a patch of its colour before it."""
        painter.setFont(self.theme.font(1.15, bold=True))
        metrics, gap = painter.fontMetrics(), self.theme.px(6)
        x, y = place.x() + gap, place.y() + gap
        height = metrics.height() + gap / 2
        for text, colour in tags:
            width = metrics.horizontalAdvance(text) + 2.5 * gap
            painter.fillRect(QRectF(x, y, width, height), QColor(0, 0, 0, 190))
            painter.fillRect(QRectF(x, y, gap * 0.7, height), QColor(colour))
            painter.setPen(QColor(colour))
            painter.drawText(QRectF(x + 1.5 * gap, y, width, height), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + gap

    def _draw_foot(self, painter: QPainter, preview: Preview, target: QRect) -> None:
        """The exposure that is shown, and how long ago it came."""
        foot = QRect(target.x(), target.bottom() + 1, target.width(), self.theme.px(22))
        age_ms = self._age_ms(preview)
        stale = age_ms > STALE_MS
        painter.setFont(self.theme.font(0.95))
        painter.setPen(QColor(look.ALARM if stale else look.DIM))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(foot, middle | Qt.AlignmentFlag.AlignLeft, f" exposure {preview.header.index:,}")
        if stale:
            text = f"picture {age_ms / 1000:.0f} s old "
            painter.drawText(foot, middle | Qt.AlignmentFlag.AlignRight, text)

    @staticmethod
    def _age_ms(preview: Preview) -> float:
        return (now_ns() - preview.heard_ns) / NS_PER_MS


def _frame(painter: QPainter, place: QRectF, width: float, colour: str) -> None:
    """A border inside `place`: four filled rectangles, which cost less than a wide pen."""
    x, y, w, h = place.x(), place.y(), place.width(), place.height()
    for side in (
        QRectF(x, y, w, width),
        QRectF(x, y + h - width, w, width),
        QRectF(x, y, width, h),
        QRectF(x + w - width, y, width, h),
    ):
        painter.fillRect(side, QColor(colour))
