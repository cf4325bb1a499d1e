"""Bouts: uninterrupted runs of one label."""

from dataclasses import dataclass

from selfee_rt.types import Bout


@dataclass(slots=True)
class _Open:
    label: str
    start_index: int
    start_media_ns: int
    stop_index: int
    stop_media_ns: int


class BoutTracker:
    """Joins the labels of one arena into bouts and returns each when it has ended.

    A bout ends with another label, with an unknown one (None), or where the index steps by more than
    `max_gap_exposures`; smaller holes between two equal labels are bridged. It covers the exposures from its first
    to its last label, both inclusive; if those are fewer than `min_exposures` it is not reported.

    >>> tracker = BoutTracker("left", min_exposures=2)
    >>> [tracker.push(label, i, 40 * i) for i, label in enumerate(("chasing", "chasing", "still"))][-1]
    Bout(arena='left', label='chasing', start_index=0, stop_index=1, start_media_ns=0, stop_media_ns=40, \
source='predicted')
    >>> tracker.finish() is None
    True
    """

    def __init__(self, arena: str, *, min_exposures: int, max_gap_exposures: int = 8) -> None:
        if min_exposures < 1 or max_gap_exposures < 1:
            raise ValueError(
                f"bouts of {min_exposures} exposures with steps of {max_gap_exposures}; expected at least 1"
            )
        self._arena = arena
        self._min_exposures = min_exposures
        self._max_gap_exposures = max_gap_exposures
        self._open: _Open | None = None
        self._last_index: int | None = None

    def push(self, label: str | None, index: int, media_ns: int) -> Bout | None:
        """Take the label of one exposure; return the bout that it ends, if any.

        Raises:
            ValueError: `index` does not rise.
        """
        if self._last_index is not None and index <= self._last_index:
            raise ValueError(f"exposure {index} after {self._last_index}; indices must rise")
        self._last_index = index
        current = self._open
        if current is not None and self._goes_on(current, label, index):
            current.stop_index, current.stop_media_ns = index, media_ns
            return None
        ended = self.finish()
        if label is not None:
            self._open = _Open(label, index, media_ns, index, media_ns)
        return ended

    @property
    def current(self) -> Bout | None:
        """The bout that is going on, as far as it has come; None while there is none, or it is not yet long enough."""
        return self._as_bout(self._open)

    def finish(self) -> Bout | None:
        """Close the open bout and return it, if it is long enough."""
        current, self._open = self._open, None
        return self._as_bout(current)

    def _as_bout(self, current: _Open | None) -> Bout | None:
        if current is None or current.stop_index - current.start_index + 1 < self._min_exposures:
            return None
        return Bout(
            arena=self._arena,
            label=current.label,
            start_index=current.start_index,
            stop_index=current.stop_index,
            start_media_ns=current.start_media_ns,
            stop_media_ns=current.stop_media_ns,
        )

    def _goes_on(self, current: _Open, label: str | None, index: int) -> bool:
        return label == current.label and index - current.stop_index <= self._max_gap_exposures
