"""The labels with their keys, and how much of each has been scored."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from selfee_rt import palette
from selfee_rt.types import UNLABELLED
from selfee_rt.view import theme as look
from selfee_rt.view.scoring.score import Score
from selfee_rt.view.scoring.strip import key_of
from selfee_rt.view.theme import Theme

ROW_PX = 26
WIDTH_PX = 250
EMPTY = "No labels yet.\n\nN adds one, and it gets the next number key."


class Legend(QWidget):
    """A click on a label is as its key."""

    pressed = Signal(str)

    def __init__(self, theme: Theme, score: Score) -> None:
        super().__init__()
        self._theme, self._score = theme, score
        self._counted: dict[str, tuple[int, int]] = {}
        self._counted_of: object = None
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(theme.px(WIDTH_PX))

    @property
    def rows(self) -> tuple[str, ...]:
        """What is listed; `unlabel` is the last."""
        return (*self._score.names, UNLABELLED)

    def _row(self, place: int) -> QRectF:
        height = min(self._theme.px(ROW_PX), (self.height() - self._theme.px(ROW_PX)) / len(self.rows))
        return QRectF(0, self._theme.px(ROW_PX) + place * height, self.width(), height)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """As the key of what was clicked."""
        for place, name in enumerate(self.rows):
            if self._row(place).contains(event.position()):
                self.pressed.emit(name)

    def _counts(self) -> dict[str, tuple[int, int]]:
        """By label: spans and exposures."""
        if self._counted_of is not self._score.spans:
            self._counted_of = self._score.spans
            self._counted = {}
            for span in self._score.spans:
                count, exposures = self._counted.get(span.label, (0, 0))
                self._counted[span.label] = count + 1, exposures + span.last + 1 - span.first
        return self._counted

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """One row per label."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.PANEL))
        painter.setFont(self._theme.font(0.9))
        painter.setPen(QColor(look.DIM))
        gap = self._theme.px(10)
        head = QRectF(gap, 0, self.width() - 2 * gap, self._theme.px(ROW_PX))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, "key   label")
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, "bouts   exposures")
        if not self._score.names:
            where = self.rect().adjusted(gap, self._theme.px(3 * ROW_PX), -gap, 0)
            painter.drawText(where, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, EMPTY)
        colours = palette.on_dark(self._score.names)
        for place, name in enumerate(self.rows):
            self._draw_row(painter, self._row(place), place, name, colours.get(name, look.DIM))

    def _draw_row(self, painter: QPainter, row: QRectF, place: int, name: str, colour: str) -> None:
        px, middle = self._theme.px, Qt.AlignmentFlag.AlignVCenter
        running = self._score.running
        if running is not None and running.label == name:
            ground = QColor(colour)
            ground.setAlpha(90)
            painter.fillRect(row, ground)
        painter.fillRect(QRectF(px(4), row.top() + 4, px(4), row.height() - 8), QColor(colour))
        painter.setFont(self._theme.font(0.95, bold=True))
        painter.setPen(QColor(look.TEXT))
        key = "U" if name == UNLABELLED else key_of(place)
        painter.drawText(QRectF(px(14), row.top(), px(44), row.height()), middle, key)
        painter.setFont(self._theme.font(0.95))
        painter.setPen(QColor(colour))
        room = QRectF(px(48), row.top(), row.width() - px(48 + 104), row.height())
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, middle, shown)
        if name != UNLABELLED:
            count, exposures = self._counts().get(name, (0, 0))
            painter.setPen(QColor(look.TEXT if count else look.DIM))
            right = middle | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(row.right() - px(104), row.top(), px(40), row.height()), right, f"{count:,}")
            painter.drawText(QRectF(row.right() - px(64), row.top(), px(54), row.height()), right, f"{exposures:,}")
