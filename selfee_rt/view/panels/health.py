"""Whether the rig is healthy."""

from typing import ClassVar

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from selfee_rt.types import StageStatus
from selfee_rt.view import theme as look
from selfee_rt.view.acts import Acts
from selfee_rt.view.model import Model
from selfee_rt.view.panels.panel import Panel, say, text_label
from selfee_rt.view.panels.plot import pen
from selfee_rt.view.situation import situation
from selfee_rt.view.source import Source
from selfee_rt.view.theme import Theme
from selfee_rt.wire import StatusMessage
from selfee_rt.wire.hops import EXPECTED_LOSSES, HOPS

COLUMNS = ("hop", "p50 ms", "p99 ms", "max ms", "lost", "p99, ten minutes")
LAST = len(COLUMNS) - 1
MOST_ROWS = 40
"""More stages than any session has; others are not shown."""
FEW_HOURS = 2.0
"""Less room on the disk is a warning."""
ARRIVALS = ("acquire", "total")
"""Latencies that mean something only where the input is paced."""


class Trend(QWidget):
    """A small history, without an axis: the numbers beside it say how large it is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setMinimumSize(theme.px(60), theme.px(12))
        self._values: list[float] = []

    def show_values(self, values: list[float]) -> None:
        """Draw these, oldest first."""
        self._values = values
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """One line from the left edge to the right, 0 at the bottom."""
        if len(self._values) < 2:
            return
        top = max(self._values) or 1.0
        width, height = self.width() / (len(self._values) - 1), self.height() - 2
        points = [QPointF(x * width, 1 + height * (1 - value / top)) for x, value in enumerate(self._values)]
        painter = QPainter(self)
        painter.setPen(pen(look.DIM))
        painter.drawPolyline(QPolygonF(points))


class Health(Panel):
    """Rates, losses, drift and recording in words; latencies by hop in a table; looked at four times a second."""

    name: ClassVar[str] = "health"
    title: ClassVar[str] = "Health"
    every: ClassVar[int] = 8

    def __init__(self, theme: Theme, link: Source, acts: Acts) -> None:
        super().__init__(theme, link, acts)
        self.age = text_label(theme, 2.2, look.ALARM, bold=True)
        self.rates, self.losses, self.recording, self.drift, self.wire = (text_label(theme) for _ in range(5))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(6))
        layout.setSpacing(theme.px(2))
        for label in (self.age, self.rates, self.losses, self.recording, self.drift, self.wire):
            label.setWordWrap(True)
            layout.addWidget(label)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, theme.px(6), 0, 0)
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(theme.px(1))
        self._grid.setColumnStretch(LAST, 1)
        layout.addLayout(self._grid)
        layout.addStretch(1)
        self._status: StatusMessage | None = None
        self._cells: dict[tuple[str, int], QLabel] = {}
        self._trends: dict[str, Trend] = {}
        self._make_row("", COLUMNS, look.DIM)
        self._show_row("", shown=False)
        for stage in HOPS:
            self._make_row(stage, (HOPS[stage], "", "", "", ""), look.TEXT)
            self._show_row(stage, shown=False)

    def _make_row(self, stage: str, texts: tuple[str, ...], colour: str) -> None:
        row = self._grid.rowCount()
        for column, text in enumerate(texts):
            cell = text_label(self.theme, 0.92, colour)
            cell.setText(text)
            if column not in (0, LAST):
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(cell, row, column)
            self._cells[stage, column] = cell
        if stage:
            self._trends[stage] = Trend(self.theme)
            self._grid.addWidget(self._trends[stage], row, LAST)

    def _show_row(self, stage: str, *, shown: bool) -> None:
        for column in range(LAST):
            self._cells[stage, column].setVisible(shown)
        last = self._trends[stage] if stage else self._cells[stage, LAST]
        last.setVisible(shown)

    def refresh(self) -> None:
        """Say how it goes."""
        model = self.link.model
        self._say_age()
        self._say_wire(model)
        if model is None or model.status is None:
            say(self.rates, self.waiting_for() if model is None else "waiting for the first status", look.DIM)
            return
        if self.age.isVisibleTo(self):
            say(self.recording, "whether it still records is not known", look.WARNING)
            self._status = None
            return
        if model.status is self._status:
            return
        self._status = model.status
        self._say_rates(model)
        self._say_losses(model)
        self._say_recording(model)
        self._say_drift(model)
        self._show_row("", shown=True)
        for stage in model.vitals.stages:
            self._say_hop(model, stage)

    def _say_age(self) -> None:
        """How long nothing has been heard, in large type, where that is longer than it should be."""
        now = situation(self.link)
        said = now.alarm if now.word == "silent" else ""
        say(self.age, said)
        self.age.setVisible(bool(said))

    def _say_wire(self, model: Model | None) -> None:
        """What this window could not read or was too slow for."""
        heard = self.link.heard
        words = []
        if model is not None and model.missed.total:
            words.append(f"this window missed {model.missed.total:,} messages")
        if heard.newer:
            count = sum(heard.newer.values())
            words.append(f"{count:,} messages of a newer version ({', '.join(heard.newer)}): update selfee-rt here")
        if heard.n_garbage:
            words.append(f"{heard.n_garbage:,} unreadable messages (last: {heard.garbage[:80]})")
        say(self.wire, "; ".join(words), look.WARNING)
        self.wire.setVisible(bool(words))

    def _say_rates(self, model: Model) -> None:
        status, rate = model.status, model.vitals.fps_in
        assert status is not None
        if self.link.is_over:
            say(self.rates, f"camera {model.session.source.fps:.4g} fps     {_lookahead(model)}", look.TEXT)
            return
        arrived = "…" if rate is None else f"{rate:.1f}"
        observed = "…" if status.fps is None else f"{status.fps:.1f}"
        say(self.rates, f"in {arrived} fps     observed {observed} fps     {_lookahead(model)}", look.TEXT)

    def _say_losses(self, model: Model) -> None:
        status = model.status
        assert status is not None
        lost = {hop: count for hop, count in sorted(status.losses.items()) if count}
        words = ", ".join(f"{hop} {count:,}" for hop, count in lost.items()) or "none"
        worrying = any(hop not in EXPECTED_LOSSES for hop in lost)
        text = f"observed {status.n_observed:,} of {status.n_exposures:,}     lost: {words}"
        say(self.losses, text, look.WARNING if worrying else look.TEXT)

    def _say_recording(self, model: Model) -> None:
        failed, status = model.vitals.recording_failed, model.status
        assert status is not None
        if self.link.is_over and failed is None:
            say(self.recording, "")
        elif failed is not None:
            say(self.recording, f"RECORDING FAILED: {failed}", look.ALARM)
        else:
            said = "video is being recorded" if status.recording else "no video is being recorded; the log goes on"
            short = status.disk is not None and (status.disk.hours_left or FEW_HOURS) < FEW_HOURS
            calm = status.recording and not short
            say(self.recording, f"{said}{_room(status)}", look.TEXT if calm else look.WARNING)

    def _say_drift(self, model: Model) -> None:
        assert model.status is not None
        words = [
            f"{arena}: {each.statistic} {each.value:.3g} (was {each.expected:.3g})"
            for arena, drifts in model.status.drift.items()
            for each in drifts
        ]
        say(self.drift, f"drift: {'; '.join(words)}", look.WARNING)
        self.drift.setVisible(bool(words))

    def _say_hop(self, model: Model, stage: StageStatus) -> None:
        """One row of the table; a stage that has no latency yet has none."""
        if (stage.name, 0) not in self._cells:
            if len(self._trends) == MOST_ROWS:
                return
            self._make_row(stage.name, (stage.name, "", "", "", ""), look.TEXT)
        self._show_row(stage.name, shown=stage.max_ms is not None or bool(stage.error))
        timed = model.session.source.paced or stage.name not in ARRIVALS
        for column, value in enumerate((stage.p50_ms, stage.p99_ms, stage.max_ms), start=1):
            say(self._cells[stage.name, column], "-" if value is None or not timed else f"{value:.1f}")
        say(self._cells[stage.name, 4], f"{stage.n_lost:,}" if stage.n_lost else "", look.WARNING)
        say(self._cells[stage.name, 0], HOPS.get(stage.name, stage.name), look.ALARM if stage.error else look.TEXT)
        history = [each for each in model.vitals.latencies_ms(stage.name) if each is not None]
        self._trends[stage.name].show_values(history if timed else [])


def _lookahead(model: Model) -> str:
    return f"lookahead {model.session.lookahead_ms:.0f} ms"


def _room(status: StatusMessage) -> str:
    """How long the disk will do, and the fullest of the session's queues."""
    words = ""
    if status.disk is not None:
        hours = status.disk.hours_left
        words = f"     disk {status.disk.free_gb:,.0f} GB" + ("" if hours is None else f": {hours:,.0f} h")
    if status.queues:
        name, fullest = max(status.queues.items(), key=lambda item: item[1].waiting / item[1].capacity)
        words += f"     fullest queue: {name} {fullest.waiting / fullest.capacity:.0%}"
    return words
