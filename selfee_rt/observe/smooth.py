"""A causal mode filter over labels."""

from collections import deque

from selfee_rt.types import Guess


class ModeFilter:
    """The most frequent of the last `n` labels; of equally frequent ones, the one seen last.

    An unknown label (None) takes its place in time but has no vote; if none of the last `n` is known, neither is
    the result. A change of behaviour shows up to `n` // 2 exposures late.

    >>> smooth = ModeFilter(3)
    >>> [smooth.push(Guess(label, None)).label for label in ("still", "chasing", "still", None, None, None)]
    ['still', 'chasing', 'still', 'still', 'still', None]
    """

    def __init__(self, n: int) -> None:
        if n < 1:
            raise ValueError(f"a mode filter over {n} labels; expected at least 1")
        self._recent: deque[str | None] = deque(maxlen=n)

    lag = 0
    """It never judges again."""

    def push(self, guess: Guess) -> Guess:
        """Take the newest guess and return it with the smoothed label; its probabilities stay as they are."""
        self._recent.append(guess.label)
        votes: dict[str, tuple[int, int]] = {}
        for position, known in enumerate(self._recent):
            if known is not None:
                votes[known] = (votes.get(known, (0, 0))[0] + 1, position)
        return Guess(max(votes, key=votes.__getitem__, default=None), guess.probabilities)

    def revised(self) -> None:
        """Nothing is ever judged again."""

    def finish(self) -> tuple[()]:
        """Nothing waits."""
        return ()

    def reset(self) -> None:
        """Forget everything before a break."""
        self._recent.clear()
