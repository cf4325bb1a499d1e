"""Page: which camera or file, and how it is set."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QWidget

from selfee_rt.setup.look import button, form, heading, line, row, words
from selfee_rt.setup.page import Page
from selfee_rt.setup.sources import NAMED, Named
from selfee_rt.view import theme as look

TALLEST_LIST_PX = 190


@dataclass(frozen=True, slots=True)
class Knob:
    """Something that may be set at a source of one kind."""

    key: str
    asks: str
    example: str
    option: bool = False
    """One of FFmpeg's options, not a key of the section."""


KNOBS: dict[str, tuple[Knob, ...]] = {
    "stream": (
        Knob("video_size", "Size", "640x480; empty: the camera's own", option=True),
        Knob("framerate", "Frames/s", "30; empty: the camera's own", option=True),
    ),
    "basler": (
        Knob("exposure_us", "Exposure, µs", "4000; empty: the camera's own"),
        Knob("gain_db", "Gain, dB", "0; empty: the camera's own"),
        Knob("fps", "Frames/s", "50; empty: the camera's own"),
    ),
    "synthetic": (
        Knob("fps", "Frames/s", "30"),
        Knob("seconds", "Seconds", "empty: endless"),
    ),
}


class SourcePage(Page):
    """What was found, then what can be named."""

    def fill(self) -> None:
        """Put the fields in place."""
        self.rows.addWidget(heading(self.theme, "Cameras found"))
        self.cameras = QListWidget()
        self.cameras.setWordWrap(True)
        self.cameras.setMaximumHeight(self.theme.px(TALLEST_LIST_PX))
        for camera in self.found.cameras:
            item = QListWidgetItem(str(camera), self.cameras)
            if not camera.source:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setForeground(QColor(look.DIM))
        self.cameras.currentRowChanged.connect(self._choose_camera)
        self.rows.addWidget(self.cameras)
        self.rows.addWidget(heading(self.theme, "Or a file, or an address"))
        self.named = {named.kind: self._named_row(named) for named in NAMED}
        self.knobs_head = heading(self.theme, "Its settings")
        self.rows.addWidget(self.knobs_head)
        self.knobs = QWidget()
        self.knob_rows = form(self.theme)
        self.knobs.setLayout(self.knob_rows)
        self.rows.addWidget(self.knobs)
        self._show_knobs()
        super().fill()

    def _named_row(self, named: Named) -> QLineEdit:
        self.rows.addWidget(words(named.title[0].upper() + named.title[1:], look.DIM))
        field = line(named.asks, lambda said: self._choose_named(named, said), at_end=True)
        beside = QHBoxLayout()
        beside.addWidget(field, 1)
        if named.is_path:
            beside.addWidget(button("Browse …", lambda: self._browse(named, field)))
        self.rows.addLayout(beside)
        return field

    def _browse(self, named: Named, field: QLineEdit) -> None:
        if named.kind == "recorded":
            chosen = QFileDialog.getExistingDirectory(self, named.title)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, named.title)
        if chosen:
            field.setText(chosen)
            self._choose_named(named, chosen)

    def _choose_named(self, named: Named, said: str) -> None:
        if said and named.source(said) != {key: self.draft.source.get(key) for key in ("kind", named.key)}:
            self.cameras.setCurrentRow(-1)
            self._choose(named.source(said))

    def _choose_camera(self, row: int) -> None:
        if row >= 0 and self.found.cameras[row].source:
            for field in self.named.values():
                field.clear()
            self._choose(self.found.cameras[row].source)

    def _choose(self, source: dict[str, Any]) -> None:
        self.draft.source = source
        self._show_knobs()
        self.changed.emit()

    # --- settings of the chosen one ----------------------------------------------------------------------------------

    def _show_knobs(self) -> None:
        """Fields for what a source of this kind can be told."""
        while self.knob_rows.rowCount():
            self.knob_rows.removeRow(0)
        knobs = KNOBS.get(self.draft.source.get("kind", ""), ())
        self.knobs_head.setVisible(bool(knobs))
        for knob in knobs:
            field = line(knob.example, lambda said, knob=knob: self._turn(knob, said), at_end=True)  # type: ignore[misc]
            row(self.theme, self.knob_rows, knob.asks, field)

    def _turn(self, knob: Knob, said: str) -> None:
        source = self.draft.source
        section = dict(source.get("options", {})) if knob.option else source
        if said:
            section[knob.key] = said if knob.option else _number(said)
        else:
            section.pop(knob.key, None)
        if knob.option:
            source = {**source, "options": section}
            if not section:
                del source["options"]
        if source != self.draft.source:
            self.draft.source = source
            self.changed.emit()


def _number(said: str) -> float | str:
    """A number where it is one; what it is else is refused by the configuration."""
    try:
        return float(said)
    except ValueError:
        return said
