"""Fields of the network page: the empty arena, where the chosen model subtracts it."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from selfee_rt.setup.backgrounds import CONTRASTS, SECONDS, of_beginning, of_file
from selfee_rt.setup.look import button, combo, form, heading, line, row, words
from selfee_rt.view import theme as look
from selfee_rt.view.theme import Theme

WHAT = "This model subtracts the empty arena; `selfee-rt background` makes a picture of it. It holds for all arenas."

WAYS = ("a picture from a file", "made from the first seconds")


class BackgroundFields(QWidget):
    """Where the picture is from, and what the animal is like on it."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.way = combo(list(WAYS), lambda _place: self._show())
        self.file = line("background.png", lambda _said: self.changed.emit())
        self.seconds = line(SECONDS, lambda _said: self.changed.emit())
        self.contrast = combo(["not said", *CONTRASTS.values()], lambda _place: self.changed.emit())
        self.browse = button("Browse …", self._browse)
        where = QHBoxLayout()
        for field in (self.file, self.seconds, self.browse):
            where.addWidget(field)
        layout, rows = QVBoxLayout(self), form(theme)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(heading(theme, "Background"))
        layout.addWidget(words(WHAT, look.DIM))
        row(theme, rows, "Picture", self.way)
        rows.addRow("File, or seconds", where)
        row(theme, rows, "The animal is", self.contrast)
        layout.addLayout(rows)
        self._show()

    def said(self) -> dict[str, Any] | None:
        """As the TOML file has it; None while something is missing."""
        place = self.contrast.currentIndex() - 1
        if place < 0:
            return None
        contrast = list(CONTRASTS)[place]
        if self.way.currentIndex():
            return of_beginning(self.seconds.text().strip() or SECONDS, contrast)
        path = self.file.text().strip()
        return of_file(path, contrast) if path else None

    def _show(self) -> None:
        """Only the field that belongs to the way."""
        beginning = bool(self.way.currentIndex())
        self.seconds.setVisible(beginning)
        self.file.setVisible(not beginning)
        self.browse.setVisible(not beginning)
        self.changed.emit()

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, WAYS[0], "", "Pictures (*.png *.tif *.tiff *.npy)")
        if chosen:
            self.file.setText(chosen)
            self.changed.emit()
