"""Opening windows: one session in a window of its own, several as tabs."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from selfee_rt.view.link import Where
from selfee_rt.view.tabs import Tabs
from selfee_rt.view.theme import SCALES, Theme, fitting_scale, next_scale
from selfee_rt.view.window import Score, Window

SCALE_KEY = "window/scale"


def application(theme_scale: float | None = None) -> tuple[QApplication, Theme]:
    """Qt's application, dressed; `theme_scale` None: as fits the screen."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["selfee-rt"])
    app.setApplicationName("selfee-rt")
    app.setStyle("Fusion")
    theme = Theme(fitting_scale() if theme_scale is None else theme_scale)
    app.setPalette(theme.palette())
    app.setFont(theme.font())
    app.setStyleSheet(theme.style_sheet())
    return app, theme


def close_soon() -> None:
    """Close every window from the event loop, as soon as that runs."""
    QTimer.singleShot(0, QApplication.closeAllWindows)


def remembered_scale(settings: Path) -> float | None:
    """The scale that was chosen by keys; None: none was, or what is remembered is none."""
    found = QSettings(str(settings), QSettings.Format.IniFormat).value(SCALE_KEY)
    try:
        scale = float(str(found))
    except ValueError:
        return None
    return scale if SCALES[0] <= scale <= SCALES[-1] else None


class Desk:
    """What is shown, at a scale that keys change: then windows are made anew, and sessions do not notice."""

    def __init__(self, make: Callable[[Theme], QWidget], theme: Theme, settings: Path) -> None:
        self._make, self._theme, self._settings = make, theme, settings
        self.shown = self._open()

    def _open(self) -> QWidget:
        shown = self._make(self._theme)
        for window in shown.windows if isinstance(shown, Tabs) else [shown]:
            if isinstance(window, Window):
                window.rescaled.connect(self._rescale, Qt.ConnectionType.QueuedConnection)
        return shown

    def _rescale(self, step: int) -> None:
        """Close, which remembers the arrangement, and open at the other scale, in the same place."""
        scale = next_scale(self._theme.scale, step)
        if scale == self._theme.scale:
            return
        QSettings(str(self._settings), QSettings.Format.IniFormat).setValue(SCALE_KEY, scale)
        before, place = self.shown, self.shown.geometry()
        before.close()
        _, self._theme = application(scale)
        self.shown = self._open()
        self.shown.setGeometry(place)
        before.deleteLater()


def settings_file() -> Path:
    """Where the arrangement of the panels is remembered: in the user's own configuration."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(folder) / "selfee-rt" / "view.ini"


def open_window(
    wheres: Sequence[Where | Path], theme: Theme, settings: Path | None, score: Score | None = None
) -> QWidget:
    """A window on one session, or one with a tab for each of several; it is shown. `score` opens one for scoring."""
    windows = [Window(where, theme, settings, score) for where in wheres]
    shown: QWidget = windows[0] if len(windows) == 1 else Tabs(windows, theme)
    shown.show()
    return shown
