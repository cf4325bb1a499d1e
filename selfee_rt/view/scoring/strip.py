"""The ethogram of what has been scored: one row per label, around the exposure that is looked at."""

from bisect import bisect_left

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from selfee_rt import palette
from selfee_rt.clock import NS_PER_S
from selfee_rt.view import theme as look
from selfee_rt.view.scoring.clock import clock_of, ticks
from selfee_rt.view.scoring.score import Running, Score
from selfee_rt.view.scoring.spans import Span
from selfee_rt.view.scoring.timeline import Timeline
from selfee_rt.view.theme import Theme

ROW_PX = 17
MOST_ROWS_PX = 190
AXIS_PX = 18
NAMES_PX = 110
GRAB_PX = 6
"""So near to an end of the selected span the mouse takes it."""
FIRST_EXPOSURES = 600
FEWEST_EXPOSURES, MOST_EXPOSURES = 20, 2_000_000


class Strip(QWidget):
    """Scrolls under the cursor; a click selects a span or goes there, the ends of the selected one can be dragged."""

    went = Signal(int)
    """To this exposure."""
    chose = Signal(object)
    """A span, or None."""
    moved = Signal(object, int, int)
    """A span, and its new first and last exposure."""

    def __init__(self, theme: Theme, score: Score, timeline: Timeline) -> None:
        super().__init__()
        self._theme, self._score, self._timeline = theme, score, timeline
        self.index = 0
        """The exposure that is looked at."""
        self.selected: Span | None = None
        self.visible = FIRST_EXPOSURES
        """So many exposures are shown."""
        self._dragged: tuple[Span, int] | None = None
        """The end that stays where it is, while the other is dragged."""
        self._frozen: float | None = None
        """The left edge, while a mouse button is down."""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.fit()

    def fit(self) -> None:
        """As high as the labels need."""
        rows = max(1, len(self._score.names)) * ROW_PX
        self.setFixedHeight(self._theme.px(min(rows, MOST_ROWS_PX) + AXIS_PX))

    def zoom(self, factor: float) -> None:
        """Show so many times as many exposures."""
        self.visible = int(min(max(self.visible * factor, FEWEST_EXPOSURES), MOST_EXPOSURES))
        self.update()

    # --- places -------------------------------------------------------------------------------------------------------

    @property
    def _left(self) -> float:
        """The exposure at the left edge; a cursor in the middle."""
        return self.index - self.visible / 2 if self._frozen is None else self._frozen

    def x_of(self, index: float) -> float:
        """Where the picture of an exposure begins."""
        names = self._theme.px(NAMES_PX)
        return names + (index - self._left) * (self.width() - names) / self.visible

    def index_at(self, x: float) -> int:
        """The exposure at a place, of those that are known."""
        names = self._theme.px(NAMES_PX)
        index = self._left + (x - names) * self.visible / max(1, self.width() - names)
        return int(min(max(index, 0), max(0, self._timeline.exposures - 1)))

    def row_of(self, label: str) -> QRectF:
        """Place of a label's row; only its height counts."""
        names = self._score.names
        height = (self.height() - self._theme.px(AXIS_PX)) / max(1, len(names))
        return QRectF(0, names.index(label) * height, self.width(), height)

    def span_at(self, at: QPointF) -> Span | None:
        """The span under the mouse, in its own row."""
        x = at.x()
        for span in self._seen():
            row = self.row_of(span.label)
            if row.top() <= at.y() <= row.bottom() and self.x_of(span.first) - 2 <= x <= self.x_of(span.last + 1) + 2:
                return span
        return None

    def _seen(self) -> list[Span]:
        spans, left = self._score.spans, int(self._left)
        first = max(0, bisect_left(spans, left, key=lambda span: span.last))
        after = bisect_left(spans, left + self.visible + 1, key=lambda span: span.first)
        return list(spans[first:after])

    # --- mouse --------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take an end, select a span, or go there."""
        if event.button() != Qt.MouseButton.LeftButton or not self._timeline.count:
            return
        self._frozen = self._left
        self._dragged = self._grabbed(event.position())
        if self._dragged is None:
            span = self.span_at(event.position())
            self.chose.emit(span)
            if span is None:
                self.went.emit(self.index_at(event.position().x()))

    def _grabbed(self, at: QPointF) -> tuple[Span, int] | None:
        span, grab = self.selected, self._theme.px(GRAB_PX)
        if span is None or not self.row_of(span.label).adjusted(0, -grab, 0, grab).contains(at):
            return None
        to_first, to_last = abs(at.x() - self.x_of(span.first)), abs(at.x() - self.x_of(span.last + 1))
        if min(to_first, to_last) > grab:
            return None
        return span, span.last if to_first < to_last else span.first

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Look at where the mouse is, while its button is down."""
        if self._frozen is not None and (self._dragged is not None or self.selected is None):
            self.went.emit(self.index_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """What was dragged stays where it is."""
        dragged, self._dragged, self._frozen = self._dragged, None, None
        if dragged is not None:
            span, stays = dragged
            self.moved.emit(span, min(stays, self.index), max(stays, self.index))
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Show less or more."""
        self.zoom(0.8 if event.angleDelta().y() > 0 else 1.25)

    # --- drawing ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Rows, spans, what has begun, the axis, and the cursor over all."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.PANEL))
        painter.setFont(self._theme.font(0.85))
        colours = palette.on_dark(self._score.names)
        self._draw_rows(painter, colours)
        painter.setClipRect(QRectF(self._theme.px(NAMES_PX), 0, self.width(), self.height()))
        self._draw_unread(painter)
        for span in self._seen():
            self._draw_span(painter, span, colours[span.label])
        running = self._score.running
        if running is not None:
            self._draw_running(painter, running, colours)
        if self.selected is not None:
            self._draw_selected(painter, self.selected)
        if self._timeline.count:
            self._draw_axis(painter)
            x = self.x_of(self.index + 0.5)
            painter.fillRect(QRectF(x - 0.5, 0, self._theme.px(1), self.height()), QColor(look.TEXT))

    def _draw_rows(self, painter: QPainter, colours: dict[str, str]) -> None:
        names = self._theme.px(NAMES_PX)
        for place, name in enumerate(self._score.names):
            row = self.row_of(name)
            painter.fillRect(QRectF(names, row.bottom() - 1, self.width() - names, 1), QColor(look.LINE))
            painter.setPen(QColor(colours[name]))
            room = QRectF(0, row.top(), names - self._theme.px(8), row.height())
            text = f"{key_of(place)}  {name}".strip()
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)

    def _draw_unread(self, painter: QPainter) -> None:
        """What lies before the first exposure and after the last that is known."""
        names = self._theme.px(NAMES_PX)
        begin, end = self.x_of(0), self.x_of(self._timeline.exposures)
        for left, right in ((names, begin), (end, self.width())):
            if right > left:
                painter.fillRect(QRectF(left, 0, right - left, self.height()), QColor(look.BACKGROUND))

    def _rect(self, span: Span) -> QRectF:
        row = self.row_of(span.label).adjusted(0, 2, 0, -3)
        left, right = self.x_of(span.first), self.x_of(span.last + 1)
        return QRectF(left, row.top(), max(1.0, right - left), row.height())

    def _draw_span(self, painter: QPainter, span: Span, colour: str) -> None:
        painter.fillRect(self._rect(span), QColor(colour))

    def _draw_running(self, painter: QPainter, running: Running, colours: dict[str, str]) -> None:
        """What has begun reaches to the cursor, and is not scored yet."""
        span = running.span(self.index)
        if running.label in colours:
            colour = QColor(colours[running.label])
            painter.fillRect(self._rect(span), QColor(colour.red(), colour.green(), colour.blue(), 130))
            return
        left, right = self.x_of(span.first), self.x_of(span.last + 1)
        height = self.height() - self._theme.px(AXIS_PX)
        painter.fillRect(QRectF(left, 0, right - left, height), QColor(187, 187, 187, 60))

    def _draw_selected(self, painter: QPainter, span: Span) -> None:
        if self._dragged is not None:
            stays = self._dragged[1]
            span = Span(span.label, min(stays, self.index), max(stays, self.index))
        rect, wide = self._rect(span), self._theme.px(2)
        for end in (rect.left(), rect.right()):
            painter.fillRect(
                QRectF(end - 2 * wide, rect.top() - wide, 4 * wide, rect.height() + 2 * wide), QColor(look.TEXT)
            )
        for y in (rect.top() - wide, rect.bottom()):
            painter.fillRect(QRectF(rect.left(), y, rect.width(), wide), QColor(look.TEXT))

    def _draw_axis(self, painter: QPainter) -> None:
        """Times since the first exposure."""
        timeline, top = self._timeline, self.height() - self._theme.px(AXIS_PX)
        first, last = max(0.0, self._left), min(self._left + self.visible, timeline.exposures - 1)
        begin_ns = timeline.media_ns(0)
        left_s, right_s = ((timeline.time_of(each) - begin_ns) / NS_PER_S for each in (first, last))
        room = max(2, (self.x_of(last) - self.x_of(first)) / self._theme.px(90))
        painter.setPen(QColor(look.DIM))
        for at_s in ticks(left_s, right_s, room):
            x = self.x_of(timeline.index(timeline.number_at(begin_ns + round(at_s * NS_PER_S))))
            painter.fillRect(QRectF(x, top, 1, self._theme.px(4)), QColor(look.DIM))
            words = clock_of(at_s, right_s - left_s)
            half = painter.fontMetrics().horizontalAdvance(words) / 2 + 1
            if self._theme.px(NAMES_PX) <= x - half and x + half <= self.width():
                place = QRectF(x - half, top + self._theme.px(3), 2 * half, self._theme.px(AXIS_PX - 3))
                painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, words)


def key_of(place: int) -> str:
    """The key of a label, for people.

    >>> key_of(0), key_of(9), key_of(10), key_of(20)
    ('1', '0', 'Alt+1', '')
    """
    if place >= 20:
        return ""
    return f"{'Alt+' if place >= 10 else ''}{(place + 1) % 10}"
