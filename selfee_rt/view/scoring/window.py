"""The window in which a person scores behaviour."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from selfee_rt import palette
from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.view import theme as look
from selfee_rt.view.over import Help
from selfee_rt.view.panels.panel import say, text_label
from selfee_rt.view.scoring.acts import Acts
from selfee_rt.view.scoring.ask import Ask
from selfee_rt.view.scoring.clock import clock_of
from selfee_rt.view.scoring.desk import Desk
from selfee_rt.view.scoring.keys import Commands, Keys
from selfee_rt.view.scoring.legend import Legend
from selfee_rt.view.scoring.overview import Overview
from selfee_rt.view.scoring.picture import Picture
from selfee_rt.view.scoring.projector import Footage, Projector
from selfee_rt.view.scoring.spans import span_at
from selfee_rt.view.scoring.strip import Strip
from selfee_rt.view.theme import Theme
from selfee_rt.wire import Arena

TICK_MS = 33


@dataclass(frozen=True, slots=True)
class Recording:
    """What is scored."""

    name: str
    """For people."""
    footage: Footage
    promised: int | None = None
    """Exposures that it says it has."""
    arenas: Sequence[Arena] = ()
    """Of a session."""
    camera_px: tuple[int, int] | None = None
    """Width and height of the camera's picture, in which the arenas lie."""
    notes: tuple[str, ...] = ()
    """What was decided about it automatically."""
    at_ns: int | None = None
    """Media time to begin at."""


class ScoringWindow(QWidget):
    """Reads from its making to its closing; what has been scored is kept after every change."""

    def __init__(self, recording: Recording, desk: Desk, theme: Theme) -> None:
        super().__init__()
        self.desk, self._recording, self._theme = desk, recording, theme
        self.projector = Projector(recording.footage)
        self.timeline = self.projector.timeline
        self.acts = Acts(desk, self.timeline)
        self._begin_ns = recording.at_ns
        commands = Commands(self._new_label, self._go_to, self._zoom, self._help, self._full_screen, self._escape)
        self.keys = Keys(self.acts, commands)
        self._names: tuple[str, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self.setWindowTitle(f"selfee-rt scoring {recording.name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self._make_parts()
        self.help = Help(self, theme, self.keys.bindings)
        self.ask = Ask(self, theme)
        self.resize(theme.px(1280), theme.px(720))
        self.installEventFilter(self)
        self.projector.start()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)

    # --- parts --------------------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        theme, score = self._theme, self.desk.score
        self.file = text_label(theme, 1.05, look.TEXT, bold=True)
        self.unsaved = text_label(theme, 1.05, bold=True)
        self.arena = text_label(theme, 1.05, look.ACCENT, bold=True)
        self.where = text_label(theme, 1.15, bold=True)
        self.speed = text_label(theme, 1.0, look.DIM)
        self.reading = text_label(theme, 1.0, look.DIM)
        self.said = text_label(theme, 1.0)
        self.picture = Picture(theme, self._recording.arenas, self._recording.camera_px)
        self.legend = Legend(theme, score)
        self.strip = Strip(theme, score, self.timeline)
        self.overview = Overview(theme, score, self.timeline)
        self.overview.promised = self._recording.promised or 0
        hint = text_label(theme, 1.0, look.DIM)
        hint.setText("? for help")
        for each in (self.said, self.reading, self.file):
            each.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.px(2))
        whole.addLayout(self._line((self.file, 1), (self.arena, 0), (self.unsaved, 0)))
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(6))
        middle.addWidget(self.picture, 1)
        middle.addWidget(self.legend)
        whole.addLayout(middle, 1)
        whole.addLayout(self._line((self.where, 0), (self.speed, 0), (self.reading, 1)))
        whole.addWidget(self.strip)
        whole.addWidget(self.overview)
        whole.addLayout(self._line((self.said, 1), (hint, 0)))
        self.legend.pressed.connect(self.acts.label)
        self.strip.went.connect(self._went)
        self.strip.chose.connect(self.acts.choose)
        self.strip.moved.connect(self.acts.move)
        self.overview.went.connect(self._went)

    def _line(self, *parts: tuple[QWidget, int]) -> QHBoxLayout:
        line = QHBoxLayout()
        px = self._theme.px
        line.setContentsMargins(px(10), px(3), px(10), px(3))
        line.setSpacing(px(18))
        for widget, stretch in parts:
            line.addWidget(widget, stretch)
        return line

    # --- every tick ---------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Go on playing, show the picture that is wanted, and say everything that has become otherwise."""
        self._begin()
        player = self.acts.player
        player.tick(now_ns())
        self.desk.tick(self.timeline)
        if self.timeline.count:
            self.picture.show_picture(self.projector.want(player.number))
        self.refresh()

    def refresh(self) -> None:
        """Show what there is now."""
        score, index = self.desk.score, self.acts.player.index or 0
        if score.names != self._names:
            self._names = score.names
            self.strip.fit()
        self.strip.index = self.overview.index = index
        self.strip.selected = self.acts.selected
        self.overview.visible = self.strip.visible
        self.picture.say(self._tags(index), score.arena, self._why_no_picture())
        drawn = (score.state, score.arena, index, self.acts.selected, self.strip.visible, self.timeline.exposures)
        if drawn != self._drawn:
            self._drawn = drawn
            for part in (self.strip, self.overview, self.legend):
                part.update()
        self._say_file()
        self._say_where()
        said = "   ·   ".join(each for each in (self.desk.notice, self.desk.said) if each)
        say(self.said, said, look.ALARM if self.desk.failed else look.WARNING if self.desk.notice else look.TEXT)

    def _begin(self) -> None:
        """Go to where one was before, once that has been read."""
        if self._begin_ns is None or not self.timeline.count:
            return
        last_ns = self.timeline.media_ns(self.timeline.count - 1)
        if last_ns >= self._begin_ns or self.timeline.complete:
            self.acts.player.go(self.timeline.number_at(self._begin_ns))
            self._begin_ns = None

    def _tags(self, index: int) -> tuple[tuple[str, str], ...]:
        """What is scored at the exposure that is looked at, and what has begun."""
        score = self.desk.score
        colours = palette.on_dark(score.names)
        tags = []
        span = span_at(score.spans, index)
        if span is not None:
            tags.append((span.label, colours[span.label]))
        if score.running is not None:
            running = score.running
            tags.append((f"● {running.label} since {running.since:,}", colours.get(running.label, look.TEXT)))
        return tuple(tags)

    def _why_no_picture(self) -> str:
        if self.timeline.problem is not None and not self.timeline.count:
            return self.timeline.problem
        shown = self.projector.shown
        if shown is not None and shown.problem:
            return shown.problem
        if self.timeline.complete and not self.timeline.count:
            return "there is no picture in this recording"
        return "opening the recording …"

    def _say_file(self) -> None:
        desk = self.desk
        say(self.file, f"{self._recording.name}  →  {desk.file.path.name}")
        self.file.setToolTip(f"{desk.file.path}\nkept after every change in {desk.file.kept}")
        if len(desk.arenas) > 1:
            say(self.arena, f"arena {desk.arenas[desk.score.arena]}")
        unsaved = desk.unsaved
        if not unsaved:
            say(self.unsaved, "● saved" if desk.file.path.exists() else "nothing scored yet", look.DIM)
            return
        whose = f" ({', '.join(unsaved)})" if len(desk.arenas) > 1 else ""
        say(self.unsaved, f"● UNSAVED{whose}  Ctrl+S", look.WARNING)

    def _say_where(self) -> None:
        timeline, player = self.timeline, self.acts.player
        self._say_reading()
        if not timeline.count:
            return
        begin_ns, last_ns = timeline.media_ns(0), timeline.media_ns(timeline.count - 1)
        at_s, of_s = ((each - begin_ns) / NS_PER_S for each in (timeline.media_ns(player.number), last_ns))
        whole = (
            f"{clock_of(at_s)} of {clock_of(of_s)}   exposure {player.index or 0:,} of 0 … {timeline.exposures - 1:,}"
        )
        say(self.where, f"{'▶' if player.playing else '❚❚'}  {whole}")
        say(self.speed, f"{player.speed:g}x speed", look.TEXT if player.speed != 1 else look.DIM)

    def _say_reading(self) -> None:
        timeline, ended = self.timeline, self._recording.footage.ended
        if timeline.problem is not None:
            say(self.reading, timeline.problem, look.ALARM)
        elif not timeline.complete:
            of = f" of {self._recording.promised:,}" if self._recording.promised else ""
            say(self.reading, f"reading the recording: {timeline.count:,}{of} exposures", look.WARNING)
        else:
            text = ended.rpartition(": ")[2] if "; " not in ended else ended.partition(": ")[2]
            say(self.reading, text, look.DIM if "; " not in ended and "all " in ended else look.WARNING)
        self.reading.setToolTip("\n".join((ended, *self._recording.notes)))

    # --- commands -----------------------------------------------------------------------------------------------------

    def _went(self, index: int) -> None:
        self.acts.player.playing = False
        self.acts.go(index)
        self.refresh()

    def _new_label(self) -> None:
        self.ask.open("name of the new label; Enter adds it, Esc does not", self.acts.add_name)

    def _go_to(self) -> None:
        self.ask.open("go to exposure", self.acts.go_to)

    def _zoom(self, factor: float) -> None:
        self.strip.zoom(factor)

    def _help(self) -> None:
        self.help.toggle()

    def _full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _escape(self) -> None:
        if self.help.isVisible():
            self.help.hide()
        else:
            self.acts.escape()

    # --- Qt -----------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keys, also those that Qt would use to go from one part to the next."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.keys.press(event):
            self.refresh()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep what lies over the parts in its place."""
        super().resizeEvent(event)
        for each in (self.help, self.ask):
            if each.isVisible():
                each.place()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """End both threads; what was not saved lies beside the labels file, and is there again next time."""
        self._timer.stop()
        self.projector.close()
        super().closeEvent(event)
