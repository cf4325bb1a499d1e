"""The lower edge of the window: what is still wrong, where the file goes, and what comes after it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from selfee_rt.setup.look import button, line, words
from selfee_rt.setup.sources import absolute
from selfee_rt.view import theme as look
from selfee_rt.view.panels.panel import say
from selfee_rt.view.theme import Theme

MOST = 3
"""So many lines of problems are shown; the rest are counted."""
READY = "Nothing is wrong with it. Save it, then check it on this machine."


class Foot(QWidget):
    """Problems over a row with the file's name and the buttons."""

    saved = Signal()
    """Save was pressed."""
    check = Signal()
    finished = Signal()
    named = Signal()
    """Another name was written."""

    def __init__(self, theme: Theme, out: Path) -> None:
        super().__init__()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(*(theme.px(10),) * 4)
        self.says = words("")
        self.says.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.says.setMinimumHeight(MOST * self.says.fontMetrics().lineSpacing())
        rows.addWidget(self.says)
        row = QHBoxLayout()
        row.addWidget(QLabel("File"))
        self.file = line("where to save it", lambda _said: self.named.emit())
        self.file.setText(str(out))
        row.addWidget(self.file, 1)
        row.addWidget(button("Browse …", self._browse))
        self.save = button("Save", self.saved.emit)
        self.save.setObjectName("main")
        self.check_now = button("Check it now", self.check.emit)
        self.close_it = button("Close", self.finished.emit)
        for each in (self.save, self.check_now, self.close_it):
            row.addWidget(each)
        rows.addLayout(row)
        self.check_now.setEnabled(False)

    @property
    def path(self) -> Path:
        """Where the file goes."""
        return absolute(self.file.text())

    def tell(self, problems: Sequence[str]) -> None:
        """Show what is wrong; only what is right can be saved."""
        shown = [f"•  {problem}" for problem in problems[: MOST if len(problems) <= MOST else MOST - 1]]
        if len(shown) < len(problems):
            shown.append(f"    and {len(problems) - len(shown)} more")
        say(self.says, "\n".join(shown) or READY, look.WARNING if problems else look.FINE)
        self.save.setEnabled(not problems)
        self.check_now.setEnabled(False)

    def tell_saved(self, path: Path) -> None:
        """What comes next."""
        name = f'"{path}"' if " " in str(path) else str(path)
        say(self.says, f"Saved. Next:  selfee-rt check {name}\n                    selfee-rt run {name}", look.FINE)
        self.save.setEnabled(False)
        self.check_now.setEnabled(True)

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save as", self.file.text(), "Configurations (*.toml)")
        if chosen:
            self.file.setText(chosen)
            self.named.emit()
