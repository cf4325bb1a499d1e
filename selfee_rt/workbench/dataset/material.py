"""A recording to learn from, and what is kept of it."""

from dataclasses import dataclass
from pathlib import Path

from selfee_rt import build
from selfee_rt.config import ArenaConfig, SyntheticConfig, VideoFileConfig
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.dataset.entry import Entry
from selfee_rt.workbench.dataset.identity import content_of, key_of
from selfee_rt.workbench.dataset.recording import reading
from selfee_rt.workbench.dataset.size import Size


@dataclass(frozen=True, slots=True)
class Material:
    """A recording to learn from."""

    name: str
    """For people."""
    source: SyntheticConfig | VideoFileConfig


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every recording is to become."""

    folder: Path
    """Where it is kept."""
    size_px: Size
    """(height, width)."""
    arenas: tuple[ArenaConfig, ...]
    preprocessing: Preprocessing


@dataclass(frozen=True, slots=True)
class Job:
    """One recording, which is decoded for all of its arenas at once, or is kept already."""

    material: Material
    content: str
    """Which recording it is, in words."""
    entries: tuple[Entry, ...]
    """One per arena."""
    kept: bool
    promised: int | None = 0
    """Exposures to decode; None: the file does not say."""

    @property
    def needed_bytes(self) -> int:
        """What it will take on disk, as far as the file says."""
        return (self.promised or 0) * sum(entry.size_px[0] * entry.size_px[1] for entry in self.entries)


def look_up(material: Material, wanted: Wanted) -> Job:
    """Find what is kept of a recording; open it once if anything is missing.

    Raises:
        SourceError: it cannot be opened, or what is kept is broken.
        ConfigError: an arena lies outside its picture, or does not suit the preparation.
    """
    content = content_of(material.source)
    entries = tuple(_entry(material, content, arena, wanted) for arena in wanted.arenas)
    if all(entry.open() is not None for entry in entries):
        return Job(material, content, entries, kept=True)
    source = build.source(material.source)
    with reading(source, material.name, wanted.size_px, wanted.arenas, wanted.preprocessing) as read:
        return Job(material, content, entries, kept=False, promised=read.info.frames)


def _entry(material: Material, content: str, arena: ArenaConfig, wanted: Wanted) -> Entry:
    name = material.name if len(wanted.arenas) == 1 else f"{material.name}, {arena.name}"
    return Entry(wanted.folder, name, key_of(content, arena, wanted.size_px, wanted.preprocessing), wanted.size_px)
