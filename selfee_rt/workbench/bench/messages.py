"""What a benchmark and the process that runs one runtime say to each other: JSON, a line each."""

from typing import Any

import msgspec


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Load this and embed these; the first thing a process hears."""

    model: dict[str, Any]
    """The [model] section, as `ModelConfig` has it."""
    batch: int
    """Live frames of one inference."""
    images: str
    """File of the live frames, .npy, (N, 3, H, W) uint8."""
    embeddings: str
    """File to write their embeddings to, .npy, (N, D) float32."""


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Infer so many times."""

    inferences: int
    settle: int
    """Inferences before them that are not timed."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The runtime has started, is warm, and has written the embeddings."""

    runtime: dict[str, Any]
    """How inference is set up, in the runtime's own words."""
    start_ms: float
    """From the model file to the end of the warm-up."""


class Times(msgspec.Struct, frozen=True, tag="times"):
    """A block is done."""

    durations_ns: list[int]
    """Of each timed inference."""
    peak_memory_bytes: int | None
    """Most memory that the process has held so far; None: the system does not tell."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The runtime cannot do it, for this reason; the process ends."""

    reason: str


Reply = Ready | Times | Failed


class Offer(msgspec.Struct, frozen=True):
    """What the environment of one Python can run models with."""

    version: str
    """Of selfee-rt."""
    onnxruntime: str
    """Distributions and version."""
    providers: list[str]
    """Short names, in the runtime's order of preference."""
