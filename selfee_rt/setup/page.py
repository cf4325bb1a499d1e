"""What the pages of the window have in common."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from selfee_rt.setup.draft import Draft
from selfee_rt.setup.finding import Found
from selfee_rt.view.theme import Theme


class Page(QWidget):
    """Changes the draft at once, and says that it has."""

    changed = Signal()

    def __init__(self, draft: Draft, found: Found, theme: Theme) -> None:
        super().__init__()
        self.draft, self.found, self.theme = draft, found, theme
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(*(theme.px(10),) * 4)
        self.rows.setSpacing(theme.px(8))
        self.fill()

    def fill(self) -> None:
        """Put the fields in place: here, what is there already at the top."""
        self.rows.addStretch(1)

    def refresh(self) -> None:
        """Show what was changed elsewhere: here, paint it."""
        self.update()

    def put(self, key: str, answer: object) -> None:
        """Answer for one key."""
        self.draft.put(key, answer)
        self.changed.emit()
