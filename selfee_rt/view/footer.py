"""The bottom of the window: what was asked last and what came of it; what a label would go to."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.asking import Asked, State
from selfee_rt.view.panels.panel import say, text_label
from selfee_rt.view.theme import Theme

SHOWN_S = 15.0
"""How long an answer stays; a failure stays until the next act."""
CARRIED_OUT = ("acknowledged", "sent")
"""Outcomes of a test that may have made light."""
COLOURS = {"pending": look.WARNING, "answered": look.FINE, "failed": look.ALARM}
MARKS = {"pending": "…", "answered": "✓", "failed": "✗"}


class Footer(QWidget):
    """One line."""

    def __init__(self, theme: Theme, acts: Acts) -> None:
        super().__init__()
        self._acts = acts
        self.said = text_label(theme, 1.1, bold=True)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.chosen = text_label(theme, 1.0, look.DIM)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.px(10), theme.px(4), theme.px(10), theme.px(4))
        line.setSpacing(theme.px(16))
        line.addWidget(self.said, 1)
        line.addWidget(self.chosen)

    def refresh(self) -> None:
        """Say it."""
        asked = self._acts.asked[-1] if self._acts.asked else None
        if asked is None or _is_over(asked):
            say(self.said, "")
        else:
            say(self.said, sentence(asked), COLOURS[outcome(asked)])
        where = "" if self._acts.arena is None else f" of {self._acts.arena}"
        if not self._acts.sight.has_live:
            say(self.chosen, "E: score behaviour   ·   ? for help")
            return
        if not self._acts.sight.is_live:
            say(self.chosen, "looking back: labels are off   ·   ? for help")
            return
        say(self.chosen, f"a label goes to the last {self._acts.length_s:g} s{where}   ·   ? for help")


def _is_over(asked: Asked) -> bool:
    answer = asked.answer
    return answer is not None and answer.ok and now_ns() - answer.at_ns > SHOWN_S * NS_PER_S


def outcome(asked: Asked) -> State:
    """What became of it; a test that the device did not carry out has failed, though the session answered."""
    carried_out = asked.answer is None or asked.answer.result.get("outcome", "sent") in CARRIED_OUT
    return asked.state if carried_out else "failed"


def sentence(asked: Asked) -> str:
    """What was asked, and what came of it."""
    said = f"{MARKS[outcome(asked)]} {asked.says}"
    if asked.answer is None:
        return f"{said}   (asked {(now_ns() - asked.asked_ns) / NS_PER_S:.0f} s ago)"
    if not asked.answer.ok:
        return f"{said}   FAILED: {asked.answer.error}"
    result = asked.answer.result
    words = [f"{result['exposures']} exposures taught"] if "exposures" in result else []
    words += [f"{result['outcome']} {result.get('why', '')}".rstrip()] if "outcome" in result else []
    if result.get("index") is not None:
        words.append(f"from exposure {result['index']:,}")
    return f"{said}   {', '.join(words)}"
