"""The live picture, in which arenas are drawn, moved and resized with the mouse."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from selfee_rt.config import Region
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.regions import WHOLE, Grip, dragged, drawn, grip_at
from selfee_rt.view import theme as look
from selfee_rt.view.theme import Theme

REACH_PX = 7
"""So near to a side, on a screen of scale 1, the mouse takes hold of it."""
SHAPES = Qt.CursorShape
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Picture(QWidget):
    """Shows the newest picture and the draft's arenas; everything is in pixels of the picture, not of the screen."""

    changed = Signal()
    """An arena was added, removed, moved or resized, or another one was chosen."""

    def __init__(self, draft: Draft, theme: Theme) -> None:
        super().__init__()
        self.chosen = 0
        self.says = ""
        """What stands where there is no picture."""
        self._draft, self._theme = draft, theme
        self._image: QImage | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._drag: tuple[Grip, Region, QPointF] | None = None
        self._corner: QPointF | None = None
        self._rubber: Region | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(theme.px(320), theme.px(240))

    def show_image(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show (H, W) grey or (H, W, 3) RGB uint8; None: nothing."""
        self._pixels = None if pixels is None else np.ascontiguousarray(pixels)
        self._image = None if self._pixels is None else _qimage(self._pixels)
        self.update()

    def choose(self, place: int) -> None:
        """Make another arena the one that keys act on."""
        self.chosen = max(0, min(place, len(self._draft.arenas) - 1))
        self.update()

    def remove(self) -> None:
        """Take the chosen arena away."""
        self._draft.arenas.remove(self.chosen)
        self._tell(self.chosen)

    def on_screen(self, x: float, y: float) -> QPointF:
        """Where a pixel of the picture is in this widget."""
        place, factor = self._place()
        return QPointF(place.x() + x * factor, place.y() + y * factor)

    # --- mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of an arena, or begin a new one; with Shift always a new one."""
        if self._draft.picture_px is None or event.button() != Qt.MouseButton.LeftButton:
            return
        point = self._in_picture(event.position())
        held = None if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else self._grip(point)
        if held is None:
            self._corner = point
            return
        self.chosen, grip = held
        region = self._draft.arenas[self.chosen].region
        if region is not None:
            self._drag = grip, region, point
        self._tell(self.chosen)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the mouse."""
        picture_px, point = self._draft.picture_px, self._in_picture(event.position())
        if picture_px is None:
            return
        if self._drag is not None:
            grip, region, start = self._drag
            step = point - start
            self._draft.arenas[self.chosen].region = dragged(region, grip, step.x(), step.y(), picture_px)
            self._tell(self.chosen)
        elif self._corner is not None:
            self._rubber = drawn(self._corner.x(), self._corner.y(), point.x(), point.y(), picture_px)
            self.update()
        else:
            held = self._grip(point)
            self.setCursor(SHAPES.CrossCursor if held is None else _cursor(held[1]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go; what was drawn becomes an arena."""
        rubber, self._drag, self._corner, self._rubber = self._rubber, None, None, None
        if rubber is not None:
            self._tell(self._draft.arenas.add(rubber))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete removes the chosen arena, arrows move it by a pixel, with Shift by ten."""
        picture_px, region = self._draft.picture_px, self._draft.arenas[self.chosen].region
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif key in ARROWS and region is not None and picture_px is not None:
            pixels = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            dx, dy = ARROWS[key]
            moved = dragged(region, WHOLE, dx * pixels, dy * pixels, picture_px)
            self._draft.arenas[self.chosen].region = moved
            self._tell(self.chosen)
        else:
            super().keyPressEvent(event)

    def _tell(self, place: int) -> None:
        self.choose(place)
        self.changed.emit()

    def _grip(self, point: QPointF) -> tuple[int, Grip] | None:
        """Which arena is under the mouse, the chosen one first, and by what."""
        reach = REACH_PX * self._theme.scale / self._place()[1]
        for place in (self.chosen, *reversed(range(len(self._draft.arenas)))):
            region = self._draft.arenas[place].region
            grip = None if region is None else grip_at(region, point.x(), point.y(), reach)
            if grip is not None:
                return place, grip
        return None

    # --- where things are, and painting ------------------------------------------------------------------------------

    def _place(self) -> tuple[QRectF, float]:
        """Where the picture is in this widget, and how many pixels of the screen one of its pixels takes."""
        height_px, width_px = self._draft.picture_px or (3, 4)
        factor = min(self.width() / width_px, self.height() / height_px)
        width, height = width_px * factor, height_px * factor
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height), factor

    def _in_picture(self, point: QPointF) -> QPointF:
        place, factor = self._place()
        return QPointF((point.x() - place.x()) / factor, (point.y() - place.y()) / factor)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw picture and arenas, or say why there is none."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.PANEL))
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._place()[0], self._image)
        if self._draft.picture_px is not None:
            self._draw_arenas(painter)
        if self.says:
            self._say(painter)

    def _say(self, painter: QPainter) -> None:
        margin = self._theme.px(24)
        room = self.rect().adjusted(margin, margin, -margin, -margin)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.setFont(self._theme.font(1.1))
        taken = painter.boundingRect(room, flags, self.says).adjusted(
            -margin // 2, -margin // 2, margin // 2, margin // 2
        )
        painter.fillRect(taken, QColor(look.PANEL))
        painter.setPen(QColor(look.DIM))
        painter.drawText(room, flags, self.says)

    def _draw_arenas(self, painter: QPainter) -> None:
        picture, _ = self._place()
        for place, arena in enumerate(self._draft.arenas):
            chosen = place == self.chosen
            where = picture if arena.region is None else self._rectangle(arena.region)
            _frame(painter, where, self._theme.px(2 if chosen else 1), look.ACCENT if chosen else look.DIM)
            self._draw_name(painter, where, arena.name, look.ACCENT if chosen else look.TEXT)
        if self._rubber is not None:
            _frame(painter, self._rectangle(self._rubber), self._theme.px(1), look.WARNING)

    def _draw_name(self, painter: QPainter, where: QRectF, name: str, colour: str) -> None:
        painter.setFont(self._theme.font(1.05, bold=True))
        gap, metrics = self._theme.px(5), painter.fontMetrics()
        tag = QRectF(
            where.x() + gap, where.y() + gap, metrics.horizontalAdvance(name) + 2 * gap, metrics.height() + gap
        )
        painter.fillRect(tag, QColor(0, 0, 0, 190))
        painter.setPen(QColor(colour))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, name)

    def _rectangle(self, region: Region) -> QRectF:
        corner = self.on_screen(region.x, region.y)
        return QRectF(corner, self.on_screen(region.x + region.width, region.y + region.height))


def _qimage(pixels: NDArray[np.uint8]) -> QImage:
    """A view of the same memory, which must outlive it."""
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, pixels.strides[0], kind)


def _cursor(grip: Grip) -> Qt.CursorShape:
    if grip.whole:
        return SHAPES.SizeAllCursor
    if grip.left or grip.right:
        falling = (grip.left and grip.top) or (grip.right and grip.bottom)
        corner = grip.top or grip.bottom
        return SHAPES.SizeHorCursor if not corner else SHAPES.SizeFDiagCursor if falling else SHAPES.SizeBDiagCursor
    return SHAPES.SizeVerCursor


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
