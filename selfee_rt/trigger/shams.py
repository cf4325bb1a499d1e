"""Which trials are withheld."""

from random import Random


class Shams:
    """A balanced order: each block of so many trials has exactly the fraction of shams, shuffled by the seed.

    Which trial is withheld follows from its position alone, so the order goes on wherever it was left. Of the random
    generator only `random()` is used: with a text as its seed Python promises the same numbers in every version.

    >>> order = Shams(0.5, block=4, seed=7)
    >>> [order.withheld(position) for position in range(8)]
    [True, False, False, True, True, False, False, True]
    """

    def __init__(self, fraction: float, *, block: int, seed: int) -> None:
        self._block = block
        self._shams = round(fraction * block)
        self._seed = seed
        self._number = -1
        self._withheld: frozenset[int] = frozenset()

    def withheld(self, position: int) -> bool:
        """Whether the trial is a sham that comes after `position` others."""
        number, place = divmod(position, self._block)
        if number != self._number:
            self._number, self._withheld = number, self._drawn(number)
        return place in self._withheld

    def _drawn(self, number: int) -> frozenset[int]:
        """Places of the shams in block `number`."""
        random = Random(f"shams {self._seed} {number}")
        draws = [random.random() for _ in range(self._block)]
        return frozenset(sorted(range(self._block), key=draws.__getitem__)[: self._shams])
