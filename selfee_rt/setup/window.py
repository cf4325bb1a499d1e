"""The window of setup: the live picture on the left, pages of questions on the right, problems and Save below."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QFontDatabase
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QSplitter, QTabWidget, QVBoxLayout, QWidget

from selfee_rt.errors import ConfigError
from selfee_rt.setup.arena_page import ArenaPage
from selfee_rt.setup.checking import Checking
from selfee_rt.setup.device_page import DevicePage
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.finding import Found, find
from selfee_rt.setup.foot import Foot
from selfee_rt.setup.live import Live
from selfee_rt.setup.look import scrolling, style_sheet
from selfee_rt.setup.network_page import NetworkPage
from selfee_rt.setup.page import Page
from selfee_rt.setup.record_page import RecordPage
from selfee_rt.setup.source_page import SourcePage
from selfee_rt.setup.writing import FILE, save, toml
from selfee_rt.view.app import application
from selfee_rt.view.theme import Theme

TICK_MS = 66
WIDTH_PX, HEIGHT_PX = 1240, 690
FORM_PX = 440
NOT_YET = "# The file appears here as soon as nothing that it needs is missing."
CHECKING = "Checking …\n\nThe source is opened, the model is run; nothing is recorded."

Check = Callable[[Path], Sequence[str]]
"""What a file means on this machine, line by line; raises what is wrong with it."""


class SetupWindow(QWidget):
    """Owns the draft; `saved` is the file that was written last, if one was."""

    def __init__(self, out: Path, found: Found, theme: Theme, check: Check) -> None:
        super().__init__()
        self.saved: Path | None = None
        self._written: str | None = None
        self.draft = Draft(out.parent)
        self.live = Live(self.draft, theme)
        self.checking = Checking(check, self.live.watcher)
        self.foot = Foot(theme, out)
        given = self.draft, found, theme
        self.source, self.arenas, self.network = SourcePage(*given), ArenaPage(*given), NetworkPage(*given)
        self.record, self.devices = RecordPage(*given), DevicePage(*given)
        self.file, self.told = _text(theme), _text(theme)
        self.tabs = QTabWidget()
        self.setWindowTitle("selfee-rt setup")
        self.setStyleSheet(style_sheet(theme))
        self._lay_out(theme)
        self._connect()
        self.changed()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)

    @property
    def pages(self) -> dict[str, Page]:
        """The pages of questions, by their titles."""
        return {
            "Source": self.source,
            "Arenas": self.arenas,
            "Model": self.network,
            "Record": self.record,
            "Devices": self.devices,
        }

    def _lay_out(self, theme: Theme) -> None:
        for name, page in self.pages.items():
            self.tabs.addTab(scrolling(page), name)
        self.tabs.addTab(self.file, "File")
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self.live)
        halves.addWidget(self.tabs)
        halves.setStretchFactor(0, 1)
        halves.setSizes([theme.px(WIDTH_PX - FORM_PX), theme.px(FORM_PX)])
        halves.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(halves, 1)
        whole.addWidget(self.foot)
        room = self.screen().availableGeometry()
        self.resize(min(theme.px(WIDTH_PX), room.width()), min(theme.px(HEIGHT_PX), room.height()))

    def _connect(self) -> None:
        picture = self.live.picture
        for each in (*(page.changed for page in self.pages.values()), self.live.seen, self.foot.named, picture.changed):
            each.connect(self.changed)
        picture.changed.connect(lambda: self.arenas.choose(picture.chosen))
        self.arenas.chosen.connect(picture.choose)
        self.arenas.removed.connect(picture.remove)
        self.foot.saved.connect(self.save)
        self.foot.check.connect(self.check)
        self.foot.finished.connect(self.close)

    # --- the draft and its file --------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something was answered: look at the right source, and say what is wrong now."""
        self.draft.folder = self.foot.path.parent
        if not self.checking.busy:
            self.live.follow()
        self.live.picture.choose(self.live.picture.chosen)
        for page in self.pages.values():
            page.refresh()
        text = self.text()
        if self.saved == self.foot.path and text == self._written:
            self.foot.tell_saved(self.saved)
        else:
            self.foot.tell(self.problems())
        if text != self.file.toPlainText():
            self.file.setPlainText(text)

    def problems(self) -> list[str]:
        """What is wrong with the draft, or with the name of the file."""
        problems = self.draft.problems()
        if self.foot.path.exists() and self.foot.path != self.saved:
            problems.append(f"file: {self.foot.path} exists and is not overwritten; choose another name")
        return problems

    def text(self) -> str:
        """The file as it would be written now."""
        try:
            return toml(self.draft.config(), self.draft.folder)
        except ConfigError:
            return NOT_YET

    def save(self) -> None:
        """Write a new file, or once more the one that was written here and that nobody has changed since."""
        path, text = self.foot.path, self.text()
        try:
            save(path, text, instead_of=self._written if path == self.saved else None)
        except ConfigError as error:
            self.foot.tell(error.problems)
            return
        self.saved, self._written = path, text
        self.foot.tell_saved(path)

    # --- checking, time and end --------------------------------------------------------------------------------------

    def check(self) -> None:
        """Check what was saved; the picture stops meanwhile, since a camera can be open only once."""
        if self.saved is not None and not self.checking.busy:
            self.live.watch(None)
            self.checking.start(self.saved)
            self._tell(CHECKING)

    def tick(self) -> None:
        """Follow the source and a check that is under way."""
        self.live.tick()
        result = self.checking.result()
        if result is not None:
            self._tell(result)
            self.live.follow()

    def _tell(self, text: str) -> None:
        self.told.setPlainText(text)
        if self.tabs.indexOf(self.told) < 0:
            self.tabs.addTab(self.told, "Check")
        self.tabs.setCurrentWidget(self.told)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go of the source; a check that is under way is waited for."""
        self._timer.stop()
        self.hide()
        self.checking.close()
        self.live.watcher.close()
        super().closeEvent(event)


def _text(theme: Theme) -> QPlainTextEdit:
    """Text to read, in letters of one width."""
    made = QPlainTextEdit()
    made.setReadOnly(True)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(theme.px(12))
    made.setFont(font)
    return made


def open_window(out: Path | None, scale: float | None, check: Check) -> tuple[QApplication, SetupWindow]:
    """Qt's application and the window, which is shown; `scale` None: as fits the screen."""
    app, theme = application(scale)
    path = (Path.cwd() / FILE if out is None else out).absolute()
    window = SetupWindow(path, find(path.parent), theme, check)
    window.show()
    return app, window
