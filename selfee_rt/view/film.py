"""Pictures of a session that is over, decoded from its video when somebody looks."""

import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import FolderError
from selfee_rt.folder import ExposureRow, SessionFolder, SessionRecord
from selfee_rt.view.decode import Preview
from selfee_rt.view.model import Model
from selfee_rt.view.reel import Reel
from selfee_rt.view.source import ASKING
from selfee_rt.wire import PreviewHeader

KEPT = 48
"""Decoded pictures; of 640 px they take 15 MB grey, 45 MB in colour."""
MOST_WANTED = 16
HOLDS_S = 0.5
"""How long a picture stands for what came after it, where none was recorded."""


class Film:
    """A thread decodes what was wanted last; whoever asks gets what is there, and asks again."""

    def __init__(self, folder: Path, record: SessionRecord) -> None:
        self._folder, self._record = folder, record
        self._media_ns: NDArray[np.int64] = np.zeros(0, np.int64)
        self._index: NDArray[np.int64] = np.zeros(0, np.int64)
        self._place: list[tuple[Path, int]] = []
        """File, and time in it in ns, of each exposure that has a picture."""
        self._found = False
        self._cannot = ""
        """Why there are no pictures; empty: there may be some."""
        self._decoded: OrderedDict[int, Preview | str] = OrderedDict()
        self._wanted: list[int] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="selfee-rt view film")

    def start(self) -> None:
        """Begin to wait for what is wanted."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def at(self, model: Model, arena: str, media_ns: int) -> tuple[Preview | None, str]:
        """The picture of a moment; or none, and why there is none, as a sentence."""
        with self._changed:
            row = int(np.searchsorted(self._media_ns, media_ns, side="right")) - 1
            if not self._found:
                return None, ASKING
            if self._cannot:
                return None, self._cannot
            if row < 0 or media_ns - self._media_ns[row] > HOLDS_S * NS_PER_S:
                return None, "no video was recorded then"
            found = self._decoded.get(row)
            if found is None:
                self._want(row)
                near = [self._decoded.get(each) for each in range(row - 1, row - 4, -1)]
                return next((each for each in near if isinstance(each, Preview)), None), ASKING
            self._decoded.move_to_end(row)
            return (None, found) if isinstance(found, str) else (found, "")

    def _want(self, row: int) -> None:
        if row in self._wanted:
            self._wanted.remove(row)
        self._wanted = [*self._wanted[1 - MOST_WANTED :], row]
        self._changed.notify()

    def _run(self) -> None:
        """Find where the pictures are, then decode what is wanted."""
        try:
            with SessionFolder(self._folder) as session:
                self._find(session)
        except FolderError as error:
            self._cannot = str(error)
        self._found = True
        reel: Reel | None = None
        while (wanted := self._next()) is not None:
            row, path, at_ns = wanted
            if reel is None or reel.path != path:
                if reel is not None:
                    reel.close()
                reel = Reel(path)
            self._keep(row, self._preview(row, reel.picture(at_ns)))
        if reel is not None:
            reel.close()

    def _find(self, session: SessionFolder) -> None:
        """Find where the picture of each exposure is, until the window closes."""
        media_ns, index, places = [], [], []
        starts: dict[str, int] = {}
        for row in session.exposures():
            if self._stopping:
                return
            place = self._place_of(row, starts)
            if place is not None:
                media_ns.append(row.media_ns)
                index.append(row.frame_index)
                places.append(place)
        with self._changed:
            self._media_ns, self._index = np.array(media_ns, np.int64), np.array(index, np.int64)
            self._place = places

    def _place_of(self, row: ExposureRow, starts: dict[str, int]) -> tuple[Path, int] | None:
        """File, and time in it in ns; `starts` has when each segment began."""
        if row.segment is not None:
            return self._folder / row.segment, row.media_ns - starts.setdefault(row.segment, row.media_ns)
        replayed = self._record.replayed
        return None if replayed is None else (Path(replayed.path), row.media_ns)

    def _next(self) -> tuple[int, Path, int] | None:
        """The row that was wanted last, its file, and its time in that; None: the window closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or bool(self._wanted))
            if self._stopping:
                return None
            row = self._wanted.pop()
            return row, *self._place[row]

    def _keep(self, row: int, found: Preview | str) -> None:
        with self._changed:
            self._decoded[row] = found
            while len(self._decoded) > KEPT:
                self._decoded.popitem(last=False)

    def _preview(self, row: int, found: NDArray[np.uint8] | str) -> Preview | str:
        if isinstance(found, str):
            return found
        height, width = found.shape[:2]
        header = PreviewHeader(
            session_id=self._record.session_id,
            seq=0,
            index=int(self._index[row]),
            media_ns=int(self._media_ns[row]),
            captured_ns=0,
            received_ns=0,
            colour=found.ndim == 3,
            width_px=width,
            height_px=height,
            scale=min(1.0, width / self._record.source.width_px),
            quality=2,
        )
        kind = b"P6" if found.ndim == 3 else b"P5"
        return Preview(header, b"%s %d %d 255\n%s" % (kind, width, height, found.tobytes()), 0)
