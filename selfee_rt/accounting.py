"""Every exposure has exactly one fate: an observation, or membership in one range of losses."""

import threading
from bisect import bisect_left

from selfee_rt.errors import AccountingError
from selfee_rt.types import Loss


class Ledger:
    """Holds the losses that any thread reports until the deciding thread settles them, in order of index.

    Because they are settled in order, whatever prefix of the log survives a kill accounts for every exposure
    up to its last one. A second fate for an exposure is an error, whichever comes first.

    >>> ledger = Ledger()
    >>> ledger.lost(Loss("edge", 0, 0))
    >>> ledger.dropped("embed", 3)
    >>> ledger.settle(1)
    (Loss(hop='edge', first_index=0, last_index=0),)
    >>> ledger.observed(1), ledger.observed(2)
    (None, None)
    >>> ledger.settle(4)
    (Loss(hop='channel:embed', first_index=3, last_index=3),)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[Loss] = []
        """In order of index, disjoint; adjacent ranges of one hop are joined."""
        self._next = 0

    @property
    def next_index(self) -> int:
        """The first exposure that has no fate yet."""
        return self._next

    def dropped(self, channel: str, index: int) -> None:
        """Report that a full channel dropped exposure `index`; any thread may."""
        self.lost(Loss(f"channel:{channel}", index, index))

    def lost(self, loss: Loss) -> None:
        """Report a range that will not be observed; any thread may, in any order.

        Raises:
            AccountingError: the range is empty, or one of its exposures has a fate already.
        """
        with self._lock:
            self._add(loss)

    def observed(self, index: int) -> None:
        """Say that the next exposure was observed.

        Raises:
            AccountingError: it is not the next one, or it was reported lost.
        """
        with self._lock:
            if index != self._next:
                raise AccountingError(f"exposure {index} was observed, expected {self._next}, which has no fate yet")
            if self._pending and self._pending[0].first_index == index:
                raise AccountingError(f"exposure {index} was observed, but also reported as {self._pending[0]}")
            self._next = index + 1

    def settle(self, until: int) -> tuple[Loss, ...]:
        """Return the losses that cover every exposure from the last fate up to, not including, `until`.

        Raises:
            AccountingError: an exposure between has no fate; nothing was settled.
        """
        with self._lock:
            return self._take(until)

    def settle_known(self) -> tuple[Loss, ...]:
        """Return the losses that follow the last fate without a hole; keeps the ledger short while nothing is observed.

        >>> ledger = Ledger()
        >>> for loss in (Loss("source", 0, 7), Loss("gap", 8, 9), Loss("source", 11, 11)):
        ...     ledger.lost(loss)
        >>> ledger.settle_known()[-1], ledger.next_index
        (Loss(hop='gap', first_index=8, last_index=9), 10)
        """
        with self._lock:
            return self._take(self._reach())

    def conclude(self, until: int) -> tuple[Loss, ...]:
        """As `settle`, at the end of a session that failed: an exposure without a fate was lost to the fault."""
        with self._lock:
            while (hole := self._reach()) < until:
                following = next((loss.first_index for loss in self._pending if loss.first_index > hole), until)
                self._add(Loss("fault", hole, min(following, until) - 1))
            return self._take(until)

    def _add(self, loss: Loss) -> None:
        place = bisect_left(self._pending, loss.first_index, key=lambda known: known.first_index)
        self._check_free(loss, place)
        start = place - 1 if place > 0 and _adjoin(self._pending[place - 1], loss) else place
        stop = place + 1 if place < len(self._pending) and _adjoin(loss, self._pending[place]) else place
        joined = [*self._pending[start:place], loss, *self._pending[place:stop]]
        self._pending[start:stop] = [Loss(loss.hop, joined[0].first_index, joined[-1].last_index)]

    def _check_free(self, loss: Loss, place: int) -> None:
        taken_until = self._pending[place - 1].last_index if place > 0 else self._next - 1
        taken_from = self._pending[place].first_index if place < len(self._pending) else loss.last_index + 1
        if not taken_until < loss.first_index <= loss.last_index < taken_from:
            raise AccountingError(
                f"{loss} was reported, but it is empty or has a fate already: free from {taken_until + 1} on, "
                f"next reported from {taken_from} on"
            )

    def _reach(self) -> int:
        """The first exposure without any fate, settled or reported."""
        position = self._next
        for loss in self._pending:
            if loss.first_index != position:
                break
            position = loss.last_index + 1
        return position

    def _take(self, until: int) -> tuple[Loss, ...]:
        taken = 0
        position = self._next
        while position < until:
            loss = self._pending[taken] if taken < len(self._pending) else None
            if loss is None or loss.first_index != position or loss.last_index >= until:
                raise AccountingError(f"exposure {position} has no fate (settling up to {until}, found {loss})")
            position = loss.last_index + 1
            taken += 1
        settled = tuple(self._pending[:taken])
        del self._pending[:taken]
        self._next = position
        return settled


def _adjoin(one: Loss, next_one: Loss) -> bool:
    return one.hop == next_one.hop and one.last_index + 1 == next_one.first_index
