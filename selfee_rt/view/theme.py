"""How the window looks: dark and quiet, and of any size."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette

BACKGROUND = "#0E1216"
PANEL = "#151B21"
LOOKING_BACK = "#1C2A38"
"""Ground of what shows a time that is over."""
LINE = "#2A333C"
BUTTON = "#3A4652"
TEXT = "#D5DCE3"
DIM = "#8C98A4"
FINE = "#35B58A"
WARNING = "#F0AE26"
ALARM = "#FF4B55"
ARMED = "#FF7A1A"
ACCENT = "#7CC8F5"

SCALES = (0.6, 0.75, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""Between which keys go."""
FONT_PX = 13
FAMILIES = ("Inter", "Segoe UI", "Noto Sans", "DejaVu Sans")


@dataclass(frozen=True, slots=True)
class Theme:
    """Sizes, all multiplied by `scale`."""

    scale: float = 1.0

    def px(self, size: float) -> int:
        """A length on the screen, of what is `size` pixels at scale 1; at least 1."""
        return max(1, round(size * self.scale))

    def font(self, size: float = 1.0, *, bold: bool = False) -> QFont:
        """The font, `size` times as large as that of the text."""
        font = QFont(list(FAMILIES))
        font.setPixelSize(self.px(FONT_PX * size))
        font.setBold(bold)
        return font

    def palette(self) -> QPalette:
        """Qt's own colours."""
        palette = QPalette()
        roles = QPalette.ColorRole
        for role in (roles.Window, roles.Button):
            palette.setColor(role, QColor(BACKGROUND))
        for role in (roles.Base, roles.AlternateBase, roles.ToolTipBase):
            palette.setColor(role, QColor(PANEL))
        for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.ToolTipText, roles.BrightText):
            palette.setColor(role, QColor(TEXT))
        palette.setColor(roles.PlaceholderText, QColor(DIM))
        palette.setColor(roles.Highlight, QColor(ACCENT))
        palette.setColor(roles.HighlightedText, QColor(BACKGROUND))
        return palette

    def style_sheet(self) -> str:
        """What Qt's palette does not cover."""
        px = self.px
        return f"""
        QMainWindow, QDockWidget {{ background: {BACKGROUND}; color: {DIM}; }}
        QMainWindow::separator {{ background: {BACKGROUND}; width: {px(6)}px; height: {px(6)}px; }}
        QMainWindow::separator:hover {{ background: {LINE}; }}
        QDockWidget {{ titlebar-close-icon: none; titlebar-normal-icon: none; }}
        QDockWidget::title {{ background: {BACKGROUND}; padding: {px(3)}px {px(6)}px; text-align: left; }}
        QStatusBar {{ background: {BACKGROUND}; color: {DIM}; }}
        QStatusBar::item {{ border: 0; }}
        QPlainTextEdit {{ background: {PANEL}; border: 0; }}
        QLineEdit {{ background: {PANEL}; color: {TEXT}; border: {px(1)}px solid {ACCENT}; padding: {px(6)}px; }}
        QPushButton {{ background: {BUTTON}; color: {TEXT}; border: 0; border-radius: {px(3)}px;
                       padding: {px(5)}px {px(12)}px; }}
        QPushButton:hover {{ background: {DIM}; color: {BACKGROUND}; }}
        QPushButton:disabled {{ color: #59636D; background: {PANEL}; }}
        QScrollBar:vertical {{ background: {PANEL}; width: {px(8)}px; border: 0; }}
        QScrollBar::handle:vertical {{ background: {LINE}; min-height: {px(20)}px; }}
        QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
        QSlider::groove:horizontal {{ background: {LINE}; height: {px(4)}px; border-radius: {px(2)}px; }}
        QSlider::sub-page:horizontal {{ background: {ACCENT}; border-radius: {px(2)}px; }}
        QSlider::handle:horizontal {{ background: {TEXT}; width: {px(12)}px; margin: -{px(4)}px 0;
                                      border-radius: {px(6)}px; }}
        QTabBar::tab {{ background: {BACKGROUND}; color: {DIM}; padding: {px(4)}px {px(12)}px; border: 0; }}
        QTabBar::tab:selected {{ background: {PANEL}; color: {TEXT}; }}
        QTabWidget::pane {{ border: 0; }}
        QToolTip {{ background: {PANEL}; color: {TEXT}; border: {px(1)}px solid {LINE}; }}
        QMenu {{ background: {PANEL}; color: {TEXT}; border: {px(1)}px solid {LINE}; }}
        QMenu::item:selected {{ background: {LINE}; }}
        """


def next_scale(scale: float, step: int) -> float:
    """The scale that is larger by one step, or smaller where `step` is negative; 0: the one that fits the screen.

    >>> next_scale(1.0, 1), next_scale(1.1, -1), next_scale(8.0, 1)
    (1.15, 1.0, 8.0)
    """
    if step == 0:
        return fitting_scale()
    others = [each for each in SCALES if (each > scale if step > 0 else each < scale)]
    return scale if not others else min(others) if step > 0 else max(others)


def fitting_scale() -> float:
    """The scale at which text has about the same share of every screen; 1 on one of 1920 x 1080 or less."""
    screen = QGuiApplication.primaryScreen()
    if screen is None:
        return 1.0
    size = screen.size()
    return float(max(1.0, min(size.width() / 1920, size.height() / 1080)))
