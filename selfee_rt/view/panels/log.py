"""What happened: bouts, alarms, losses, actions, triggers."""

from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.journal import Entry, Kind
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

LINES = 500
"""Older ones leave the window; the session folder has them all."""
MOST_AT_ONCE = 50
COLOUR_OF: dict[Kind, str] = {
    "bout": look.TEXT,
    "alarm": look.ALARM,
    "loss": look.WARNING,
    "action": look.ACCENT,
    "trigger": look.ARMED,
    "fault": look.WARNING,
}


class Log(Panel):
    """One line per entry of the journal, newest at the bottom; it follows unless somebody has scrolled up."""

    name: ClassVar[str] = "log"
    title: ClassVar[str] = "Log"
    every: ClassVar[int] = 6

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__(theme, link, acts)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.text.setMaximumBlockCount(LINES)
        self.text.setUndoRedoEnabled(False)
        self.text.setFont(theme.font(0.95))
        self.text.setPlaceholderText("nothing has happened yet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(4), 0, 0, 0)
        layout.addWidget(self.text)
        self._model: Model | None = None
        self._next = 0

    def refresh(self) -> None:
        """Add the entries that are new; a new session's come after those of the last."""
        model = self.link.model
        if model is None:
            return
        if model is not self._model:
            self._model, self._next = model, 0
            self._append(f'<span style="color:{look.DIM}">session {escape(model.session.session_id[:8])}</span>')
        entries = model.journal_since(self._next)
        if entries:
            self._next = entries[-1].number + 1
            for entry in entries[-MOST_AT_ONCE:]:
                self._append(_line(entry, model))

    def _append(self, line: str) -> None:
        bar = self.text.verticalScrollBar()
        at_the_end = bar.value() >= bar.maximum() - 2
        self.text.appendHtml(line)
        if at_the_end:
            bar.setValue(bar.maximum())


def _line(entry: Entry, model: Model) -> str:
    colour = model.colours.get(entry.label, COLOUR_OF[entry.kind])
    arena = f"{escape(entry.arena)}  " if entry.arena and len(model.arenas) > 1 else ""
    return (
        f'<span style="color:{look.DIM}">{clock_of(entry.time_s)}&nbsp;&nbsp;{arena}</span>'
        f'<span style="color:{colour}">{escape(entry.text)}</span>'
    )
