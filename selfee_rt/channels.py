"""Bounded, named channels between threads; what happens when one is full is a word."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from selfee_rt.errors import ChannelClosed, Overrun

T = TypeVar("T")

WhenFull = Literal["drop_oldest", "fail", "wait"]


class Channel(Generic[T]):
    """A bounded queue from any number of producers to one consumer.

    `when_full` says what a full channel does with one more item:
    `drop_oldest` gives the oldest to `on_drop`, `fail` raises, `wait` blocks the producer. `on_drop` runs in the
    producer's thread before the newer item can be taken, and must not use the channel.

    >>> channel = Channel[int]("numbers", capacity=2, when_full="drop_oldest")
    >>> for number in range(3):
    ...     channel.put(number)
    >>> channel.get(timeout_s=0), channel.get(timeout_s=0), channel.n_lost
    (1, 2, 1)
    """

    def __init__(
        self, name: str, *, capacity: int, when_full: WhenFull, on_drop: Callable[[T], None] | None = None
    ) -> None:
        if capacity < 1:
            raise ValueError(f"channel {name!r} holds {capacity} items, expected at least 1")
        self.name = name
        self.capacity = capacity
        self.when_full: WhenFull = when_full
        self.n_in = 0
        self.n_lost = 0
        self._on_drop = on_drop
        self._items: deque[T] = deque()
        self._closed = False
        self._woken = False
        self._changed = threading.Condition()

    def put(self, item: T) -> None:
        """Hand over one item; blocks only where the policy is `wait`.

        Raises:
            Overrun: the channel is full and its policy is `fail`.
            ChannelClosed: one of the sides has ended.
        """
        with self._changed:
            if len(self._items) == self.capacity and not self._closed:
                self._make_room()
            if self._closed:
                raise ChannelClosed(f"channel {self.name!r} is closed")
            self._items.append(item)
            self.n_in += 1
            self._changed.notify_all()

    def _make_room(self) -> None:
        match self.when_full:
            case "fail":
                raise Overrun(f"channel {self.name!r} is full at {self.capacity} items: its reader is too slow")
            case "drop_oldest":
                oldest = self._items.popleft()
                self.n_lost += 1
                if self._on_drop is not None:
                    self._on_drop(oldest)
            case "wait":
                self._changed.wait_for(lambda: self._closed or len(self._items) < self.capacity)

    def get(self, timeout_s: float | None = None) -> T | None:
        """Take the oldest item; None if none came within `timeout_s`, or `wake` was called.

        Raises:
            ChannelClosed: closed, and everything that was put has been taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed or self._woken, timeout_s)
            self._woken = False
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._closed:
                raise ChannelClosed(f"channel {self.name!r} is closed")
            return None

    def wake(self) -> None:
        """Make a waiting `get` return None at once."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the channel from either side: what is in it can still be taken, nothing more can be put."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drain(self) -> list[T]:
        """Take everything that is left, without waiting; for a consumer that has failed."""
        with self._changed:
            items = list(self._items)
            self._items.clear()
            self._changed.notify_all()
            return items

    def __len__(self) -> int:
        return len(self._items)

    @property
    def closed(self) -> bool:
        """Whether one of the sides has ended."""
        return self._closed
