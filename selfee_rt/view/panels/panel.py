"""What the parts of the window have in common."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme


class Panel(QWidget):
    """One part of the window; it looks at the link's model when it is told to, and never waits.

    Panels take no keys: those belong to the window.
    """

    name: ClassVar[str]
    """By which its place is remembered."""
    title: ClassVar[str]
    every: ClassVar[int] = 2
    """Looks at the model at every so manieth tick of the window's timer, 30 a second."""

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__()
        self.theme = theme
        self.link = link
        self.acts = acts
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, look.PANEL)
        self.setPalette(palette)

    def refresh(self) -> None:
        """Show what the model says now: here, paint it."""
        self.update()

    @property
    def is_seen(self) -> bool:
        """Whether any of it is on the screen; Qt calls a panel behind another one's tab visible."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def waiting_for(self) -> str:
        """What an empty panel waits for, in a sentence."""
        if self.link.model is None:
            return "waiting for a session"
        return "waiting for the first exposure"


def text_label(theme: Theme, size: float = 1.0, colour: str = look.TEXT, *, bold: bool = False) -> QLabel:
    """A line of text that is never interpreted as markup and takes no keys."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(theme.font(size, bold=bold))
    set_colour(label, colour)
    return label


def set_colour(label: QLabel, colour: str) -> None:
    """Change the colour of a text."""
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, colour)
    label.setPalette(palette)


def say(label: QLabel, text: str, colour: str | None = None) -> None:
    """Change a text, and perhaps its colour, where it is another; nothing is painted where it is the same."""
    if label.text() != text:
        label.setText(text)
    if colour is not None and label.palette().color(QPalette.ColorRole.WindowText).name().upper() != colour.upper():
        set_colour(label, colour)
