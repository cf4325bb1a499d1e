"""One line to write in, below everything else: the name of a label, or the number of an exposure."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from selfee_rt.view import theme as look
from selfee_rt.view.panels.panel import say, text_label
from selfee_rt.view.theme import Theme


class Ask(QFrame):
    """Lies over the window until Enter or Esc; everything else goes on meanwhile."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._parent, self._theme = parent, theme
        self._take: Callable[[str], str | None] = lambda _text: None
        self.setStyleSheet(f"Ask {{ background: {look.PANEL}; border: {theme.px(1)}px solid {look.ACCENT}; }}")
        self.says = text_label(theme, 1.0, look.DIM)
        self.line = QLineEdit()
        self.line.setFont(theme.font(1.1))
        self.line.returnPressed.connect(self._done)
        layout = QVBoxLayout(self)
        layout.addWidget(self.says)
        layout.addWidget(self.line)
        self.hide()

    def open(self, question: str, take: Callable[[str], str | None]) -> None:
        """Ask; `take` gets the answer and returns why it is none, or None where it is one."""
        self._take = take
        say(self.says, question, look.DIM)
        self.line.clear()
        self.show()
        self.place()
        self.line.setFocus()

    def place(self) -> None:
        """At the lower edge of the window."""
        parent = self._parent.rect()
        width = min(parent.width() - self._theme.px(40), self._theme.px(560))
        height = self.sizeHint().height()
        self.setGeometry(
            QRect(parent.center().x() - width // 2, parent.bottom() - height - self._theme.px(60), width, height)
        )
        self.raise_()

    def dismiss(self) -> None:
        """Close without an answer."""
        self.hide()
        self._parent.setFocus()

    def _done(self) -> None:
        problem = self._take(self.line.text().strip())
        if problem is None:
            self.dismiss()
        else:
            say(self.says, problem, look.ALARM)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Keep other keys from the window."""
        event.accept()
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
