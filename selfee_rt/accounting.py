"""Every exposure has exactly one fate: an observation, or membership in one range of losses."""

import threading
from collections import deque

from selfee_rt.errors import AccountingError
from selfee_rt.types import Loss


class Ledger:
    """Holds the losses that any thread reports until the deciding thread settles them, in order of index.

    Because they are settled in order, whatever prefix of the log survives a kill accounts for every exposure
    up to its last one.

    >>> ledger = Ledger()
    >>> ledger.lost(Loss("edge", 0, 0))
    >>> ledger.lost(Loss("channel:embed", 3, 3))
    >>> ledger.settle(1)
    (Loss(hop='edge', first_index=0, last_index=0),)
    >>> ledger.observed(1), ledger.observed(2)
    (None, None)
    >>> ledger.settle(4)
    (Loss(hop='channel:embed', first_index=3, last_index=3),)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[int, Loss] = {}
        self._next = 0

    @property
    def next_index(self) -> int:
        """The first exposure that has no fate yet."""
        return self._next

    def lost(self, loss: Loss) -> None:
        """Report a range that will not be observed; adjacent ranges of one hop are joined when settled."""
        with self._lock:
            if loss.first_index < self._next or loss.first_index in self._pending:
                raise AccountingError(f"{loss} was reported, but exposures up to {self._next - 1} have a fate already")
            self._pending[loss.first_index] = loss

    def observed(self, index: int) -> None:
        """Say that the next exposure was observed.

        Raises:
            AccountingError: it is not the next one.
        """
        if index != self._next:
            raise AccountingError(f"exposure {index} was observed, expected {self._next}: the one before has no fate")
        self._next = index + 1

    def conclude(self, until: int) -> tuple[Loss, ...]:
        """As `settle`, at the end of a session that failed: an exposure without a fate was lost to the fault."""
        with self._lock:
            known = sorted(self._pending.values(), key=lambda loss: loss.first_index)
            position = self._next
            for loss in [*known, Loss("", until, until)]:
                if position < loss.first_index:
                    self._pending[position] = Loss("fault", position, min(loss.first_index, until) - 1)
                position = loss.last_index + 1
        return self.settle(until)

    def settle(self, until: int) -> tuple[Loss, ...]:
        """Return the losses that cover every exposure from the last fate up to, not including, `until`.

        Raises:
            AccountingError: an exposure between has no fate.
        """
        settled: deque[Loss] = deque()
        with self._lock:
            while self._next < until:
                loss = self._pending.pop(self._next, None)
                if loss is None or loss.last_index >= until:
                    raise AccountingError(f"exposure {self._next} has no fate (settling up to {until}, found {loss})")
                if settled and settled[-1].hop == loss.hop:
                    loss = Loss(loss.hop, settled.pop().first_index, loss.last_index)
                settled.append(loss)
                self._next = loss.last_index + 1
        return tuple(settled)
