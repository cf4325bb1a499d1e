"""Where the chart of a session comes from: its reference, read aside, else what it stored or says first."""

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.view.chart import Chart, chart_of, chart_of_reference, chart_of_stored
from selfee_rt.view.model import Model

EVERY_S = 0.5
ENOUGH = 240
"""Embeddings that a chart without a reference is made of: two minutes."""


class Charting:
    """Makes the chart of one session; `close` waits for what is being read."""

    def __init__(self, model: Model, *, is_over: bool = False) -> None:
        self.chart: Chart | None = None
        self.why = "reading the reference …"
        """Why there is no chart yet."""
        self._model, self._is_over = model, is_over
        self._vectors: list[NDArray[np.float32]] = []
        self._labels: list[int] = []
        self._taken_ns: int | None = None
        self._no_reference = ""
        self._thread = threading.Thread(target=self._read, name="selfee-rt view chart")
        self._thread.start()

    def close(self) -> None:
        """Wait for the thread."""
        self._thread.join()

    def take(self, vector: NDArray[np.float32], media_ns: int, label: str | None) -> None:
        """An embedding came; where there is no reference, the first ones make the chart."""
        if self.chart is not None or not self._no_reference:
            return
        if self._taken_ns is not None and abs(media_ns - self._taken_ns) < EVERY_S * NS_PER_S:
            return
        self._taken_ns = media_ns
        names = self._model.session.labels
        self._vectors.append(vector)
        self._labels.append(names.index(label) if label in names else -1)
        self.why = f"{self._no_reference}; collecting the first embeddings instead, {len(self._vectors)} of {ENOUGH}"
        if len(self._vectors) == ENOUGH:
            vectors = np.array(self._vectors)
            says = f"the first {ENOUGH * EVERY_S:.0f} s seen here, since {self._no_reference}"
            self.chart = chart_of(says, vectors, np.array(self._labels), names, vectors.mean(axis=0), None)
            self._vectors.clear()

    def _read(self) -> None:
        found = self._found()
        if isinstance(found, str):
            self._no_reference = self.why = found
            if not self._is_over and not self._model.session.embeddings:
                self.why = f"{found}, and the session publishes no embeddings"
        else:
            self.chart = found

    def _found(self) -> Chart | str:
        """The chart that files give, or why they give none."""
        session = self._model.session
        if session.folder is None:
            return "the session does not say where its folder is"
        folder = Path(session.folder)
        found = chart_of_reference(folder, session.model.model_id)
        if isinstance(found, str) and self._is_over:
            return chart_of_stored(folder, session.labels, found)
        return found
