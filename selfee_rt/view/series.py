"""What was observed in one arena over the last half hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
HOLDS_S = 0.5
"""How long an observation says what happens, where no other follows."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was observed in one arena at one exposure."""

    label: str | None
    alarm: bool
    stimulus: str


class Series:
    """Observations of one arena, newest last.

    Rows have `index`; `media_ns` of that exposure; `label_ns`, the time of the exposure that the label describes;
    `label` (position in the session's labels, or -1); `alarm` (1, 0 or -1); `stimulus` (position in STIMULI);
    `probabilities` (C,) and `scores` (D,) float32, nan where unknown.
    """

    def __init__(
        self, fps: float, labels: Sequence[str], detectors: Sequence[str], most_rows: int | None = None
    ) -> None:
        self.labels = tuple(labels)
        self.detectors = tuple(detectors)
        self.latest: ObservationMessage | None = None
        self._period_ns = NS_PER_S / fps
        self._label_of = {label: position for position, label in enumerate(self.labels)}
        capacity = round(KEPT_S * min(max(fps, 1.0), FASTEST_HZ)) if most_rows is None else max(1, most_rows)
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
        self.latest = message
        self.rows.push(self._row(message))

    def clear(self) -> None:
        """Forget everything."""
        self.latest = None
        self.rows = Ring(self.rows.capacity, self.rows.dtype)

    def is_older(self, message: ObservationMessage) -> bool:
        """Whether its time lies before the newest's: the camera's clock has jumped back."""
        return self.latest is not None and message.media_ns < self.latest.media_ns

    def prepend(self, messages: Sequence[ObservationMessage]) -> list[ObservationMessage]:
        """Put observations before those that are kept, oldest first; return those that there was room for.

        Those before a jump of the camera's clock are left out.
        """
        oldest, oldest_ns = self.oldest_index, None if self.extent is None else self.extent[0]
        before: list[ObservationMessage] = []
        for each in reversed(messages):
            if oldest is not None and (each.index or 0) >= oldest:
                continue
            if oldest_ns is not None and each.media_ns >= oldest_ns:
                break
            before.append(each)
            oldest, oldest_ns = each.index or 0, each.media_ns
        before.reverse()
        added = self.rows.prepend(np.array([self._row(each) for each in before], self.rows.dtype))
        return before[len(before) - added :]

    def time_of(self, index: int) -> int | None:
        """When an exposure was, in media_ns, where one near it is kept; None: none is, or it is older than all."""
        if not self.rows.stop or index < self.rows[self.rows.start]["index"]:
            return None
        row = self.rows[max(self.rows.search("index", index + 1) - 1, self.rows.start)]
        return int(row["media_ns"] + round((index - row["index"]) * self._period_ns))

    @property
    def oldest_index(self) -> int | None:
        """The oldest exposure that is kept; None: there is none."""
        return int(self.rows[self.rows.start]["index"]) if self.rows.stop else None

    @property
    def extent(self) -> tuple[int, int] | None:
        """Times of the oldest and the newest exposure that are kept, media_ns; None: there is none."""
        if not self.rows.stop:
            return None
        oldest, newest = self.rows[self.rows.start], self.rows[self.rows.stop - 1]
        return int(oldest["media_ns"]), int(newest["media_ns"])

    def _row(self, message: ObservationMessage) -> tuple[Any, ...]:
        behind = message.index - message.label_index if message.index is not None else 0
        return (
            message.index or 0,
            message.media_ns,
            round(message.media_ns - behind * self._period_ns),
            self._position(message.label),
            UNKNOWN if message.alarm is None else int(message.alarm),
            STIMULI.index(message.stimulus),
            self._probabilities(message.probabilities),
            tuple(_number(message.scores.get(name)) for name in self.detectors),
        )

    def revise(self, message: RevisionMessage) -> None:
        """Replace what was said about an earlier exposure, where it is still kept."""
        number = self.rows.search("label_ns", message.media_ns - round(self._period_ns / 2))
        if number == self.rows.stop or abs(self.rows[number]["label_ns"] - message.media_ns) > self._period_ns / 2:
            return
        row = self.rows[number]
        row["label"] = self._position(message.label)
        row["probabilities"] = self._probabilities(message.probabilities)

    def between(self, left_ns: int, right_ns: int) -> tuple[NDArray[np.void], int]:
        """Copy of the rows of a time, media_ns and inclusive, oldest first; and the number of the first of them."""
        first, stop = self.rows.search("media_ns", left_ns), self.rows.search("media_ns", right_ns + 1)
        return self.rows.slice(first, stop), first

    def seen_at(self, media_ns: int) -> Seen | None:
        """What was observed at an instant, or at the exposure before it; None: nothing around it."""
        number = self.rows.search("media_ns", media_ns + 1) - 1
        if number < self.rows.start or media_ns - self.rows[number]["media_ns"] > HOLDS_S * NS_PER_S:
            return None
        row = self.rows[number]
        label = None if row["label"] == UNKNOWN else self.labels[row["label"]]
        return Seen(label, bool(row["alarm"] == 1), STIMULI[row["stimulus"]])

    def index_at(self, media_ns: int) -> int | None:
        """The last exposure up to an instant; None: none that is kept."""
        number = self.rows.search("media_ns", media_ns + 1) - 1
        return None if number < self.rows.start else int(self.rows[number]["index"])

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
