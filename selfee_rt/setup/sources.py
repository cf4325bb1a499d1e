"""Sources that are not found but named: what to ask for, and what becomes of the answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfee_rt import build
from selfee_rt.config import SourceConfig
from selfee_rt.types import SourceInfo


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of source for which one thing must be said."""

    title: str
    kind: str
    key: str
    """The key of [source] that it goes to."""
    asks: str
    is_path: bool = True

    def source(self, answer: str) -> dict[str, Any]:
        """The section [source]."""
        return {"kind": self.kind, self.key: str(absolute(answer)) if self.is_path else answer.strip()}


NAMED = (
    Named("a video file", "video_file", "path", "Video file"),
    Named("a recorded session, played again", "recorded", "folder", "Session folder"),
    Named("a network camera", "stream", "address", "Address (rtsp://…, http://…, udp://…)", is_path=False),
)


def absolute(answer: str) -> Path:
    """The path that someone has written, ~ and quotes around it understood."""
    return Path(answer.strip().strip("'\"")).expanduser().absolute()


def look_at(config: SourceConfig) -> SourceInfo:
    """Open a source, hear what it says of itself, and close it.

    Raises:
        SourceError: it cannot be opened.
        MissingExtra: what opens it is not installed.
    """
    source = build.source(config)
    try:
        return source.open()
    finally:
        source.close()
