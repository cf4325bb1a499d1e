"""Opening windows: one session in a window of its own, several as tabs."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from selfee_rt.view.link import Where
from selfee_rt.view.tabs import Tabs
from selfee_rt.view.theme import Theme, fitting_scale
from selfee_rt.view.window import Window


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


def settings_file() -> Path:
    """Where the arrangement of the panels is remembered: in the user's own configuration."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(folder) / "selfee-rt" / "view.ini"


def open_window(wheres: Sequence[Where | Path], theme: Theme, settings: Path | None) -> QWidget:
    """A window on one session, or one with a tab for each of several; it is shown."""
    windows = [Window(where, theme, settings) for where in wheres]
    shown: QWidget = windows[0] if len(windows) == 1 else Tabs(windows, theme)
    shown.show()
    return shown
