"""Two threads beside the window: one reads which exposures there are, one decodes the picture that is wanted."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.errors import SelfeeRTError
from selfee_rt.view.scoring.timeline import Timeline

CHUNK = 64
KEPT_BYTES = 128 * 2**20
"""Decoded pictures: 33 of 1280 x 1024 in colour."""
BEHIND = 12
"""Going back, so many pictures before the wanted one are kept, for the next steps back."""
SHOWN_EVERY_MS = 100
"""On a long way to the wanted picture, those on the way are shown this often."""

Image = NDArray[np.uint8]
"""(H, W) grey or (H, W, 3) RGB uint8, full range, upright."""


class Footage(Protocol):
    """A recording that can be looked at; the window is given one, since it does not know who reads videos."""

    ended: str
    """How the reading ended, once it has."""

    def exposures(self) -> Iterator[tuple[int, int]]:
        """Index and media_ns of every exposure with a picture, in order; raises SelfeeRTError."""

    def towards(self, number: int) -> Iterator[tuple[int, Callable[[], Image]]]:
        """Numbers and pictures on the way to one, that one last; raises SelfeeRTError."""

    def close(self) -> None:
        """Release what `towards` has opened."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture, and which it is; `image` is None where `problem` says why there is none."""

    number: int
    image: Image | None
    problem: str = ""


class Projector:
    """Threads from `start` to `close`; whoever wants a picture gets what is there, and asks again."""

    def __init__(self, footage: Footage) -> None:
        self.timeline = Timeline()
        self.shown: Shown | None = None
        """The newest picture, perhaps one on the way to the wanted."""
        self.n_decoded = 0
        """Pictures that were made since the beginning."""
        self._footage = footage
        self._kept: OrderedDict[int, Image] = OrderedDict()
        self._kept_bytes = 0
        self._wanted: int | None = None
        self._heading = 0
        """What is being decoded, or was last."""
        self._shown_ns = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._threads = (
            threading.Thread(target=self._read, name="selfee-rt scoring exposures"),
            threading.Thread(target=self._project, name="selfee-rt scoring pictures"),
        )

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End both threads; allowed twice, and without a start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def want(self, number: int) -> Shown | None:
        """Ask for a picture, instead of what was asked for before; return what there is to show now."""
        kept = self._kept.get(number)
        if kept is not None:
            self.shown = Shown(number, kept)
        with self._changed:
            is_done = self.shown is not None and self.shown.number == number
            self._wanted = None if is_done else number
            self._changed.notify_all()
        return self.shown

    # --- the thread that reads --------------------------------------------------------------------------------------

    def _read(self) -> None:
        found = self._footage.exposures()
        try:
            with closing(found):  # type: ignore[type-var]
                while not self._stopping:
                    chunk = list(islice(found, CHUNK))
                    self.timeline.add(chunk)
                    if len(chunk) < CHUNK:
                        break
        except SelfeeRTError as error:
            self.timeline.problem = str(error)
        self.timeline.complete = not self._stopping

    # --- the thread that decodes ------------------------------------------------------------------------------------

    def _project(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._wanted is not None)
                if self._stopping or self._wanted is None:
                    break
                wanted, self._wanted = self._wanted, None
            try:
                self._go(wanted)
            except SelfeeRTError as error:
                self.shown = Shown(wanted, None, str(error))
        self._footage.close()

    def _go(self, wanted: int) -> None:
        """Decode up to the wanted picture, or until another is wanted that does not lie on the way."""
        going_back, self._heading = wanted < self._heading, wanted
        for number, picture in self._footage.towards(wanted):
            is_due = number == wanted or now_ns() - self._shown_ns > SHOWN_EVERY_MS * NS_PER_MS
            if is_due or (going_back and number >= wanted - BEHIND):
                image = self._keep(number, picture())
                if is_due:
                    self.shown, self._shown_ns = Shown(number, image), now_ns()
            if self._stopping or self._wanted not in (None, wanted):
                break

    def _keep(self, number: int, image: Image) -> Image:
        self.n_decoded += 1
        self._kept_bytes += image.nbytes - (self._kept[number].nbytes if number in self._kept else 0)
        self._kept[number] = image
        self._kept.move_to_end(number)
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.nbytes
        return image
