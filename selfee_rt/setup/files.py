"""Model and reference files: what one is, told quickly and remembered while the file does not change."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

from selfee_rt.embed.model import ModelCard, read_card, sha256_of
from selfee_rt.errors import ModelError
from selfee_rt.observe.archive import UNREADABLE

REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that this program can use."""

    path: Path
    model_id: str
    title: str
    """Name, version, input size and interval, for people."""
    card: ModelCard


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A file that says it is a reference."""

    path: Path
    model_id: str
    """Of the model that it was made with."""
    labels: tuple[str, ...]


class _Metadata(msgspec.Struct, frozen=True):
    """The part of a reference's description that is of interest here."""

    model_id: str
    labels: tuple[str, ...]
    format: str


def described_model(path: Path) -> ModelFile:
    """What a model file says of itself.

    Raises:
        ModelError: it cannot be read, or is no model file.
    """
    return _model(path, _state(path))


def described_reference(path: Path) -> ReferenceFile | None:
    """What a reference file says of itself; None where it is none. Its examples are not read."""
    return _reference(path, _state(path))


def _state(path: Path) -> tuple[int, int] | None:
    """Differs after a file was changed."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


@lru_cache(REMEMBERED)
def _model_or_error(path: Path, _changed: tuple[int, int] | None) -> ModelFile | ModelError:
    try:
        card = read_card(path)
    except ModelError as error:
        return error
    title = f"{card.name} {card.version}: {card.width_px}x{card.height_px} px, {card.interval_ms:g} ms"
    return ModelFile(path, sha256_of(path), title, card)


def _model(path: Path, changed: tuple[int, int] | None) -> ModelFile:
    found = _model_or_error(path, changed)
    if isinstance(found, ModelError):
        raise found
    return found


@lru_cache(REMEMBERED)
def _reference(path: Path, _changed: tuple[int, int] | None) -> ReferenceFile | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            metadata = msgspec.json.decode(arrays["metadata"].tobytes(), type=_Metadata)
    except (*UNREADABLE, msgspec.MsgspecError):
        return None
    if metadata.format != "selfee_rt.reference":
        return None
    return ReferenceFile(path, metadata.model_id, metadata.labels)
