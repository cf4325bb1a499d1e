"""The left half of the window: the chosen source's picture, and a line about it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.config import SourceConfig
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.look import words
from selfee_rt.setup.picture import Picture
from selfee_rt.setup.watching import Sight, Watcher
from selfee_rt.view import theme as look
from selfee_rt.view.panels.panel import say
from selfee_rt.view.theme import Theme

NO_SOURCE = "Choose a camera or a file on the right; its picture appears here."
OPENING = "Opening the source …"
WAITING = "The source is open; waiting for its first picture …"
STALE_S = 2.0
"""A picture that is older is no longer live."""


class Live(QWidget):
    """Looks at the draft's source; tells the draft what the source says of itself."""

    seen = Signal()
    """The source was opened: the size of its picture and its rate are known now."""

    def __init__(self, draft: Draft, theme: Theme) -> None:
        super().__init__()
        self.watcher = Watcher()
        self.picture = Picture(draft, theme)
        self.below = words("", look.DIM)
        self._draft = draft
        self._shown = Sight()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(theme.px(10), theme.px(10), 0, 0)
        rows.addWidget(self.picture, 1)
        rows.addWidget(self.below)

    def follow(self) -> None:
        """Look at the draft's source if it is another one than before."""
        wanted = self._draft.source_config() if self._draft.source else None
        if wanted != self.watcher.sight.wanted:
            self.watch(wanted)

    def watch(self, source: SourceConfig | None) -> None:
        """Look at this source; None: let go of the one that is open."""
        self.watcher.watch(source)
        self.picture.show_image(None)

    def tick(self) -> None:
        """Show what has arrived since the last time."""
        sight, before = self.watcher.sight, self._shown
        self._shown = sight
        if sight.info is not None and sight.info is not before.info:
            self._draft.seen = sight.info
            self.seen.emit()
        if sight.number != before.number:
            self.picture.show_image(sight.image)
        self._say(sight)

    def _say(self, sight: Sight) -> None:
        text = self._instead(sight)
        if text != self.picture.says:
            self.picture.says = text
            self.picture.update()
        info = sight.info
        rate = "" if info is None else f"{info.width_px} x {info.height_px} pixels at {info.fps:.4g} frames/s"
        age_s = (now_ns() - sight.arrived_ns) / NS_PER_S
        stale = sight.image is not None and age_s > STALE_S
        say(self.below, f"{rate} · no picture for {age_s:.0f} s" if stale else rate, look.ALARM if stale else look.DIM)

    def _instead(self, sight: Sight) -> str:
        """What stands where the picture should be; empty where there is one."""
        if sight.problem is not None:
            return sight.problem
        if not self._draft.source:
            return NO_SOURCE
        if sight.image is not None or sight.wanted is None:
            return ""
        return OPENING if sight.info is None else WAITING
