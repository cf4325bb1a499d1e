"""The window on one session: panels in docks, keys, and the one timer that looks at the model."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow

from selfee_rt.errors import SelfeeRTError
from selfee_rt.view.acts import Acts
from selfee_rt.view.fetch import Fetch
from selfee_rt.view.finished import Finished
from selfee_rt.view.footer import Footer
from selfee_rt.view.header import Header
from selfee_rt.view.hold import Hold
from selfee_rt.view.keys import NO_TIME, Commands, Keys
from selfee_rt.view.link import Link, Where
from selfee_rt.view.model import Model
from selfee_rt.view.over import Help, HoldBox, Note
from selfee_rt.view.panels.anomaly import Anomaly
from selfee_rt.view.panels.ethogram import Ethogram
from selfee_rt.view.panels.health import Health
from selfee_rt.view.panels.log import Log
from selfee_rt.view.panels.map import Map
from selfee_rt.view.panels.panel import Panel
from selfee_rt.view.panels.stimuli import Stimuli
from selfee_rt.view.panels.strangest import Strangest
from selfee_rt.view.panels.video import Video
from selfee_rt.view.slider import Slider
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

TICK_MS = 33
WORDS_EVERY = 3
"""Header and footer are looked at every so manieth tick."""
LAYOUT_VERSION = 2
"""Rises when panels come or go, so that an arrangement of others is not restored."""
Score = Callable[[Path, int | None], None]
"""Opens a session folder for scoring, at a moment of its media time."""
SCALING = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1, Qt.Key.Key_0: 0}
"""With Ctrl: a larger or a smaller scale, or that which fits the screen."""
MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Window(QMainWindow):
    """Receives from its making to its closing; `settings_file` remembers where the panels are (None: nothing does).

    `score` opens a session that is over for scoring.
    """

    rescaled = Signal(int)
    """Everything should be larger by so many steps, or smaller; 0: as fits the screen."""

    def __init__(
        self, where: Where | Path, theme: Theme, settings_file: Path | None = None, score: Score | None = None
    ) -> None:
        super().__init__()
        self.link: Source = Finished(where) if isinstance(where, Path) else Link(where)
        self.acts = Acts(self.link)
        self.hold = Hold()
        self.fetch = Fetch(self.link)
        self.clips = self.link.moments()
        self.acts.sight.has_live = not self.link.is_over
        self._score_folder = score
        commands = Commands(
            self._score, self._note, self._help, self._full_screen, self.arrange, self._close_what_is_over
        )
        self.keys = Keys(self.acts, self.hold, commands)
        self._settings_file = settings_file
        self._ticks = 0
        self._closed = False
        self._marked: int | None = None
        self._model: Model | None = None
        self.setWindowTitle(f"selfee-rt {self.link.says}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setDockNestingEnabled(True)
        self.header, self.footer = Header(theme, self.link, self.acts), Footer(theme, self.acts)
        self.setMenuWidget(self.header)
        self.statusBar().setSizeGripEnabled(False)
        self.slider = Slider(theme, self.link, self.acts)
        self.statusBar().addPermanentWidget(self.slider, 2)
        self.slider.setVisible(self.link.is_over)
        self.statusBar().addPermanentWidget(self.footer, 1)
        self._make_panels(theme)
        self.help = Help(self, theme, self.keys.bindings)
        self.note = Note(self, theme)
        self.note.written.connect(lambda text: self.acts.mark(text, self._marked))
        self.note.closed.connect(self.setFocus)
        self.note.escaped.connect(lambda: self.keys.press(Qt.Key.Key_Escape, NO_TIME))
        self.hold_box = HoldBox(self, theme, self.hold)
        self.resize(theme.px(1280), theme.px(760))
        self.installEventFilter(self)
        self._restore()
        self.link.start()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)

    # --- panels ------------------------------------------------------------------------------------------------------

    def _make_panels(self, theme: Theme) -> None:
        given = theme, self.link, self.acts
        self.video, self.log, self.ethogram = Video(*given, self.clips), Log(*given), Ethogram(*given)
        self.anomaly, self.health, self.stimuli = Anomaly(*given), Health(*given), Stimuli(*given, self.hold)
        self.strangest = Strangest(*given, self.clips)
        self.map = Map(*given)
        left = self.video, self.stimuli, self.log, self.strangest, self.map
        self.panels: dict[str, Panel] = {each.name: each for each in (*left, self.ethogram, self.anomaly, self.health)}
        self.docks = {name: self._dock(panel, theme) for name, panel in self.panels.items()}
        self.arrange()

    def _dock(self, panel: Panel, theme: Theme) -> QDockWidget:
        dock = QDockWidget(panel.title, self)
        dock.setObjectName(panel.name)
        dock.setFont(theme.font(0.9))
        dock.setWidget(panel)
        dock.installEventFilter(self)
        return dock

    def arrange(self) -> None:
        """Put the panels where they are at first: what is seen on the left, what is measured on the right."""
        docks, area, down = self.docks, Qt.DockWidgetArea.TopDockWidgetArea, Qt.Orientation.Vertical
        for dock in docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        self.addDockWidget(area, docks["video"])
        self.splitDockWidget(docks["video"], docks["ethogram"], Qt.Orientation.Horizontal)
        for above, below in (("video", "stimuli"), ("stimuli", "log"), ("ethogram", "anomaly"), ("anomaly", "health")):
            self.splitDockWidget(docks[above], docks[below], down)
        self.splitDockWidget(docks["log"], docks["strangest"], Qt.Orientation.Horizontal)
        self.tabifyDockWidget(docks["strangest"], docks["map"])
        for dock in docks.values():
            dock.show()
        docks["strangest"].raise_()
        docks["stimuli"].setVisible(self._has_rules())
        height = self.height()
        sides = [docks["video"], docks["ethogram"]]
        self.resizeDocks(sides, [self.width() * 54 // 100, self.width() * 46 // 100], Qt.Orientation.Horizontal)
        sides = [docks["log"], docks["strangest"]]
        self.resizeDocks(sides, [self.width() * 24 // 100, self.width() * 30 // 100], Qt.Orientation.Horizontal)
        for names, parts in (
            (("video", "stimuli", "log"), (62, 16, 22)),
            (("ethogram", "anomaly", "health"), (38, 28, 34)),
        ):
            self.resizeDocks([docks[name] for name in names], [height * part // 100 for part in parts], down)

    def _has_rules(self) -> bool:
        model = self.link.model
        return model is not None and model.session.stimulation is not None

    def _show_rules(self) -> None:
        """A session with rules has begun: their panel appears, whoever had closed it. After another one it is live."""
        model = self.link.model
        if model is not self._model:
            if self._model is not None:
                self.acts.sight.live()
            self._model = model
            if self._has_rules():
                self.docks["stimuli"].show()

    def tick(self) -> None:
        """Look at the model: pictures at every tick, what moves at every second, words more rarely."""
        self._ticks += 1
        self.keys.tick()
        self.fetch.tick()
        self.acts.sight.tick()
        self.hold_box.refresh()
        self._show_rules()
        self.link.wants_embeddings = self.map.is_seen
        for panel in self.panels.values():
            if self._ticks % panel.every == 0 and panel.is_seen:
                panel.refresh()
        if self._ticks % WORDS_EVERY == 0:
            self.header.refresh()
            self.footer.refresh()
            self.slider.refresh()

    # --- keys --------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keys of the window and of panels that float; letting go of the keyboard lets go of what is held."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event)
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            self.keys.release(event.key(), event.timestamp())
        elif kind == QEvent.Type.WindowDeactivate:
            self.hold.release()
        return super().eventFilter(watched, event)

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.modifiers() & MODIFIERS:
            return self._scale(event)
        return event.isAutoRepeat() or self.keys.press(event.key(), event.timestamp())

    def _score(self) -> None:
        """Open what is looked at for scoring."""
        if self._score_folder is None or not isinstance(self.link, Finished):
            self.acts.refuse("score behaviour", "a session that is over can be scored: give its folder")
            return
        try:
            self._score_folder(self.link.folder, self.acts.sight.at_ns)
        except SelfeeRTError as error:
            self.acts.refuse("score behaviour", str(error))

    def _scale(self, event: QKeyEvent) -> bool:
        step = SCALING.get(Qt.Key(event.key()))
        if step is None or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        self.rescaled.emit(step)
        return True

    def _note(self) -> None:
        self._marked = self.acts.moment()
        self.note.open(self._marked)

    def _help(self) -> None:
        self.help.toggle()

    def _full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _close_what_is_over(self) -> bool:
        shown = [each for each in (self.note, self.help) if each.isVisible()]
        if self.note in shown:
            self.note.dismiss()
        self.help.hide()
        return bool(shown)

    # --- beginning and end -------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep what lies over the panels in its place."""
        super().resizeEvent(event)
        for each in (self.help, self.note):
            if each.isVisible():
                each.place()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Remember the arrangement, and let go of the session; it does not notice."""
        if not self._closed:
            self._closed = True
            self._timer.stop()
            self._remember()
            self.map.close_files()
            self.fetch.close()
            self.link.close()
        super().closeEvent(event)

    def _settings(self) -> QSettings | None:
        if self._settings_file is None:
            return None
        return QSettings(str(self._settings_file), QSettings.Format.IniFormat)

    def _remember(self) -> None:
        settings = self._settings()
        if settings is not None:
            settings.setValue("window/geometry", self.saveGeometry())
            settings.setValue("window/panels", self.saveState(LAYOUT_VERSION))
            settings.sync()

    def _restore(self) -> None:
        settings = self._settings()
        if settings is None:
            return
        geometry, panels = settings.value("window/geometry"), settings.value("window/panels")
        if isinstance(geometry, QByteArray) and isinstance(panels, QByteArray):
            self.restoreGeometry(geometry)
            self.restoreState(panels, LAYOUT_VERSION)
