"""The engine file: what an engine was built of and for, the plan itself, and a checksum over both."""

import hashlib
import os
import struct
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import ModelError
from selfee_rt.types import EnginePrecision

MAGIC = b"selfee-rt engine"
FORMAT = 1
"""Raised whenever an older selfee-rt could not read the file."""

_FIXED = struct.Struct("<16sII")
"""Magic, format, length of the header."""
_LONGEST_HEADER = 1 << 24
_DIGEST_BYTES = 32
_AGAIN = "build it again with `selfee-rt engine`"


class EngineKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an engine depends on: where one of these differs, it is another engine."""

    model_sha256: str
    library: str
    """tensorrt or tensorrt_rtx."""
    library_version: str
    precision: EnginePrecision
    target: str
    """A compute capability (sm86), or GPU, capability and system where engines do not travel."""


class EngineHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is known of an engine without loading it."""

    key: EngineKey
    max_batch: int
    """Most live frames at once; the least is 1."""
    card: ModelCard
    """The model's."""
    agreement: dict[str, Any]
    """How the network in this precision agreed with the model before it was built; empty for fp32 and tf32."""
    build_s: float


def write_engine(path: Path, header: EngineHeader, plan: bytes) -> None:
    """Write an engine file, whole or not at all; of several who write the same one, the last one's stays.

    Raises:
        ModelError: the folder cannot be written.
    """
    head = msgspec.json.encode(header)
    content = b"".join((_FIXED.pack(MAGIC, FORMAT, len(head)), head, plan))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_beside(path, content + hashlib.sha256(content).digest())
    except OSError as error:
        raise ModelError(f"cannot write the engine {path}: {error.strerror}; choose another folder") from error


def _write_beside(path: Path, content: bytes) -> None:
    """Write under a name of this process's own, then rename over `path`."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def read_header(path: Path) -> EngineHeader:
    """What an engine file says of itself; the plan is neither read nor checked.

    Raises:
        ModelError: it cannot be read, or is no engine file of this format.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_FIXED.size)
            return _header(path, file.read(_header_bytes(path, start)))
    except OSError as error:
        raise ModelError(f"cannot read the engine {path}: {error.strerror}; {_AGAIN}") from error


def read_engine(path: Path) -> tuple[EngineHeader, bytes]:
    """Header and plan of an engine file whose checksum is right.

    Raises:
        ModelError: it cannot be read, is no engine file of this format, is cut off, or was changed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the engine {path}: {error.strerror}; {_AGAIN}") from error
    stop = _FIXED.size + _header_bytes(path, content[: _FIXED.size])
    if hashlib.sha256(content[:-_DIGEST_BYTES]).digest() != content[-_DIGEST_BYTES:]:
        raise ModelError(f"{path} is cut off or was changed: its checksum is not that of its content; {_AGAIN}")
    return _header(path, content[_FIXED.size : stop]), content[stop:-_DIGEST_BYTES]


def _header_bytes(path: Path, start: bytes) -> int:
    """Length of the header, from the file's first bytes."""
    magic, version, length = _FIXED.unpack(start) if len(start) == _FIXED.size else (b"", 0, 0)
    if magic != MAGIC:
        raise ModelError(f"{path} is not an engine file of selfee-rt (a bare TensorRT plan is none); {_AGAIN}")
    if version != FORMAT:
        raise ModelError(f"{path} has engine format {version}, this version of selfee-rt reads {FORMAT}; {_AGAIN}")
    if length > _LONGEST_HEADER:
        raise ModelError(f"{path} is damaged: its header would have {length} bytes; {_AGAIN}")
    return int(length)


def _header(path: Path, text: bytes) -> EngineHeader:
    try:
        return msgspec.json.decode(text, type=EngineHeader)
    except msgspec.MsgspecError as error:
        raise ModelError(f"the header of {path} cannot be read: {error}; {_AGAIN}") from error
