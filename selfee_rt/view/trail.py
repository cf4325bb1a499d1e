"""Where the animal was at a time that is over: read from the session folder when somebody looks."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import FolderError
from selfee_rt.folder import StoredEmbeddings, read_record
from selfee_rt.view.chart import Chart, Floats

BLOCK = 120
"""Exposures that are read together."""
KEPT = 64
"""Blocks of places."""
READING = "reading where it was …"


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Of one arena."""

    index: NDArray[np.int64]
    """(N,) exposures, rising."""
    places: Floats
    """(N, 2) on the chart."""


NOWHERE = Places(np.zeros(0, np.int64), np.zeros((0, 2), np.float32))
Block = dict[str, Places]


class Trail:
    """A thread reads what was wanted last; whoever asks gets what is there, and asks again.

    The store of a session that runs, `grows`, is longer at the next look: what stands at its end is read again.
    """

    def __init__(self, folder: Path, session_id: str, chart: Chart, *, grows: bool) -> None:
        self.why = ""
        """Why there will be nothing, as a sentence; empty: there may be something."""
        self._folder, self._session_id, self._chart, self._grows = folder, session_id, chart, grows
        self._blocks: OrderedDict[int, Block] = OrderedDict()
        self._whole: set[int] = set()
        self._wanted: list[int] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="selfee-rt view trail")
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def between(self, arena: str, first_index: int, last_index: int) -> tuple[Places, str]:
        """Places of the exposures from `first_index` to `last_index`, as far as they are known; and why there is none.

        Why is READING as long as there may be more soon.
        """
        numbers = range(first_index // BLOCK, last_index // BLOCK + 1)
        with self._changed:
            if self.why:
                return NOWHERE, self.why
            missing = [each for each in numbers if each not in self._whole]
            if missing:
                self._wanted = missing
                self._changed.notify()
            found = [self._blocks[each].get(arena, NOWHERE) for each in numbers if each in self._blocks]
        reading = any(each not in self._blocks for each in numbers)
        joined = _joined(found, first_index, last_index)
        return joined, READING if reading else "" if len(joined.index) else "no embedding was stored of this time"

    def _run(self) -> None:
        store: StoredEmbeddings | None = None
        try:
            if read_record(self._folder).session_id != self._session_id:
                raise FolderError("the session folder cannot be read from here: another session is there")
            store = StoredEmbeddings(self._folder)
            while (number := self._next()) is not None:
                self._keep(number, *self._read(store, number))
        except FolderError as error:
            self.why = str(error)
        finally:
            if store is not None:
                store.close()

    def _next(self) -> int | None:
        """The block that is wanted; None: the window closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or bool(self._wanted))
            return None if self._stopping else self._wanted.pop()

    def _read(self, store: StoredEmbeddings, number: int) -> tuple[Block, bool]:
        """One block, and whether nothing can be added to it any more."""
        first, stop = number * BLOCK, (number + 1) * BLOCK
        whole = not self._grows or store.last_index >= stop
        rows: dict[str, list[tuple[int, NDArray[np.float32]]]] = {}
        for arena, index, vector in store.between(first, stop - 1):
            if len(vector) != len(self._chart.mean):
                raise FolderError("the stored embeddings are of another model")
            rows.setdefault(arena, []).append((index, vector))
        return {arena: self._placed(mine) for arena, mine in rows.items()}, whole

    def _placed(self, rows: list[tuple[int, NDArray[np.float32]]]) -> Places:
        index = np.array([index for index, _ in rows], np.int64)
        return Places(index, self._chart.places(np.array([vector for _, vector in rows])))

    def _keep(self, number: int, block: Block, whole: bool) -> None:
        with self._changed:
            self._blocks[number] = block
            self._blocks.move_to_end(number)
            if whole:
                self._whole.add(number)
            while len(self._blocks) > KEPT:
                self._whole.discard(self._blocks.popitem(last=False)[0])


def _joined(found: list[Places], first_index: int, last_index: int) -> Places:
    if not found:
        return NOWHERE
    index = np.concatenate([each.index for each in found])
    inside = (index >= first_index) & (index <= last_index)
    return Places(index[inside], np.concatenate([each.places for each in found])[inside])
