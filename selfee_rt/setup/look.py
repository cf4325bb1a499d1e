"""What the forms of the window are made of, in the colours of the view."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QLabel, QLineEdit, QPushButton, QScrollArea, QWidget

from selfee_rt.view import theme as look
from selfee_rt.view.theme import Theme

NAME_PX = 94
"""Room for the names of fields."""


def style_sheet(theme: Theme) -> str:
    """On top of the theme's own: fields that are quiet until they are used."""
    px = theme.px
    return f"""
    QLineEdit, QComboBox {{ background: {look.PANEL}; color: {look.TEXT};
        border: {px(1)}px solid {look.LINE}; border-radius: {px(3)}px; padding: {px(4)}px {px(6)}px; }}
    QLineEdit:focus, QComboBox:focus {{ border-color: {look.ACCENT}; }}
    QSpinBox {{ background: {look.PANEL}; color: {look.TEXT}; }}
    QSpinBox QLineEdit {{ border: 0; padding: 0; }}
    QCheckBox::indicator {{ width: {px(13)}px; height: {px(13)}px; border: {px(1)}px solid {look.DIM};
        border-radius: {px(3)}px; background: {look.PANEL}; }}
    QCheckBox::indicator:checked {{ background: {look.ACCENT}; border-color: {look.ACCENT}; }}
    QTabBar::tab {{ padding: {px(5)}px {px(9)}px; }}
    QComboBox QAbstractItemView, QListWidget, QTableWidget {{ background: {look.PANEL}; color: {look.TEXT};
        border: {px(1)}px solid {look.LINE}; selection-background-color: {look.LINE};
        selection-color: {look.TEXT}; gridline-color: {look.LINE}; outline: 0; }}
    QListWidget::item {{ padding: {px(4)}px; }}
    QTableWidget QLineEdit {{ padding: 0; border: 0; }}
    QHeaderView::section {{ background: {look.BACKGROUND}; color: {look.DIM}; border: 0; padding: {px(3)}px; }}
    QPlainTextEdit {{ background: {look.PANEL}; color: {look.TEXT}; border: 0; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: {look.BACKGROUND}; border: 0; }}
    QScrollBar:horizontal {{ background: {look.PANEL}; height: {px(8)}px; border: 0; }}
    QScrollBar::handle:horizontal {{ background: {look.LINE}; min-width: {px(20)}px; }}
    QPushButton#main {{ background: {look.ACCENT}; color: {look.BACKGROUND}; font-weight: bold; }}
    QPushButton#main:disabled {{ background: {look.PANEL}; color: #59636D; }}
    """


def words(text: str, colour: str = look.TEXT) -> QLabel:
    """Text that is never markup, without the marks of code, and breaks its lines."""
    label = QLabel(text.replace("`", ""))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    palette = label.palette()
    palette.setColor(label.foregroundRole(), colour)
    label.setPalette(palette)
    return label


def heading(theme: Theme, text: str) -> QLabel:
    """What the fields below are about."""
    label = words(text, look.ACCENT)
    label.setFont(theme.font(1.05, bold=True))
    return label


def button(text: str, pressed: Callable[[], object]) -> QPushButton:
    """A button that does one thing."""
    made = QPushButton(text)
    made.clicked.connect(lambda _checked=False: pressed())
    return made


def line(example: str, changed: Callable[[str], object], *, at_end: bool = False) -> QLineEdit:
    """A line to write in; `changed` is told at every letter, or `at_end` once it is written."""
    made = QLineEdit()
    made.setPlaceholderText(example)
    if at_end:
        made.editingFinished.connect(lambda: changed(made.text().strip()))
    else:
        made.textEdited.connect(lambda text: changed(text.strip()))
    return made


def combo(options: list[str], chosen: Callable[[int], object]) -> QComboBox:
    """One of several; only a person's choice is told. It may be narrower than what is written in it."""
    made = QComboBox()
    made.addItems(options)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    made.activated.connect(chosen)
    return made


def row(theme: Theme, layout: QFormLayout, text: str, field: QWidget) -> None:
    """A field after its name; names take the same room everywhere."""
    name = QLabel(text)
    name.setMinimumWidth(theme.px(NAME_PX))
    layout.addRow(name, field)


def form(theme: Theme) -> QFormLayout:
    """Rows of a name and a field."""
    layout = QFormLayout()
    layout.setContentsMargins(0, 0, 0, theme.px(8))
    layout.setHorizontalSpacing(theme.px(10))
    layout.setVerticalSpacing(theme.px(6))
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return layout


def scrolling(widget: QWidget) -> QScrollArea:
    """A page that can be scrolled where the window is small."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area
