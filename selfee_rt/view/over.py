"""What lies over the panels: the help, the note, and what is being held."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from selfee_rt.view import theme as look
from selfee_rt.view.hold import Hold
from selfee_rt.view.keys import Binding
from selfee_rt.view.panels.panel import text_label
from selfee_rt.view.theme import Theme


class Help(QFrame):
    """Every key and what it does."""

    def __init__(self, parent: QWidget, theme: Theme, bindings: Sequence[Binding]) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setStyleSheet(f"Help {{ background: {look.PANEL}; border: {theme.px(1)}px solid {look.ACCENT}; }}")
        columns = QHBoxLayout()
        columns.setSpacing(theme.px(48))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(24),) * 4)
        layout.addLayout(columns)
        layout.addWidget(_line(theme, "Esc or ? closes this", look.DIM))
        groups = [(name, list(members)) for name, members in groupby(bindings, key=lambda each: each.group)]
        half = sum(len(members) for _, members in groups) / 2
        grids = [_grid(theme), _grid(theme)]
        for grid in grids:
            columns.addLayout(grid)
        written = 0
        for name, members in groups:
            _write(grids[written >= half], theme, name, members)
            written += len(members)
        for grid in grids:
            grid.setRowStretch(grid.rowCount(), 1)
        self.hide()

    def toggle(self) -> None:
        """Show or hide."""
        self.setVisible(self.isHidden())
        self.place()

    def place(self) -> None:
        """In the middle of the window."""
        self.adjustSize()
        centre = self._parent.rect().center()
        self.move(centre - self.rect().center())
        self.raise_()


def _grid(theme: Theme) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(18))
    grid.setVerticalSpacing(theme.px(5))
    return grid


def _write(grid: QGridLayout, theme: Theme, group: str, bindings: Sequence[Binding]) -> None:
    """One group of keys under its name."""
    grid.addWidget(_line(theme, group, look.ACCENT), grid.rowCount(), 0, 1, 2)
    for binding in bindings:
        row = grid.rowCount()
        grid.addWidget(_line(theme, binding.shown, look.TEXT, bold=True), row, 0)
        grid.addWidget(_line(theme, binding.does, look.TEXT), row, 1)


def _line(theme: Theme, text: str, colour: str, *, bold: bool = False) -> QLabel:
    label = text_label(theme, 1.05, colour, bold=bold)
    label.setText(text)
    return label


class Note(QFrame):
    """One line to write a note in; the moment that it is about was chosen when it was opened."""

    written = Signal(str)
    closed = Signal()
    escaped = Signal()
    """Esc was pressed; who listens closes it."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._parent, self._theme = parent, theme
        self.setStyleSheet(f"Note {{ background: {look.PANEL}; border: {theme.px(1)}px solid {look.ACCENT}; }}")
        self.says = text_label(theme, 1.0, look.DIM)
        self.line = QLineEdit()
        self.line.setFont(theme.font(1.1))
        self.line.setMaxLength(900)
        self.line.setPlaceholderText("a note, or nothing; Enter marks the moment, Esc does not")
        self.line.returnPressed.connect(self._done)
        layout = QVBoxLayout(self)
        layout.addWidget(self.says)
        layout.addWidget(self.line)
        self.hide()

    def open(self, index: int | None) -> None:
        """Ask about one exposure."""
        self.says.setText("mark this moment" if index is None else f"mark exposure {index:,}")
        self.line.clear()
        self.show()
        self.place()
        self.line.setFocus()

    def place(self) -> None:
        """At the lower edge of the window."""
        parent = self._parent.rect()
        width = min(parent.width() - self._theme.px(40), self._theme.px(640))
        height = self.sizeHint().height()
        bottom = parent.bottom() - self._theme.px(40)
        self.setGeometry(QRect(parent.center().x() - width // 2, bottom - height, width, height))
        self.raise_()

    def _done(self) -> None:
        text = self.line.text().strip()
        self.dismiss()
        self.written.emit(text)

    def dismiss(self) -> None:
        """Close without a mark."""
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Keep other keys from the window."""
        event.accept()
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()


class HoldBox(QWidget):
    """What will happen if the key is held on, and how long that still takes."""

    def __init__(self, parent: QWidget, theme: Theme, hold: Hold) -> None:
        super().__init__(parent)
        self._parent, self._theme, self._hold = parent, theme, hold
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def refresh(self) -> None:
        """Follow what is held."""
        held = self._hold.held is not None
        if held:
            size = self._theme.px(460), self._theme.px(90)
            centre = self._parent.rect().center()
            self.setGeometry(centre.x() - size[0] // 2, centre.y() - size[1] // 2, *size)
            self.raise_()
            self.update()
        self.setVisible(held)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A sentence over a bar that fills."""
        held = self._hold.held
        if held is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.ARMED))
        inner = self.rect().adjusted(3, 3, -3, -3)
        painter.fillRect(inner, QColor(look.BACKGROUND))
        bar = QRect(inner.x(), inner.bottom() - inner.height() // 3, inner.width(), inner.height() // 3 + 1)
        painter.fillRect(bar, QColor(look.LINE))
        bar.setWidth(round(bar.width() * self._hold.progress))
        painter.fillRect(bar, QColor(look.ARMED))
        painter.setPen(QColor(look.TEXT))
        painter.setFont(self._theme.font(1.3, bold=True))
        place = inner.adjusted(0, 0, 0, -inner.height() // 3)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"keep holding: {held.says}")
