"""Where the animal is and was on the chart: what came over the wire, else what the session folder has."""

from pathlib import Path

import numpy as np

from selfee_rt.clock import NS_PER_S
from selfee_rt.view.chart import Chart, Floats
from selfee_rt.view.model import Model
from selfee_rt.view.ring import Ring
from selfee_rt.view.trail import READING, Trail

TAIL_S = 3.0
KEPT = 18_000
"""Places of each arena that came over the wire: half an hour, ten a second."""
SEEN = [("media_ns", np.int64), ("place", np.float32, (2,))]
NO_PLACES = np.zeros((0, 2), np.float32)


class Whereabouts:
    """Of one session on one chart; `close` ends its thread."""

    def __init__(self, model: Model, chart: Chart, *, is_over: bool) -> None:
        self.chart = chart
        self._model, self._is_over = model, is_over
        self._seen: dict[str, Ring] = {}
        self._trail: Trail | None = None

    def close(self) -> None:
        """End the thread, if there is one."""
        if self._trail is not None:
            self._trail.close()

    def see(self, arena: str, media_ns: int, vector: Floats) -> None:
        """An embedding (D,) came; what came before it and has a later time is forgotten: the camera's clock jumped."""
        seen = self._seen.setdefault(arena, Ring(KEPT, SEEN))
        newest_ns = seen[seen.stop - 1]["media_ns"] if seen.stop else -1
        if len(vector) != len(self.chart.mean) or media_ns == newest_ns:
            return
        if media_ns < newest_ns:
            seen = self._seen[arena] = Ring(KEPT, SEEN)
        seen.push((media_ns, self.chart.place(vector)))

    def now(self, arena: str) -> Floats:
        """Places of the last seconds, (N, 2), newest last."""
        seen = self._seen.get(arena)
        return NO_PLACES if seen is None or not seen.stop else self._came(arena, seen[seen.stop - 1]["media_ns"])

    def at(self, arena: str, at_ns: int) -> tuple[Floats, str]:
        """Places of the seconds up to a moment, (N, 2), newest last; and why there are none, as a sentence."""
        rows, _ = self._model.between(arena, at_ns - round(TAIL_S * NS_PER_S), at_ns)
        if not len(rows):
            return NO_PLACES, "nothing was observed then"
        if self._trail is None:
            self._trail = self._open()
        if self._trail is None:
            return self._came(arena, at_ns), "the session does not say where its folder is"
        found, why = self._trail.between(arena, int(rows["index"][0]), int(rows["index"][-1]))
        if len(found.index) or why == READING:
            return found.places, why
        return self._came(arena, at_ns), why

    def _open(self) -> Trail | None:
        session = self._model.session
        if session.folder is None:
            return None
        return Trail(Path(session.folder), session.session_id, self.chart, grows=not self._is_over)

    def _came(self, arena: str, at_ns: int) -> Floats:
        """What came over the wire in the seconds up to a moment."""
        seen = self._seen.get(arena)
        if seen is None:
            return NO_PLACES
        first = seen.search("media_ns", at_ns - round(TAIL_S * NS_PER_S))
        places: Floats = seen.slice(first, seen.search("media_ns", at_ns + 1))["place"]
        return places
