"""The top of the window: what runs, whether it is recorded, what is armed; and in large type what is wrong."""

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.panels.panel import say, text_label
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.situation import Situation, situation
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

COLOURS = {
    "running": look.FINE,
    "waiting": look.DIM,
    "starting": look.DIM,
    "stopping": look.WARNING,
    "ended": look.DIM,
    "recorded": look.ACCENT,
    "silent": look.ALARM,
    "failed": look.ALARM,
}


class Header(QWidget):
    """One line that is always there, and one below it that is there only when something is to be known."""

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__()
        self._link, self._acts = link, acts
        self.word = text_label(theme, 1.25, bold=True)
        self.time, self.source = text_label(theme, 1.25), text_label(theme, 1.0, look.DIM)
        self.recording = text_label(theme, 1.25, bold=True)
        self.armed = text_label(theme, 1.25, look.BACKGROUND, bold=True)
        self.armed.setAutoFillBackground(True)
        self.armed.setContentsMargins(theme.px(10), 0, theme.px(10), 0)
        _fill(self.armed, look.ARMED)
        self.sight = text_label(theme, 1.25, look.BACKGROUND, bold=True)
        self.sight.setContentsMargins(theme.px(10), 0, theme.px(10), 0)
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = QHBoxLayout()
        line.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(6))
        line.setSpacing(theme.px(16))
        line.addWidget(self.word)
        line.addWidget(self.time)
        line.addWidget(self.source, 1)
        line.addWidget(self.sight)
        line.addWidget(self.armed)
        line.addWidget(self.recording)
        self.banner = text_label(theme, 2.2, look.BACKGROUND, bold=True)
        self.banner.setWordWrap(True)
        self.banner.setAutoFillBackground(True)
        self.banner.setContentsMargins(theme.px(12), theme.px(6), theme.px(12), theme.px(6))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.banner)

    def refresh(self) -> None:
        """Say it."""
        now = situation(self._link)
        say(self.word, f"● {now.word}", COLOURS[now.word])
        self._show_banner(now)
        self._say_session()
        live = now.word in ("running", "starting", "stopping", "failed")
        self._say_recording(live)
        self._say_armed(live)
        self._say_sight(live)

    def _show_banner(self, now: Situation) -> None:
        _fill(self.banner, look.ALARM if now.alarm else look.LINE)
        say(self.banner, now.alarm or now.news, look.BACKGROUND if now.alarm else look.TEXT)
        self.banner.setVisible(bool(now.alarm or now.news))

    def _say_session(self) -> None:
        model = self._link.model
        if model is None:
            say(self.time, "")
            say(self.source, "? for help")
            return
        source, status = model.session.source, model.status
        say(self.time, "" if status is None or self._link.is_over else clock_of(status.elapsed_s))
        subject = "  ".join(str(each) for each in model.session.subject.values() if isinstance(each, str | int | float))
        size = f"{source.width_px}x{source.height_px} at {source.fps:.4g} fps"
        say(self.source, "   ".join(filter(None, (source.name, size, subject, self._link.deaf))))

    def _say_recording(self, live: bool) -> None:
        model, recording = self._link.model, self._acts.recording
        failed = model is not None and model.vitals.recording_failed is not None
        if not live or recording is None:
            say(self.recording, "")
        elif failed:
            say(self.recording, "RECORDING FAILED", look.ALARM)
        elif recording:
            say(self.recording, "● REC", look.ALARM)
        else:
            say(self.recording, "not recording", look.WARNING)

    def _say_sight(self, live: bool) -> None:
        """Whether panels show what happens now, or which moment."""
        model, at_ns = self._link.model, self._acts.sight.at_ns
        back = model is not None and at_ns is not None and not self._link.is_over
        self.sight.setAutoFillBackground(back)
        _fill(self.sight, look.ACCENT if back else look.BACKGROUND)
        if model is None or at_ns is None:
            say(self.sight, "LIVE" if live else "", look.FINE)
            return
        if self._link.is_over:
            say(self.sight, f"{clock_of(model.clock_s(at_ns))}   P: play", look.TEXT)
            return
        say(self.sight, f"LOOKING BACK at {clock_of(model.clock_s(at_ns))}   L: live", look.BACKGROUND)

    def _say_armed(self, live: bool) -> None:
        """Which rules are armed, and for how long; where the session is silent that is not known."""
        armed = {name: each.remaining_s for name, each in self._acts.rules.items() if each.armed}
        words = [name + ("" if left is None else f" {clock_of(left)}") for name, left in armed.items()]
        said = f"ARMED {'   '.join(words)}" if live else f"last heard ARMED: {', '.join(armed)}"
        ended = model_ended(self._link)
        say(self.armed, said if armed and not ended else "")
        self.armed.setVisible(bool(armed) and not ended)


def model_ended(link: Source) -> bool:
    """Whether the session has said that it ended."""
    status = None if link.model is None else link.model.status
    return status is not None and status.state == "ended"


def _fill(label: QLabel, colour: str) -> None:
    palette = label.palette()
    if palette.color(QPalette.ColorRole.Window).name().upper() != colour:
        palette.setColor(QPalette.ColorRole.Window, colour)
        label.setPalette(palette)
