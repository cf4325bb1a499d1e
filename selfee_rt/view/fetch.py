"""What happened before the window was opened: asked for page by page, newest first."""

import msgspec

from selfee_rt.view.asking import Asked
from selfee_rt.view.model import Model
from selfee_rt.view.recall import Recall
from selfee_rt.view.source import Source
from selfee_rt.wire import History

PAGE = 1000
"""Exposures asked for at once: half a megabyte, which the session makes in a few hundredths of a second."""
MOST_BOUTS = 5000
WANTED_HZ = 30.0
"""Of faster sessions only every n-th exposure is fetched."""


class Fetch:
    """Fills the model of each session that the link meets; told to go on by the window."""

    def __init__(self, link: Source) -> None:
        self._link = link
        self._model: Model | None = None
        self._asked: Asked | None = None
        self._recalls: list[Recall] = []
        self.failed = ""
        """Why it could not be had; empty: it was, or is under way."""

    def tick(self) -> None:
        """Go on, if an answer has come or a session has begun."""
        model = self._link.model
        if model is not self._model and model is not None and model.oldest_index is not None:
            self._begin(model)
        asked = self._asked
        if self._model is not None and asked is not None and asked.answer is not None:
            self._asked = None
            if asked.answer.ok:
                self._take(self._model, asked)
            else:
                self._fail(self._model, asked.answer.error)

    def _take(self, model: Model, asked: Asked) -> None:
        assert asked.answer is not None
        try:
            history = msgspec.convert(asked.answer.result, History)
        except msgspec.ValidationError as error:
            self._fail(model, f"what the session answered is no history: {error}")
            return
        added = model.prepend(history)
        first = history.observations[0].index if added else None
        if first is not None and history.oldest_index is not None and first > history.oldest_index:
            self._ask(model, 0)
        else:
            self._recall_from_folder(model)

    def close(self) -> None:
        """Wait for what is being read."""
        for each in self._recalls:
            each.close()

    def _begin(self, model: Model) -> None:
        """Another session: ask for its past, where it can be asked."""
        self._model, self._asked, self.failed = model, None, ""
        if self._link.is_over:
            return
        if self._link.deaf:
            self._fail(model, self._link.deaf)
        else:
            self._ask(model, MOST_BOUTS)

    def _fail(self, model: Model, why: str) -> None:
        self.failed = why
        self._recall_from_folder(model)

    def _recall_from_folder(self, model: Model) -> None:
        """What a session does not say of its past stands in its folder; losses are placed by what was observed."""
        self._recalls = [*(each for each in self._recalls if each.is_reading), Recall(model)]

    def _ask(self, model: Model, bouts: int) -> None:
        every = max(1, round(model.session.source.fps / WANTED_HZ))
        before = model.oldest_index
        arguments = {"observations": PAGE, "bouts": bouts, "before_index": before, "every": every}
        self._asked = self._link.ask("history", arguments, "what was before")
