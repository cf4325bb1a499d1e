"""Page: the arenas by name, beside the picture in which they are drawn."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QHeaderView, QLabel, QSpinBox, QTableWidget, QTableWidgetItem

from selfee_rt.config import Region
from selfee_rt.setup.arenas import Arena
from selfee_rt.setup.look import button, heading, words
from selfee_rt.setup.page import Page
from selfee_rt.view import theme as look

HOW = (
    "Drag in the picture to draw an arena. Drag it to move it, its sides or corners to resize it. Arrow keys move "
    "the chosen one by a pixel, Shift by ten; Delete removes it. Shift and drag draws inside another."
)
NAME, ANIMAL, PIXELS = range(3)


class ArenaPage(Page):
    """A table with a row for each arena."""

    chosen = Signal(int)
    removed = Signal()

    def fill(self) -> None:
        """Put the fields in place."""
        self.rows.addWidget(words(HOW, look.DIM))
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels(["Name", "Animal in it", "x, y, width, height"])
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.theme.px(28))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.itemChanged.connect(self._edited)
        self.table.currentCellChanged.connect(self._choose)
        self.rows.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.addWidget(button("Remove", self.removed.emit))
        row.addWidget(button("Whole picture", self._whole))
        row.addStretch(1)
        self.rows.addLayout(row)
        self.rows.addWidget(heading(self.theme, "Equal parts"))
        self.rows.addLayout(self._grid_row())
        self.invert = QCheckBox("Invert the grey values")
        self.invert.toggled.connect(self._invert)
        self.rows.addWidget(heading(self.theme, "All arenas"))
        self.rows.addWidget(self.invert)
        self.rows.addWidget(
            words("For dark animals and a model trained on bright ones, or the other way round.", look.DIM)
        )
        self.refresh()
        super().fill()

    def _grid_row(self) -> QHBoxLayout:
        self.down, self.across = QSpinBox(), QSpinBox()
        row = QHBoxLayout()
        for spin, text in ((self.down, "rows of"), (self.across, "")):
            spin.setRange(1, 24)
            spin.setMinimumWidth(self.theme.px(64))
            row.addWidget(spin)
            row.addWidget(QLabel(text))
        self.across.setValue(2)
        row.addWidget(button("Split the picture", self._split))
        row.addStretch(1)
        return row

    def refresh(self) -> None:
        """Show the draft's arenas; what is being edited stays."""
        self.table.blockSignals(True)
        self.table.setRowCount(len(self.draft.arenas))
        for row, arena in enumerate(self.draft.arenas):
            for column, text in ((NAME, arena.name), (ANIMAL, arena.subject), (PIXELS, _pixels(arena))):
                self._cell(row, column, text)
        self.table.blockSignals(False)

    def choose(self, row: int) -> None:
        """Show which arena is chosen in the picture."""
        self.table.blockSignals(True)
        self.table.setCurrentCell(row, NAME)
        self.table.blockSignals(False)

    def _choose(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)

    def _cell(self, row: int, column: int, text: str) -> None:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.table.setItem(row, column, item)
            if column == PIXELS:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        if item.text() != text:
            item.setText(text)

    def _edited(self, item: QTableWidgetItem) -> None:
        arena = self.draft.arenas[item.row()]
        if item.column() == NAME:
            arena.name = item.text().strip()
        elif item.column() == ANIMAL:
            arena.subject = item.text().strip()
        self.changed.emit()

    def _split(self) -> None:
        if self.draft.picture_px is not None:
            self.draft.arenas.split(self.down.value(), self.across.value(), self.draft.picture_px)
            self.changed.emit()

    def _whole(self) -> None:
        self.draft.arenas.reset()
        self.changed.emit()

    def _invert(self, inverted: bool) -> None:
        self.draft.arenas.inverted = inverted
        self.changed.emit()


def _pixels(arena: Arena) -> str:
    region: Region | None = arena.region
    return "whole picture" if region is None else f"{region.x}, {region.y}, {region.width}, {region.height}"
