"""Time of a session that is over, to be dragged."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from selfee_rt.view.acts import Acts
from selfee_rt.view.panels.panel import say, text_label
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

STEPS = 100_000


class Slider(QWidget):
    """From the first exposure to the last."""

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__()
        self._link, self._acts = link, acts
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.setMinimumWidth(theme.px(320))
        self.slider.sliderMoved.connect(self._moved)
        self._end = text_label(theme)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.px(10), 0, theme.px(10), 0)
        line.addWidget(self.slider, 1)
        line.addWidget(self._end)

    def refresh(self) -> None:
        """Follow what is looked at."""
        extent, model, at_ns = self._extent(), self._link.model, self._acts.sight.at_ns
        if extent is None or model is None or at_ns is None:
            return
        oldest_ns, newest_ns = extent
        say(self._end, clock_of(model.clock_s(newest_ns)))
        if not self.slider.isSliderDown():
            self.slider.setValue(round(STEPS * (at_ns - oldest_ns) / max(1, newest_ns - oldest_ns)))

    def _moved(self, value: int) -> None:
        extent = self._extent()
        if extent is not None:
            self._acts.sight.go(extent[0] + (extent[1] - extent[0]) * value // STEPS)

    def _extent(self) -> tuple[int, int] | None:
        model, arena = self._link.model, self._acts.arena
        return None if model is None or arena is None else model.extent(arena)
