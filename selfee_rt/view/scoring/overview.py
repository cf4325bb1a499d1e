"""The whole recording as a slider, with what has been scored in it."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from selfee_rt import palette
from selfee_rt.view import theme as look
from selfee_rt.view.scoring.score import Score
from selfee_rt.view.scoring.timeline import Timeline
from selfee_rt.view.theme import Theme

HEIGHT_PX = 22
MARGIN_PX = 8


class Overview(QWidget):
    """Dragged, it goes anywhere that has been read."""

    went = Signal(int)
    """To this exposure."""

    def __init__(self, theme: Theme, score: Score, timeline: Timeline) -> None:
        super().__init__()
        self._theme, self._score, self._timeline = theme, score, timeline
        self.index = 0
        self.visible = 0
        """Exposures that the strip above shows."""
        self.promised = 0
        """Exposures that there will be at least, as far as is known."""
        self._drawn: QPixmap | None = None
        self._drawn_of: tuple[object, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedHeight(theme.px(HEIGHT_PX))

    @property
    def _length(self) -> int:
        return max(1, self._timeline.exposures, 0 if self._timeline.complete else self.promised)

    def _x_of(self, index: float) -> float:
        margin = self._theme.px(MARGIN_PX)
        return margin + index * (self.width() - 2 * margin) / self._length

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there."""
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there."""
        self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._timeline.count:
            margin = self._theme.px(MARGIN_PX)
            part = (event.position().x() - margin) / max(1, self.width() - 2 * margin)
            self.went.emit(int(min(max(part * self._length, 0), self._timeline.exposures - 1)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """All spans, drawn anew only when they change; over them what the strip shows, and the cursor."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._spans())
        if self._timeline.count:
            begin, end = (self._x_of(self.index + part * self.visible) for part in (-0.5, 0.5))
            begin, end = max(begin, self._x_of(0)), min(end, self._x_of(self._length))
            painter.setPen(QColor(look.DIM))
            painter.drawRect(QRectF(begin, 1, max(2.0, end - begin), self.height() - 3))
            painter.fillRect(QRectF(self._x_of(self.index + 0.5) - 1, 0, 2, self.height()), QColor(look.TEXT))

    def _spans(self) -> QPixmap:
        of = (self._score.spans, self._score.names, self._length, self._timeline.exposures, self.size())
        if self._drawn is None or of != self._drawn_of:
            self._drawn, self._drawn_of = self._draw(), of
        return self._drawn

    def _draw(self) -> QPixmap:
        drawn = QPixmap(self.size())
        drawn.fill(QColor(look.BACKGROUND))
        painter = QPainter(drawn)
        top, height = self._theme.px(5), self.height() - 2 * self._theme.px(5)
        read = self._x_of(self._timeline.exposures)
        painter.fillRect(
            QRectF(self._x_of(0), top, self._x_of(self._length) - self._x_of(0), height), QColor(look.PANEL)
        )
        painter.fillRect(QRectF(self._x_of(0), top, read - self._x_of(0), height), QColor(look.LINE))
        colours = palette.on_dark(self._score.names)
        for span in self._score.spans:
            left, right = self._x_of(span.first), self._x_of(span.last + 1)
            painter.fillRect(QRectF(left, top, max(1.0, right - left), height), QColor(colours[span.label]))
        painter.end()
        return drawn
