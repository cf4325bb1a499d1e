"""Where what the window shows comes from: a session that runs, or one that is over."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.view.access import Keys
from selfee_rt.view.asking import Asked
from selfee_rt.view.decode import Preview
from selfee_rt.view.model import Model
from selfee_rt.view.pictures import Pictures

ASKING = "looking for the picture …"
"""Why there is no picture yet, where there may be one soon."""


@dataclass(frozen=True, slots=True)
class Where:
    """How to reach a session."""

    observations: str
    keys: Keys | None = None
    token_file: Path | None = None


@dataclass(slots=True)
class Heard:
    """What came over the wire, whoever sent it."""

    last_ns: int | None = None
    """When the last readable message came, on this computer's clock."""
    n_messages: int = 0
    n_garbage: int = 0
    garbage: str = ""
    """Why the last unreadable one could not be read."""
    newer: dict[str, int] = field(default_factory=dict)
    """Messages of schemas that are not known here, by schema."""


class Moments(Protocol):
    """Finds pictures of moments."""

    def at(self, model: Model, arena: str, media_ns: int) -> tuple[Preview | None, str]:
        """The picture of a moment; or none, and why there is none (`ASKING`: not yet), as a sentence."""


class Source(ABC):
    """What has been said so far, and whom to ask; `model` is None before anything was said."""

    is_over = False
    """Whether it is a session that was finished before."""

    def __init__(self, where: str) -> None:
        self.model: Model | None = None
        self.preview: Preview | None = None
        """The newest picture."""
        self.pictures = Pictures()
        """The last ones."""
        self.embeddings: dict[str, bytes] = {}
        """The newest one of each arena, as it came, where they are wanted."""
        self.wants_embeddings = False
        self.heard = Heard()
        self.deaf = "no session has been heard yet"
        """Why no request can be made; empty: they can."""
        self.says = where
        """Where it comes from, for people."""
        self.part_read = 1.0
        """Of a session that is over: how much of it has been read, 0 to 1."""

    @abstractmethod
    def start(self) -> None:
        """Begin to receive."""

    @abstractmethod
    def close(self) -> None:
        """End what `start` began."""

    @abstractmethod
    def moments(self) -> Moments:
        """Who finds pictures of this source's moments."""

    def ask(self, verb: str, arguments: Mapping[str, Any], says: str) -> Asked:
        """Send a request; returns at once, and what became of it appears in what is returned."""
        asked = Asked(verb, arguments, says)
        asked.fail(self.deaf)
        return asked

    def age_s(self) -> float | None:
        """Seconds since the last readable message; None: there was none."""
        return None if self.heard.last_ns is None else (now_ns() - self.heard.last_ns) / NS_PER_S
