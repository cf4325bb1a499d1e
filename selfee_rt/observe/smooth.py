"""A causal mode filter over labels."""

from collections import deque


class ModeFilter:
    """The most frequent of the last `n` labels; of equally frequent ones, the one seen last.

    An unknown label (None) takes its place in time but has no vote; if none of the last `n` is known, neither is
    the result. A change of behaviour shows up to `n` // 2 exposures late.

    >>> smooth = ModeFilter(3)
    >>> [smooth.push(label) for label in ("still", "chasing", "still", None, None, None)]
    ['still', 'chasing', 'still', 'still', 'still', None]
    """

    def __init__(self, n: int) -> None:
        if n < 1:
            raise ValueError(f"a mode filter over {n} labels; expected at least 1")
        self._recent: deque[str | None] = deque(maxlen=n)

    def push(self, label: str | None) -> str | None:
        """Take the newest label and return the smoothed one."""
        self._recent.append(label)
        votes: dict[str, tuple[int, int]] = {}
        for position, known in enumerate(self._recent):
            if known is not None:
                votes[known] = (votes.get(known, (0, 0))[0] + 1, position)
        return max(votes, key=votes.__getitem__, default=None)

    def reset(self) -> None:
        """Forget everything before a break."""
        self._recent.clear()
