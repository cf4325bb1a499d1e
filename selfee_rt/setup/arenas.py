"""The arenas of a draft: a list that is never empty, as a session's is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from selfee_rt.config import Region
from selfee_rt.setup.regions import grid


@dataclass(slots=True)
class Arena:
    """One enclosure, as far as it is described."""

    name: str
    region: Region | None = None
    """None: the whole picture."""
    subject: str = ""
    """The animal in it; empty: the session's."""

    def document(self, *, inverted: bool, background: dict[str, Any] | None) -> dict[str, Any]:
        """As the TOML file has it; what was not said is left out."""
        said: dict[str, Any] = {"name": self.name}
        if self.region is not None:
            said["region"] = self.region.model_dump()
        if inverted:
            said["invert"] = True
        if background is not None:
            said["background"] = dict(background)
        if self.subject:
            said["subject"] = self.subject
        return said


class Arenas:
    """At first one, the whole picture."""

    def __init__(self) -> None:
        self._arenas = [Arena("arena")]
        self.inverted = False
        """All of them show dark what is bright."""
        self.background: dict[str, Any] | None = None
        """What all of them have subtracted, as the TOML file has it; None: nothing."""

    def __iter__(self) -> Iterator[Arena]:
        return iter(self._arenas)

    def __len__(self) -> int:
        return len(self._arenas)

    def __getitem__(self, place: int) -> Arena:
        return self._arenas[place]

    @property
    def divided(self) -> bool:
        """Something was said about where they are."""
        return self._arenas != [Arena("arena")]

    def document(self) -> list[dict[str, Any]]:
        """As the TOML file has them; empty where nothing was said."""
        if not (self.divided or self.inverted or self.background is not None):
            return []
        return [arena.document(inverted=self.inverted, background=self.background) for arena in self._arenas]

    def add(self, region: Region) -> int:
        """Take another one in; where the only one was the whole picture, that one gets the region. Return its place."""
        if len(self._arenas) == 1 and self._arenas[0].region is None:
            self._arenas[0].region = region
            return 0
        self._arenas.append(Arena(self._free_name(), region))
        return len(self._arenas) - 1

    def remove(self, place: int) -> None:
        """Take one out; the last one becomes the whole picture instead."""
        if len(self._arenas) == 1:
            self._arenas[0].region = None
        else:
            del self._arenas[place]

    def split(self, rows: int, columns: int, picture_px: tuple[int, int]) -> bool:
        """Cut the picture of (height, width) pixels into equal arenas; False, and nothing done, where too small."""
        regions = grid(rows, columns, picture_px)
        if regions:
            self._arenas = [Arena(f"arena{number}", region) for number, region in enumerate(regions, 1)]
        return bool(regions)

    def reset(self) -> None:
        """One again, the whole picture."""
        self._arenas = [Arena("arena")]

    def _free_name(self) -> str:
        taken = {arena.name for arena in self._arenas}
        return next(name for number in count(2) if (name := f"arena{number}") not in taken)
