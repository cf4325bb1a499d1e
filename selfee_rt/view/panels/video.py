"""The camera's picture with its arenas, what the animals do in them, and where it is strange."""

from typing import ClassVar

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap

from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.decode import Preview
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.series import Seen
from selfee_rt.view.source import Moments, Source
from selfee_rt.view.theme import Theme
from selfee_rt.wire import Arena

FADED = 0.35
"""Opacity of a picture that is no longer live."""
STALE_MS = 2000


class Video(Panel):
    """Blits the newest picture; everything on it is drawn with filled rectangles and text."""

    name: ClassVar[str] = "video"
    title: ClassVar[str] = "Video"
    every: ClassVar[int] = 1

    def __init__(self, theme: Theme, link: Source, acts: Acts, clips: Moments) -> None:
        super().__init__(theme, link, acts)
        self.clips = clips

    shown: Preview | None = None
    """The picture that is on the screen."""
    _pixmap: QPixmap | None = None
    _at_ns: int | None = None
    _why_none = ""

    def refresh(self) -> None:
        """Decode the newest picture if it is another; paint it with what is known now."""
        preview = self._wanted()
        if preview is not self.shown or self.acts.sight.at_ns != self._at_ns:
            self._at_ns = self.acts.sight.at_ns
            self.shown = preview
            self._pixmap = None if preview is None else QPixmap.fromImage(QImage.fromData(preview.jpeg))
            self.update()
        elif preview is None or self._is_stale(preview):
            self.update()

    def _wanted(self) -> Preview | None:
        """The picture of the moment that is looked at; None, and why in `_why_none`, where there is none."""
        model, arena, at_ns = self.link.model, self.acts.arena, self.acts.sight.at_ns
        if at_ns is None or model is None or arena is None:
            return self.link.preview
        found, self._why_none = self.clips.at(model, arena, at_ns)
        return found

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw picture, arenas and the line below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.PANEL if self._at_ns is None else look.LOOKING_BACK))
        model, preview, pixmap = self.link.model, self.shown, self._pixmap
        if model is None or preview is None or pixmap is None or pixmap.isNull():
            self._say_why(painter, model)
            return
        target = self._target(pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(FADED if self._is_stale(preview) else 1.0)
        painter.drawPixmap(target, pixmap)
        painter.setOpacity(1.0)
        for arena in model.session.arenas:
            seen = None if self._is_stale(preview) else self._seen(model, arena.name)
            self._draw_arena(painter, model, arena, seen, self._on_screen(arena, preview, target))
        self._draw_foot(painter, preview, target)

    def _say_why(self, painter: QPainter, model: Model | None) -> None:
        text = self.waiting_for()
        if model is not None and self._at_ns is not None:
            text = f"no picture of {clock_of(model.clock_s(self._at_ns))}: {self._why_none}"
        elif model is not None:
            text = "waiting for a picture" if model.session.preview else "the session publishes no preview"
        painter.setFont(self.theme.font())
        gap = self.theme.px(24)
        painter.setPen(QColor(look.DIM))
        painter.drawText(
            self.rect().adjusted(gap, 0, -gap, 0), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text
        )

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

    def _draw_arena(self, painter: QPainter, model: Model, arena: Arena, seen: Seen | None, place: QRectF) -> None:
        """Its border and its words; `seen` is None where nothing is known of what happens in it."""
        alarmed = seen is not None and seen.alarm
        chosen = arena.name == self.acts.arena and len(model.arenas) > 1
        colour = look.ALARM if alarmed else look.ACCENT if chosen else look.DIM
        _frame(painter, place, self.theme.px(5 if alarmed else 2 if chosen else 1), colour)
        tags = [] if len(model.arenas) == 1 else [(arena.name, look.TEXT)]
        if seen is not None and seen.label is not None:
            tags.append((seen.label, model.colours.get(seen.label, look.TEXT)))
        if alarmed:
            tags.append(("ALARM", look.ALARM))
        if seen is not None and seen.stimulus != "off":
            tags.append((f"stimulus {seen.stimulus}", look.ARMED))
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
        stale = self._is_stale(preview)
        painter.setFont(self.theme.font(0.95))
        painter.setPen(QColor(look.ALARM if stale else look.DIM))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(foot, middle | Qt.AlignmentFlag.AlignLeft, f" exposure {preview.header.index:,}")
        if stale:
            text = f"picture {age_ms / 1000:.0f} s old "
            painter.drawText(foot, middle | Qt.AlignmentFlag.AlignRight, text)

    def _seen(self, model: Model, arena: str) -> Seen | None:
        """What was observed when the picture that is shown was taken, or live the newest."""
        if self._at_ns is not None:
            return model.seen_at(arena, self._at_ns)
        latest = model.latest(arena)
        return None if latest is None else Seen(latest.label, bool(latest.alarm), latest.stimulus)

    def _is_stale(self, preview: Preview) -> bool:
        """Whether it should be of now, and is not."""
        return self._at_ns is None and self._age_ms(preview) > STALE_MS

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
