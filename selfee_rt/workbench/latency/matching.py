"""Which response belongs to which probe."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

ResponseT = TypeVar("ResponseT")


@dataclass(frozen=True, slots=True)
class Matched(Generic[ResponseT]):
    """The responses of each probe, in order, and those that answer none."""

    of_probe: tuple[tuple[ResponseT, ...], ...]
    unasked: tuple[ResponseT, ...]


def match(
    probes: Sequence[tuple[int, int]], responses: Sequence[ResponseT], at: Callable[[ResponseT], int]
) -> Matched[ResponseT]:
    """Give every response to the probe in whose window it lies.

    `probes` are windows (start, stop), the stop exclusive, in order and without overlap; `at` says when a response was,
    on the same clock. What lies in no window was not asked for.

    >>> match([(10, 15), (20, 25)], [9, 10, 14, 15, 24], at=lambda each: each)
    Matched(of_probe=((10, 14), (24,)), unasked=(9, 15))
    """
    starts = [start for start, _ in probes]
    of_probe: list[list[ResponseT]] = [[] for _ in probes]
    unasked: list[ResponseT] = []
    for response in responses:
        number = bisect_right(starts, at(response)) - 1
        if number >= 0 and at(response) < probes[number][1]:
            of_probe[number].append(response)
        else:
            unasked.append(response)
    return Matched(tuple(tuple(each) for each in of_probe), tuple(unasked))
