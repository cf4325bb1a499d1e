"""The rules that fire devices: whether they are armed and for how long, and how to change that."""

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.hold import Hold
from selfee_rt.view.panels.panel import Panel, say, text_label
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme
from selfee_rt.wire import RuleStatus, RuleSummary, Stimulation


class Stimuli(Panel):
    """One row per rule. Arming and testing are held for a second; disarming is one click."""

    name: ClassVar[str] = "stimuli"
    title: ClassVar[str] = "Stimuli"
    every: ClassVar[int] = 4

    def __init__(self, theme: Theme, link: Source, acts: Acts, hold: Hold) -> None:
        super().__init__(theme, link, acts)
        self.rows: dict[str, Row] = {}
        self._hold = hold
        self._shown: Stimulation | None = None
        self._head = text_label(theme, 0.95, look.DIM)
        self._all = button("DISARM EVERYTHING  (Esc Esc)", acts.disarm_all)
        top = QHBoxLayout()
        top.addWidget(self._head, 1)
        top.addWidget(self._all)
        self._rows = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(6))
        layout.addLayout(top)
        layout.addLayout(self._rows)
        layout.addStretch(1)

    def refresh(self) -> None:
        """Say what each rule does."""
        model = self.link.model
        stimulation = None if model is None else model.session.stimulation
        if stimulation != self._shown:
            self._make_rows(stimulation)
        self._all.setVisible(stimulation is not None)
        if stimulation is None:
            nothing = model is not None
            say(self._head, "the session has no rules that fire a device" if nothing else self.waiting_for())
            return
        say(self._head, "blinded: sham and real look the same here" if stimulation.blind else "")
        for name, row in self.rows.items():
            row.show_status(self.acts.rules.get(name), chosen=name == self.acts.rule and len(self.rows) > 1)

    def _make_rows(self, stimulation: Stimulation | None) -> None:
        self._shown = stimulation
        for row in self.rows.values():
            row.deleteLater()
        rules = () if stimulation is None else stimulation.rules
        self.rows = {rule.name: Row(self.theme, rule, self.acts, self._hold) for rule in rules}
        for row in self.rows.values():
            self._rows.addWidget(row)


class Row(QFrame):
    """One rule."""

    def __init__(self, theme: Theme, rule: RuleSummary, acts: Acts, hold: Hold) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.state = text_label(theme, 1.5, bold=True)
        self.details = text_label(theme, 0.95, look.DIM)
        self.details.setWordWrap(True)
        self._name, self._acts, self._rule = text_label(theme, 1.15, bold=True), acts, rule
        self.arm = HoldButton("Arm (hold)", hold, f"arm {rule.name}", lambda: acts.arm(rule.name))
        self.disarm = button("Disarm", lambda: acts.disarm(rule.name))
        self.fire = HoldButton("Test (hold)", hold, f"test {rule.name}", lambda: acts.fire(rule.name))
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self._name, 1)
        first.addWidget(self.state)
        second.addWidget(self.details, 1)
        for each in (self.arm, self.disarm, self.fire):
            second.addWidget(each)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.px(3))
        layout.addLayout(first)
        layout.addLayout(second)

    def show_status(self, status: RuleStatus | None, *, chosen: bool) -> None:
        """Say whether it is armed, and what it has done."""
        rule = self._rule
        say(self._name, f"{'▸ ' if chosen else ''}{rule.name}   {rule.arena} → {rule.device}")
        armed = status is not None and status.armed
        self._paint(look.ARMED if armed else look.LINE if chosen else look.PANEL)
        ink = look.BACKGROUND if armed else look.DIM
        say(self._name, self._name.text(), look.BACKGROUND if armed else look.TEXT)
        if status is None:
            say(self.state, "not known", look.DIM)
            return
        remaining = "" if status.remaining_s is None else f"  {clock_of(status.remaining_s)}"
        say(self.state, f"ARMED{remaining}" if armed else "disarmed", ink)
        verdicts = ", ".join(f"{name} {count}" for name, count in status.verdicts.items())
        device = "" if status.device_state == "ok" else f"{status.device_state}   "
        text = f"{device}{rule.condition}   trials {status.trials}, light {status.light_s:.2f} s   {verdicts}"
        lost = status.device_state.startswith("lost")
        say(self.details, text, look.BACKGROUND if armed else look.ALARM if lost else look.DIM)
        self.fire.setEnabled(armed)

    def _paint(self, colour: str) -> None:
        palette = self.palette()
        if palette.color(QPalette.ColorRole.Window).name().upper() != colour:
            palette.setColor(QPalette.ColorRole.Window, colour)
            self.setPalette(palette)


class HoldButton(QPushButton):
    """Acts after it was held for a second."""

    def __init__(self, text: str, hold: Hold, says: str, act: Callable[[], object]) -> None:
        super().__init__(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._hold, self._says, self._act = hold, says, act

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._hold.begin(self._says, self._act)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go."""
        super().mouseReleaseEvent(event)
        self._hold.release()


def button(text: str, act: Callable[[], object]) -> QPushButton:
    """A button that takes no keys."""
    made = QPushButton(text)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.clicked.connect(lambda _checked: act())
    return made
