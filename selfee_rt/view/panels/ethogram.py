"""What the animal does: a raster of labels, and the probability of each under it."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout

from selfee_rt.clock import NS_PER_S
from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel, say, text_label
from selfee_rt.view.panels.plot import Strip, at_columns, draw, fill, seconds_before, thinned
from selfee_rt.view.panels.shown import Shown, shown_time
from selfee_rt.view.sentences import clock_of
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme

HINT = "point at a bout to see what it is"
MARGIN_S = 2.0
"""Rows before the left edge that may still reach into the picture."""


class Ethogram(Panel):
    """Rolls to the left, one row per label, in the labels' own colours."""

    name: ClassVar[str] = "ethogram"
    title: ClassVar[str] = "Ethogram"

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__(theme, link, acts)
        self.readout: QLabel = text_label(theme, 0.95, look.DIM)
        self.readout.setContentsMargins(theme.px(8), theme.px(2), theme.px(8), 0)
        self._raster = Strip(theme, "", acts.sight, shows_time=False)
        self._traces = Strip(theme, "probability", acts.sight, shows_time=True)
        self._traces.setYRange(0, 1, padding=0.02)
        self._traces.getPlotItem().getAxis("left").setTicks([[(0, "0"), (0.5, "0.5"), (1, "1")]])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.readout)
        layout.addWidget(self._raster, 1)
        layout.addWidget(self._traces, 1)
        self._raster.scene().sigMouseMoved.connect(self._moved)
        self._labels: tuple[str, ...] | None = None
        self._image: Any = None
        self._lines: list[Any] = []
        self._pointed_s: float | None = None
        self._right_ns = 0
        self._shown: Shown | None = None

    def refresh(self) -> None:
        """Draw the time that is looked at, of the chosen arena."""
        model, arena = self.link.model, self.acts.arena
        labels = () if model is None else model.session.labels
        if labels != self._labels:
            self._prepare(labels, model)
        shown = None if model is None or arena is None or not labels else shown_time(model, arena, self.acts.sight)
        if model is None or arena is None or shown is None:
            say(self.readout, self._why_empty(model), look.DIM)
            return
        for strip in (self._raster, self._traces):
            strip.set_time(self.acts.sight, shown.right_ns, model.clock_s)
        if shown != self._shown:
            self._shown = shown
            self._right_ns = shown.right_ns
            rows, first = model.between(arena, shown.left_ns - round(MARGIN_S * NS_PER_S), shown.right_ns)
            self._draw_raster(rows, NS_PER_S / model.session.source.fps)
            self._draw_traces(rows, first)
            self._traces.mark_jump(shown.jumped_s)
        self._say_bout(model, arena)

    def _why_empty(self, model: Model | None) -> str:
        if model is not None and not model.session.labels:
            return "no labels: the session has neither a reference nor observe.labels"
        return self.waiting_for()

    def _prepare(self, labels: tuple[str, ...], model: Model | None) -> None:
        """Make rows and lines for these labels."""
        self._labels, self._shown = labels, None
        for strip in (self._raster, self._traces):
            strip.clear()
        colours = {} if model is None else model.colours
        ticks = [(len(labels) - place - 0.5, _key(place) + name) for place, name in enumerate(labels)]
        self._raster.getPlotItem().getAxis("left").setTicks([ticks])
        self._raster.setYRange(0, max(1, len(labels)), padding=0)
        self._image = self._raster.add_raster([QColor(0, 0, 0, 0), *(QColor(colours[name]) for name in labels)])
        self._lines = [self._traces.add_line(colours[name]) for name in labels]

    def _draw_raster(self, rows: NDArray[np.void], period_ns: float) -> None:
        span_s = self.acts.sight.span_s
        held, right_s = at_columns(rows["label_ns"], self._right_ns, period_ns, span_s)
        count = len(self._labels or ())
        label = np.where(held >= 0, rows["label"][held], -1) if len(rows) else held
        picture = np.zeros((len(held), count), np.uint8)
        known = np.flatnonzero(label >= 0)
        picture[known, count - 1 - label[known]] = label[known] + 1
        fill(self._image, picture, (right_s - span_s, 0, span_s, count))

    def _draw_traces(self, rows: NDArray[np.void], first: int) -> None:
        begins, _ = thinned(first, len(rows))
        seconds = seconds_before(rows["label_ns"][begins], self._right_ns)
        probabilities = rows["probabilities"][begins]
        for place, line in enumerate(self._lines):
            draw(line, seconds, probabilities[:, place])

    def _moved(self, position: QPointF) -> None:
        """Remember what the mouse points at; the next refresh says what it is."""
        view = self._raster.getPlotItem().getViewBox()
        point = view.mapSceneToView(position)
        inside = view.sceneBoundingRect().contains(position)
        self._pointed_s = point.x() if inside else None

    def leaveEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Point at nothing."""
        self._pointed_s = None
        super().leaveEvent(event)

    def _say_bout(self, model: Model, arena: str) -> None:
        """Name what the mouse points at."""
        if self._pointed_s is None:
            say(self.readout, f"{arena}   ·   {HINT}" if len(model.arenas) > 1 else HINT, look.DIM)
            return
        media_ns = self._right_ns + round(self._pointed_s * NS_PER_S)
        bout = model.bout_at(arena, media_ns)
        if bout is None:
            say(self.readout, "no label here", look.DIM)
            return
        length_s = (bout.stop_media_ns - bout.start_media_ns) / NS_PER_S
        began = f"began at {clock_of(model.clock_s(bout.start_media_ns))}"
        if self.acts.sight.is_live:
            began = f"began {clock_of((self._right_ns - bout.start_media_ns) / NS_PER_S)} ago"
        by = "" if bout.source == "predicted" else f"   by {bout.source}"
        where = f"exposures {bout.start_index:,} to {bout.stop_index:,}"
        say(self.readout, f"{bout.label}   {length_s:.2f} s   {began}   {where}{by}", look.TEXT)


def _key(place: int) -> str:
    """The key that teaches a label, before its name."""
    return f"{(place + 1) % 10}  " if place < 10 else ""
