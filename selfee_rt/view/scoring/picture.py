"""The picture of the exposure that is looked at."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from selfee_rt.view import theme as look
from selfee_rt.view.scoring.projector import Image, Shown
from selfee_rt.view.theme import Theme
from selfee_rt.wire import Arena


class Picture(QWidget):
    """As large as it fits; over it the arenas, where there are several, and what is scored now."""

    def __init__(self, theme: Theme, arenas: Sequence[Arena], camera_px: tuple[int, int] | None) -> None:
        super().__init__()
        self._theme, self._arenas, self._camera_px = theme, tuple(arenas), camera_px
        self.shown: Shown | None = None
        self.arena = 0
        self.tags: tuple[tuple[str, str], ...] = ()
        """Words and their colours, over the picture."""
        self.why_none = ""
        self._pixmap: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_picture(self, shown: Shown | None) -> None:
        """Show another picture; the same one again costs nothing."""
        if shown is self.shown:
            return
        self.shown = shown
        image = None if shown is None else shown.image
        self._pixmap = None if image is None else QPixmap.fromImage(_qimage(image))
        self.update()

    def say(self, tags: tuple[tuple[str, str], ...], arena: int, why_none: str) -> None:
        """Say something else over the picture, or instead of it."""
        if (tags, arena, why_none) != (self.tags, self.arena, self.why_none):
            self.tags, self.arena, self.why_none = tags, arena, why_none
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it, or say why there is none."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.PANEL))
        if self._pixmap is None or self._pixmap.isNull():
            self._say_why(painter)
            return
        target = self._target(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, self._pixmap)
        if len(self._arenas) > 1 and self._camera_px is not None:
            self._draw_arena(painter, target, self._arenas[self.arena], target.width() / self._camera_px[0])
        self._draw_tags(painter, target)

    def _target(self, pixmap: QPixmap) -> QRect:
        size = pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(self.rect().topLeft(), size)
        place.moveCenter(self.rect().center())
        return place

    def _draw_arena(self, painter: QPainter, target: QRect, arena: Arena, factor: float) -> None:
        x, y = target.x() + arena.x_px * factor, target.y() + arena.y_px * factor
        painter.setPen(QColor(look.ACCENT))
        painter.drawRect(QRectF(x, y, arena.width_px * factor - 1, arena.height_px * factor - 1))

    def _draw_tags(self, painter: QPainter, target: QRect) -> None:
        painter.setFont(self._theme.font(1.15, bold=True))
        metrics, gap = painter.fontMetrics(), self._theme.px(6)
        x, y = target.x() + gap, target.y() + gap
        height = metrics.height() + gap // 2
        for text, colour in self.tags:
            width = metrics.horizontalAdvance(text) + 3 * gap
            painter.fillRect(QRect(x, y, width, height), QColor(0, 0, 0, 190))
            painter.fillRect(QRect(x, y, gap * 2 // 3, height), QColor(colour))
            painter.setPen(QColor(colour))
            painter.drawText(QRect(x + 3 * gap // 2, y, width, height), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + gap

    def _say_why(self, painter: QPainter) -> None:
        gap = self._theme.px(24)
        painter.setFont(self._theme.font())
        painter.setPen(QColor(look.DIM))
        where = self.rect().adjusted(gap, 0, -gap, 0)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.why_none)


def _qimage(image: Image) -> QImage:
    """A picture of its own memory."""
    height, width = image.shape[:2]
    format_ = QImage.Format.Format_RGB888 if image.ndim == 3 else QImage.Format.Format_Grayscale8
    content = np.ascontiguousarray(image)
    return QImage(content.data, width, height, content.strides[0], format_).copy()
