"""How strange it is: the score, the threshold that can be dragged, and the alarms."""

from typing import Any, ClassVar

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QMouseEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.asking import Asked
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel, say, text_label
from selfee_rt.view.panels.plot import Strip, draw, fill, in_columns, pen, seconds_before, thinned
from selfee_rt.view.panels.shown import Shown, shown_time
from selfee_rt.view.panels.span import Span
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

TELLS_S = 2.5
"""After its answer, a threshold is shown as asked until a status has had time to tell it."""
STRIP = 0.05
"""Part of the height in which alarms are marked."""


class Anomaly(Panel):
    """One detector's score in the chosen arena; alarms are marked along the top, whichever detector raised them."""

    name: ClassVar[str] = "anomaly"
    title: ClassVar[str] = "Anomaly"

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__(theme, link, acts)
        self.readout: QLabel = text_label(theme, 0.95, look.DIM)
        self.readout.setContentsMargins(theme.px(8), theme.px(2), theme.px(8), 0)
        self._strip = Strip(theme, "score", acts.sight, shows_time=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.readout)
        layout.addWidget(self._strip, 1)
        self._line = self._strip.add_line(look.ACCENT)
        self._alarms = self._strip.add_raster([QColor(0, 0, 0, 0), QColor(look.ALARM)])
        self.threshold: Any = pyqtgraph.InfiniteLine(angle=0, movable=True, pen=self._pen(look.WARNING))
        self.threshold.setHoverPen(self._pen(look.TEXT))
        self.threshold.sigDragged.connect(self._dragged)
        self.threshold.sigPositionChangeFinished.connect(self._dropped)
        self._strip.addItem(self.threshold)
        self._strip.mouseDoubleClickEvent = self._double_clicked
        self._dragging = False
        self._asked: Asked | None = None
        self._wanted: float | None = None
        self._span = Span()
        self._shown: tuple[str, str] | None = None
        self._time: Shown | None = None
        self._threshold_shown: float | None = None
        self._score = np.nan

    def _pen(self, colour: str, *, dashed: bool = False) -> QPen:
        """For the threshold, which can be seen from across the room too."""
        return pen(colour, dashed=dashed, width_px=self.theme.px(1))

    def refresh(self) -> None:
        """Draw the time that is looked at, of the chosen detector in the chosen arena."""
        model, arena, detector = self.link.model, self.acts.arena, self.acts.detector
        shown = None if model is None or arena is None else shown_time(model, arena, self.acts.sight)
        if model is None or arena is None or detector is None or shown is None:
            self._say_why_empty(model)
            return
        if self._shown != (arena, detector):
            self._shown, self._time = (arena, detector), None
            self._span = Span()
        self._strip.set_time(self.acts.sight, shown.right_ns, model.clock_s)
        column = [each.name for each in model.session.detectors].index(detector)
        threshold = self._threshold(model, detector)
        if shown != self._time or self._threshold_shown != threshold:
            self._time, self._threshold_shown = shown, threshold
            rows, first = model.between(arena, shown.left_ns, shown.right_ns)
            seconds, scores = _thin(rows, first, column, shown.right_ns)
            self._scale(scores, threshold)
            draw(self._line, seconds, scores)
            self._strip.mark_jump(shown.jumped_s)
            self._draw_alarms(rows, NS_PER_S / model.session.source.fps, shown.right_ns)
            self._score = _score_at(rows, column, shown.at_ns)
        self._say(model, detector, self._score, threshold)

    def _say_why_empty(self, model: Model | None) -> None:
        self.threshold.setVisible(False)
        nothing = model is not None and not model.session.detectors
        say(self.readout, "the session has no anomaly detector" if nothing else self.waiting_for(), look.DIM)

    def _threshold(self, model: Model, detector: str) -> float | None:
        """The threshold to show: where it is dragged to, what was asked for, or what the session says; move the line.

        It is dashed until the session has answered.
        """
        told = model.thresholds.get(detector)
        if self._dragging:
            return float(self.threshold.value())
        if self._asked is not None and self._is_over(self._asked, told):
            self._asked = None
        shown = told if self._asked is None else self._wanted
        self.threshold.setVisible(shown is not None)
        if shown is not None and self.threshold.value() != shown:
            self.threshold.setValue(shown)
        waits = self._asked is not None and self._asked.state == "pending"
        self.threshold.setPen(self._pen(look.WARNING, dashed=waits))
        return shown

    def _is_over(self, asked: Asked, told: float | None) -> bool:
        """Whether what was asked for needs no showing any more: refused, told by a status, or long enough ago."""
        if asked.answer is None:
            return False
        if not asked.answer.ok or told == self._wanted:
            return True
        return now_ns() - asked.answer.at_ns > TELLS_S * NS_PER_S

    def _scale(self, scores: NDArray[np.float32], threshold: float | None) -> None:
        """Fit the axis, rarely: it moves only when something does not fit, or fills too little of it."""
        if self._dragging:
            return
        limits = self._span.fit(scores, threshold)
        if limits is not None:
            self._strip.getPlotItem().getAxis("left").setTicks(None)  # as pyqtgraph finds them
            self._strip.setYRange(*limits, padding=0)

    def _draw_alarms(self, rows: NDArray[np.void], period_ns: float, right_ns: int) -> None:
        span_s = self.acts.sight.span_s
        marked, right_s = in_columns(rows["media_ns"][rows["alarm"] == 1], right_ns, period_ns, span_s)
        (_, (low, high)) = self._strip.viewRange()
        height = STRIP * (high - low)
        fill(self._alarms, marked[:, np.newaxis], (right_s - span_s, high - height, span_s, height))

    def _say(self, model: Model, detector: str, score: float, threshold: float | None) -> None:
        several = len(model.session.detectors) > 1
        words = [detector + ("  (S: the next one)" if several else "")]
        if len(model.arenas) > 1:
            words.insert(0, str(self.acts.arena))
        unknown = "warming up" if self.acts.sight.is_live else "no score"
        words.append(unknown if np.isnan(score) else f"score {score:+.3f}")
        words.append("no threshold: double-click to set one" if threshold is None else f"alarm above {threshold:+.3f}")
        words += _promised(model, detector, threshold)
        if self._asked is not None:
            words.append("asked …" if self._asked.answer is None else "set")
        alarmed = threshold is not None and score > threshold
        say(self.readout, "   ".join(words), look.ALARM if alarmed else look.TEXT)

    # --- by hand -----------------------------------------------------------------------------------------------------

    def _dragged(self) -> None:
        self._dragging = True

    def _dropped(self) -> None:
        """Ask for the threshold where the line was let go."""
        if self._dragging:
            self._dragging = False
            self.ask(float(self.threshold.value()))

    def _double_clicked(self, event: QMouseEvent) -> None:
        """Set the threshold of a detector that has none."""
        if not self.threshold.isVisible():
            view = self._strip.getPlotItem().getViewBox()
            self.ask(float(view.mapSceneToView(event.position()).y()))

    def ask(self, threshold: float) -> None:
        """Ask the session for another threshold of the detector that is shown."""
        if self._shown is not None:
            self._wanted = threshold
            self._asked = self.acts.set_threshold(self._shown[1], threshold)


def _score_at(rows: NDArray[np.void], column: int, at_ns: int) -> float:
    """The score that holds at an instant; nan where none does."""
    number = int(np.searchsorted(rows["media_ns"], at_ns, side="right")) - 1
    return float(rows["scores"][number, column]) if number >= 0 else np.nan


def _thin(
    rows: NDArray[np.void], first: int, column: int, right_ns: int
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Seconds and scores of one detector, in few points; of each group the highest, so that no alarm is left out."""
    begins, _ = thinned(first, len(rows))
    scores = rows["scores"][:, column]
    if not begins.size:
        return np.zeros(0), scores[:0]
    highest = np.fmax.reduceat(scores, begins)
    return seconds_before(rows["media_ns"][begins], right_ns), highest


def _promised(model: Model, detector: str, threshold: float | None) -> tuple[str, ...]:
    """The false alarms that go with the threshold, where it is still the one that they were promised for."""
    summary = next(each for each in model.session.detectors if each.name == detector)
    rate = summary.false_alarms
    if rate is None or threshold != summary.threshold:
        return ()
    return (f"promised: {rate.per_hour:.2g} false alarms/h ({rate.low_per_hour:.2g} to {rate.high_per_hour:.2g})",)
