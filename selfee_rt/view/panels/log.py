"""What happened: bouts, alarms, losses, actions, triggers."""

from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QVBoxLayout

from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.journal import Entry, Kind
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

LINES = 500
"""Others leave the window; the session folder has them all."""
FROM_LAST = 50
"""Lines of the session before that stay above those of the present one."""
COLOUR_OF: dict[Kind, str] = {
    "bout": look.TEXT,
    "alarm": look.ALARM,
    "loss": look.WARNING,
    "action": look.ACCENT,
    "trigger": look.ARMED,
    "fault": look.WARNING,
}


class Log(Panel):
    """One line per entry of the journal in the order of time; it follows unless somebody has scrolled up.

    Looking back, it shows what happened around the moment that is looked at, and that moment's line.
    """

    name: ClassVar[str] = "log"
    title: ClassVar[str] = "Log"
    every: ClassVar[int] = 6

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__(theme, link, acts)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.text.setUndoRedoEnabled(False)
        self.text.setFont(theme.font(0.95))
        self.text.setPlaceholderText("nothing has happened yet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(4), 0, 0, 0)
        layout.addWidget(self.text)
        self._model: Model | None = None
        self._lines: list[str] = []
        """Those that are shown, one paragraph each."""
        self._above: list[str] = []
        """Lines of the session before."""
        self._looked: tuple[object, ...] = ()
        self._follows = True
        self._was_back = False

    def refresh(self) -> None:
        """Show what is new where it belongs; a new session's lines come after the last ones of the session before."""
        model = self.link.model
        if model is None:
            return
        if model is not self._model:
            self._model = model
            head = f'<span style="color:{look.DIM}">session {escape(model.session.session_id[:8])}</span>'
            self._above = [*self._lines[-FROM_LAST:], head]
        at_ns = self.acts.sight.at_ns
        looked = model, model.n_told, at_ns
        bar = self.text.verticalScrollBar()
        self._follows = self._was_back or bar.value() >= bar.maximum() - 2
        self._was_back = at_ns is not None
        if looked != self._looked:
            self._looked = looked
            entries = model.told(LINES, at_ns)
            self._show([*self._above, *(_line(each, model) for each in entries)])
            self._go_to(None if at_ns is None else len(self._above) + _before(entries, model.clock_s(at_ns)))

    def _show(self, lines: list[str]) -> None:
        """Change what differs: lines that left are cut out, what follows the first that is another is written anew."""
        kept, same = self._lines, _alike(self._lines, lines)
        if same < len(lines) and lines[same] in kept[same:]:
            gone = kept.index(lines[same], same)
            self._cut(same, gone)
            kept = kept[:same] + kept[gone:]
            same = _alike(kept, lines)
        self._cut(same, len(kept))
        for line in lines[same:]:
            self.text.appendHtml(line)
        self._lines = lines

    def _cut(self, first: int, stop: int) -> None:
        """Take paragraphs away; those at the end with the break before them."""
        document = self.text.document()
        if first == stop:
            return
        if first == 0 and stop >= document.blockCount():
            self.text.clear()
            return
        cursor = QTextCursor(document.findBlockByNumber(first))
        if stop < document.blockCount():
            cursor.setPosition(document.findBlockByNumber(stop).position(), QTextCursor.MoveMode.KeepAnchor)
        else:
            cursor.movePosition(QTextCursor.MoveOperation.PreviousCharacter)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()

    def _go_to(self, count: int | None) -> None:
        """Show in the middle the last of so many lines, marked; None: the end, unless somebody has scrolled up."""
        bar, mark = self.text.verticalScrollBar(), QTextEdit.ExtraSelection()
        if count is None:
            self.text.setExtraSelections([])
            if self._follows:
                bar.setValue(bar.maximum())
            return
        mark.cursor = QTextCursor(self.text.document().findBlockByNumber(max(0, count - 1)))
        mark.format.setBackground(QColor(look.LOOKING_BACK))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        self.text.setExtraSelections([mark])
        self.text.setTextCursor(mark.cursor)
        self.text.centerCursor()


def _alike(kept: list[str], lines: list[str]) -> int:
    """How many lines are the same from the top."""
    pairs = zip(kept, lines, strict=False)
    return next((n for n, (old, new) in enumerate(pairs) if old != new), min(len(kept), len(lines)))


def _before(entries: list[Entry], time_s: float) -> int:
    """How many entries are not after an instant."""
    return sum(each.time_s <= time_s for each in entries)


def _line(entry: Entry, model: Model) -> str:
    colour = model.colours.get(entry.label, COLOUR_OF[entry.kind])
    arena = f"{escape(entry.arena)}&nbsp;&nbsp;" if entry.arena and len(model.arenas) > 1 else ""
    return (
        f'<span style="color:{look.DIM}">{clock_of(entry.time_s)}&nbsp;&nbsp;{arena}</span>'
        f'<span style="color:{colour}">{escape(entry.text)}</span>'
    )
