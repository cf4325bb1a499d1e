"""The first exposures of a stream make the background pictures; live frames are composed of what follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.background import BackgroundMaker
from selfee_rt.compose.cutout import Cutout
from selfee_rt.compose.live_frame import Composer
from selfee_rt.compose.mouse import SelfeeMouse
from selfee_rt.errors import AccountingError
from selfee_rt.types import Frame, LiveFrames, Loss

OnBackground = Callable[[str, NDArray[np.uint8]], None]
"""Told the name of an arena and the background that is subtracted in it, (H, W) uint8."""


def not_kept(arena: str, picture: NDArray[np.uint8]) -> None:
    """Keep nothing; where only the live frames matter."""


@dataclass(slots=True)
class Awaiting:
    """An arena whose background is still to be made."""

    cutout: Cutout
    preparation: SelfeeMouse
    maker: BackgroundMaker
    exposures: int
    """So many are needed of those that arrive."""


class BackgroundFirst:
    """Takes the exposures that the backgrounds need, then composes the rest as `composer` does.

    Of the exposures until then each is given to `on_loss`, in order of index: as `background`, or as `source` where it
    never arrived. All arenas wait for the one that needs most; each uses only as many as it needs.
    """

    def __init__(
        self,
        composer: Composer,
        arenas: Sequence[Awaiting],
        *,
        on_loss: Callable[[Loss], None],
        on_background: OnBackground,
    ) -> None:
        self._composer = composer
        self._arenas = arenas
        self._on_loss = on_loss
        self._on_background = on_background
        self._taken, self._needed = 0, max(each.exposures for each in arenas)
        self._next = 0
        self._finished = False

    @property
    def interval(self) -> int:
        """The frame interval in exposures."""
        return self._composer.interval

    def push(self, frame: Frame) -> LiveFrames | None:
        """Take the newest frame; return the live frames that it completes, if any; errors as `Composer.push`."""
        if self._taken == self._needed or self._finished:
            return self._composer.push(frame)
        self._account(frame.index)
        for arena in self._arenas:
            if self._taken < arena.exposures:
                arena.maker.add(arena.preparation.grey(arena.cutout.cut(frame.image)))
        self._taken += 1
        if self._taken == self._needed:
            self._begin()
        return None

    def finish(self) -> None:
        """Say that the stream has ended."""
        self._finished = True
        self._composer.finish()

    def _account(self, index: int) -> None:
        if index < self._next:
            raise AccountingError(f"exposure {index} was pushed after {self._next - 1}, which was the newest")
        if index > self._next:
            self._on_loss(Loss("source", self._next, index - 1))
        self._on_loss(Loss("background", index, index))
        self._next = index + 1

    def _begin(self) -> None:
        """Give each arena its background, and begin to compose with the next exposure."""
        for arena in self._arenas:
            arena.preparation.background = arena.maker.picture(arena.preparation.contrast)
            self._on_background(arena.cutout.name, arena.preparation.background)
        self._composer.begin_at(self._next)
