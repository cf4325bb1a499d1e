"""Counting what this reader was too slow for."""

MOST_TOPICS = 1000
"""A session has a few for each arena; whatever else is said under other names is not counted."""


class Missed:
    """Counts jumps of `seq`, topic by topic."""

    def __init__(self) -> None:
        self.by_topic: dict[str, int] = {}
        self._next: dict[str, int] = {}

    def note(self, topic: str, seq: int) -> int:
        """Take the next message's number; return how many are missing before it."""
        if topic not in self._next and len(self._next) == MOST_TOPICS:
            return 0
        lost = max(0, seq - self._next.get(topic, seq))
        self._next[topic] = seq + 1
        if lost:
            self.by_topic[topic] = self.by_topic.get(topic, 0) + lost
        return lost

    @property
    def total(self) -> int:
        """All that is missing."""
        return sum(self.by_topic.values())
