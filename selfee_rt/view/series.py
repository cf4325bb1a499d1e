"""What was observed in one arena over the last half hour."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.types import Bout
from selfee_rt.view.ring import Ring
from selfee_rt.wire import ObservationMessage, RevisionMessage

KEPT_S = 1800
"""How far one can look back."""
FASTEST_HZ = 200.0
"""Beyond this frame rate one cannot look back so far."""
UNKNOWN = -1
"""In `label` and `alarm`: not known."""
RUN_S = 300
"""How far to each side the beginning and the end of a bout are looked for."""
STIMULI = ("off", "on", "after")


class Series:
    """Observations of one arena, newest last.

    Rows have `index`; `media_ns` of that exposure; `label_ns`, the time of the exposure that the label describes;
    `label` (position in the session's labels, or -1); `alarm` (1, 0 or -1); `stimulus` (position in STIMULI);
    `probabilities` (C,) and `scores` (D,) float32, nan where unknown.
    """

    def __init__(self, fps: float, labels: Sequence[str], detectors: Sequence[str]) -> None:
        self.labels = tuple(labels)
        self.detectors = tuple(detectors)
        self.latest: ObservationMessage | None = None
        self._period_ns = NS_PER_S / fps
        self._label_of = {label: position for position, label in enumerate(self.labels)}
        capacity = round(KEPT_S * min(max(fps, 1.0), FASTEST_HZ))
        self.rows = Ring(
            capacity,
            [
                ("index", np.int64),
                ("media_ns", np.int64),
                ("label_ns", np.int64),
                ("label", np.int16),
                ("alarm", np.int8),
                ("stimulus", np.int8),
                ("probabilities", np.float32, (len(self.labels),)),
                ("scores", np.float32, (len(self.detectors),)),
            ],
        )

    def push(self, message: ObservationMessage) -> None:
        """Add the newest observation."""
        behind = message.index - message.label_index if message.index is not None else 0
        self.latest = message
        self.rows.push(
            (
                message.index or 0,
                message.media_ns,
                round(message.media_ns - behind * self._period_ns),
                self._position(message.label),
                UNKNOWN if message.alarm is None else int(message.alarm),
                STIMULI.index(message.stimulus),
                self._probabilities(message.probabilities),
                tuple(_number(message.scores.get(name)) for name in self.detectors),
            )
        )

    def revise(self, message: RevisionMessage) -> None:
        """Replace what was said about an earlier exposure, where it is still kept."""
        number = self.rows.search("label_ns", message.media_ns - round(self._period_ns / 2))
        if number == self.rows.stop or abs(self.rows[number]["label_ns"] - message.media_ns) > self._period_ns / 2:
            return
        row = self.rows[number]
        row["label"] = self._position(message.label)
        row["probabilities"] = self._probabilities(message.probabilities)

    def last(self, seconds: float) -> NDArray[np.void]:
        """Copy of the rows of the last `seconds` of media time, oldest first; the newest one is always among them."""
        if self.latest is None:
            return self.rows.slice(self.rows.stop)
        first = self.rows.search("media_ns", self.latest.media_ns - round(seconds * NS_PER_S))
        return self.rows.slice(min(first, self.rows.stop - 1))

    def run_at(self, arena: str, media_ns: int) -> Bout | None:
        """The uninterrupted run of one label that holds an instant, as a bout; None: there is none.

        One that goes on for longer than RUN_S to either side is cut off there.
        """
        reach_ns = round(RUN_S * NS_PER_S)
        first = self.rows.search("label_ns", media_ns - reach_ns)
        rows = self.rows.slice(first, self.rows.search("label_ns", media_ns + reach_ns))
        at = int(np.searchsorted(rows["label_ns"], media_ns, side="right")) - 1
        if at < 0 or rows["label"][at] == UNKNOWN:
            return None
        others = np.flatnonzero(rows["label"] != rows["label"][at])
        place = int(np.searchsorted(others, at))
        start = 0 if place == 0 else int(others[place - 1]) + 1
        stop = len(rows) - 1 if place == len(others) else int(others[place]) - 1
        return Bout(
            arena,
            self.labels[rows["label"][at]],
            int(rows["index"][start]),
            int(rows["index"][stop]),
            int(rows["label_ns"][start]),
            int(rows["label_ns"][stop]),
        )

    def _position(self, label: str | None) -> int:
        return UNKNOWN if label is None else self._label_of.get(label, UNKNOWN)

    def _probabilities(self, values: Sequence[float | None] | None) -> tuple[float, ...]:
        if values is None or len(values) != len(self.labels):
            return (np.nan,) * len(self.labels)
        return tuple(map(_number, values))


def _number(value: float | None) -> float:
    return np.nan if value is None else value
