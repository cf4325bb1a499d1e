"""The model file: one ONNX file that carries its own card."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

CARD_KEY = "selfee_rt.card"
"""Key of the card in the ONNX file's own `metadata_props`."""


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model is, takes and gives, and how it was made."""

    name: str
    version: str
    backbone: str
    """For example resnet18."""
    embedding_layer: str
    """projector or backbone."""
    embedding_dim: int
    height_px: int
    width_px: int
    interval_ms: float
    """Time between past and current, and between current and future, that it was trained at."""
    trained_interval_ms: tuple[float, float]
    """Shortest and longest interval among its training recordings."""
    channel_order: tuple[str, str, str] = ("past", "current", "future")
    preprocessing: str = "grey_resize"
    """Name of the preparation that `compose` carries out."""
    precision: str = "fp32"
    """Of the stored weights."""
    verification: dict[str, Any] = {}
    """Agreement with the network it was exported from: how compared, on what, figures."""
    training: dict[str, Any] = {}
    """Recordings (with licences), steps, objective, seed."""
    source_sha256: str | None = None
    """Of the checkpoint it was exported from."""
    licence: str | None = None


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
