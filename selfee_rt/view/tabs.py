"""Several sessions in one window: a tab for each, which says from behind how its session does."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QColor, QIcon, QKeyEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import QTabWidget

from selfee_rt.view import theme as look
from selfee_rt.view.header import COLOURS
from selfee_rt.view.situation import situation
from selfee_rt.view.theme import Theme
from selfee_rt.view.window import Window

LOOK_MS = 500
CALM = ("running", "recorded")


class Tabs(QTabWidget):
    """Several sessions; keys go to the one that is seen."""

    def __init__(self, windows: Sequence[Window], theme: Theme) -> None:
        super().__init__()
        self.windows, self._theme = tuple(windows), theme
        self._dots: dict[str, QIcon] = {}
        self.setWindowTitle("selfee-rt")
        self.setFont(theme.font())
        self.setIconSize(QSize(theme.px(16), theme.px(16)))
        for window in windows:
            self.addTab(window, name_of(window))
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.currentChanged.connect(self._went)
        self.resize(theme.px(1280), theme.px(790))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(LOOK_MS)

    def refresh(self) -> None:
        """Say of each session how it does."""
        for place, window in enumerate(self.windows):
            words, colour = badge(window)
            self.setTabIcon(place, self._dot(colour))
            text = f"{name_of(window)}   {words}".rstrip()
            if self.tabText(place) != text:
                self.setTabText(place, text)

    def _went(self, place: int) -> None:
        """Another session is seen; the keys are its."""
        self.windows[place].setFocus()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """The keys are those of the session that is seen first."""
        super().showEvent(event)
        self._went(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Where no window has the keyboard, keys come here (no window manager); they are the seen session's."""
        seen = self.windows[self.currentIndex()]
        if not seen.eventFilter(seen, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """So are those that come up."""
        seen = self.windows[self.currentIndex()]
        seen.eventFilter(seen, event)
        super().keyReleaseEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close them all."""
        self._timer.stop()
        for window in self.windows:
            window.close()
        super().closeEvent(event)

    def _dot(self, colour: str) -> QIcon:
        """A round spot; one for each colour is made once."""
        if colour not in self._dots:
            side = self._theme.px(16)
            pixmap = QPixmap(side, side)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(pixmap.rect().adjusted(*(side // 5,) * 2, -side // 5, -side // 5))
            painter.end()
            self._dots[colour] = QIcon(pixmap)
        return self._dots[colour]


def name_of(window: Window) -> str:
    """Address or folder, and the animal where the session says which."""
    model = window.link.model
    animal = "" if model is None else str(model.session.subject.get("id") or "")
    return f"{window.link.says.removeprefix('tcp://')}   {animal}".rstrip()


def badge(window: Window) -> tuple[str, str]:
    """What must be seen of a session from behind another's tab: words and a colour, the worst first."""
    now, model = situation(window.link), window.link.model
    if now.alarm or now.word not in CALM:
        return now.word, look.ALARM if now.alarm else COLOURS[now.word]
    latest = () if model is None else tuple(model.latest(arena) for arena in model.arenas)
    if now.word == "running" and any(each is not None and each.alarm for each in latest):
        return "ALARM", look.ALARM
    if any(each.armed for each in window.acts.rules.values()):
        return "ARMED", look.ARMED
    return "", COLOURS[now.word]
